"""What a run is before it runs: its cell, its method, the hashes it answers to.

A cell (protocol x method x task x seed) is the identity of a run, the same on every
machine. Where and how it is executed (device, threads) is not part of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from suites.canonical import digest

FORMAT = 1

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
"""Names that become folder names."""


class SpecError(ValueError):
    """A spec or plan file does not hold what it must."""


@dataclass(frozen=True)
class Method:
    """An agent with a configuration; a changed agent is another method version."""

    name: str
    """As shown; any text."""
    agent: str
    """How it is loaded: `module:Class`, `file.py:Class` or an entry point's name."""
    code_digest: str
    """SHA-256 over the agent's own loaded source."""
    overrides: Mapping[str, Any]
    """What `--set` changed."""
    tuning: str
    """Declared: `none`, `per-suite` or `per-task`."""

    @cached_property
    def config_digest(self) -> str:
        return digest(dict(self.overrides))

    @cached_property
    def digest(self) -> str:
        """The method version: name, code, configuration and declared tuning."""
        return digest([self.name, self.code_digest, self.config_digest, self.tuning])


@dataclass(frozen=True)
class RunSpec:
    """One cell of a submission, ready to run anywhere."""

    submission: str
    suite: str
    """The suite's id, e.g. `atari100k@1`."""
    task: str
    seed: int
    method: Method
    config: Mapping[str, Any] | None
    """The full configuration for this task; None when the agent could not be asked."""
    measurement_hash: str
    scoring_hash: str
    video: bool = False
    """Record the first episode of the final evaluation; no part of the cell."""

    @cached_property
    def cell(self) -> str:
        """Identity of the run (64 hexadecimal digits)."""
        return cell_id(self.measurement_hash, self.method, self.task, self.seed)

    @property
    def folder_name(self) -> str:
        return f"{self.task}-s{self.seed}"

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "cell": self.cell, **asdict(self)}


def cell_id(measurement_hash: str, method: Method, task: str, seed: int) -> str:
    """protocol x method x task x seed, as one digest."""
    return digest([measurement_hash, method.digest, task, seed])


def submission_name(suite_id: str, measurement_hash: str, method: Method) -> str:
    """The folder that this method's runs on this protocol share, on every machine."""
    slug = re.sub(r"[^a-z0-9.]+", "-", method.name.lower()).strip("-.")[:40] or "method"
    return f"{suite_id}-{slug}-{digest([measurement_hash, method.digest])[:8]}"


def read_spec(path: Path) -> RunSpec:
    """Reads and checks a spec file; nothing in it is trusted.

    Raises:
        SpecError: not a spec, a value of the wrong type, a name that could leave the
            runs folder, or a cell id that does not belong to the rest.
    """
    document = read_json(path, "run spec")
    spec = spec_from_json(document, str(path))
    if document.get("cell") != spec.cell:
        raise SpecError(
            f"{path}: the cell id is not that of its contents: the file was changed"
        )
    return spec


def read_json(path: Path, kind: str) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
        SpecError: absent, unreadable, not JSON, or not an object of this format.
    """
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SpecError(f"{path} is not a {kind}: {error}") from error
    if not isinstance(document, dict):
        raise SpecError(f"{path} is not a {kind}: not a JSON object")
    if document.get("format") != FORMAT:
        raise SpecError(
            f"{path}: {kind} format {document.get('format')!r} is not {FORMAT}; "
            "was it written by a newer Podium?"
        )
    return document


def method_from_json(document: Any, where: str) -> Method:
    """Checks and builds a method. Raises SpecError."""
    fields: dict[str, type] = {
        "name": str,
        "agent": str,
        "code_digest": str,
        "overrides": dict,
        "tuning": str,
    }
    return Method(**_typed(document, fields, where))


def spec_from_json(document: dict[str, Any], where: str) -> RunSpec:
    """Checks and builds a spec. Raises SpecError."""
    fields: dict[str, type] = {
        "submission": str,
        "suite": str,
        "task": str,
        "seed": int,
        "measurement_hash": str,
        "scoring_hash": str,
    }
    values = _typed(document, fields, where)
    for name in ("submission", "suite", "task"):
        if not SAFE_NAME.fullmatch(values[name]):
            raise SpecError(f"{where}: {name} {values[name]!r} is no plain name")
    if values["seed"] < 0:
        raise SpecError(f"{where}: seed must be 0 or more (got {values['seed']})")
    config = document.get("config")
    if config is not None and not isinstance(config, dict):
        raise SpecError(f"{where}: config must be an object (got {config!r})")
    video = document.get("video", False)
    if not isinstance(video, bool):
        raise SpecError(f"{where}: video must be true or false (got {video!r})")
    method = method_from_json(document.get("method"), where)
    return RunSpec(**values, method=method, config=config, video=video)


def _typed(document: Any, fields: dict[str, type], where: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise SpecError(f"{where}: an object is missing (got {document!r})")
    for name, kind in fields.items():
        value = document.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise SpecError(f"{where}: {name} must be {kind.__name__} (got {value!r})")
    return {name: document[name] for name in fields}
