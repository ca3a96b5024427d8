"""Results kept by the digest of what they were made from, so that nobody computes them
twice: JSON files in a cache folder. The key is the data itself, so nothing goes stale,
and every file can be deleted at any time."""

import json
import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from suites.canonical import canonical_json, digest

Result = TypeVar("Result")


def cache_folder() -> Path | None:
    """PODIUM_CACHE, else `podium` in XDG_CACHE_HOME or ~/.cache. None, which keeps
    nothing, where PODIUM_CACHE is empty or there is no home."""
    named = os.environ.get("PODIUM_CACHE")
    if named is not None:
        return Path(named) if named else None
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    return Path(base) / "podium"


def stored(
    estimator: str,
    parameters: Mapping[str, Any],
    data: Sequence[str],
    compute: Callable[[], Any],
    rebuild: Callable[[Any], Result],
) -> Result:
    """The result of `compute`, from the cache where it was computed before.

    A file that is damaged, answers to another question or cannot be rebuilt is computed
    and written anew; where the folder cannot be written, nothing is kept and nothing is
    said.

    Args:
        estimator: what is computed, with the version of its definition.
        parameters: all that it depends on besides the data, e.g. the seed.
        data: digests of the data.
        compute: returns plain JSON data without NaN.
        rebuild: makes the result of that data.
    """
    question = {"estimator": estimator, "parameters": parameters, "data": list(data)}
    folder = cache_folder()
    if folder is None:
        return rebuild(compute())
    key = digest(question)
    path = folder / "statistics" / key[:2] / f"{key}.json"
    found = _read(path, key)
    if found is not None:
        try:
            return rebuild(found)
        except (LookupError, TypeError, ValueError, AttributeError):
            pass  # written by another Podium, or by somebody else
    answer = compute()
    _write(path, {"key": key, "check": digest(answer), "answer": answer})
    return rebuild(answer)


def _read(path: Path, key: str) -> Any:
    """The answer that stands in a file; None where there is none to be trusted."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            document = json.loads(file.read())
        if document["key"] == key and document["check"] == digest(document["answer"]):
            return document["answer"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    return None


def _without_waiting(path: str, flags: int) -> int:
    # A pipe without a writer would be waited for for ever.
    return os.open(path, flags | os.O_NONBLOCK)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Written whole or not at all, also where several processes write at once."""
    text = canonical_json(document)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
