"""Where imported files are kept, so that a rebuilt database has them:

    runs/imports/<12 digits of the identity>/import.json     what was declared
                                             scores.csv      the file as it came
                                             (or .json, and .gz behind either)

A folder is written whole or not at all, and never changed.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from results_db.import_format import EVALUATIONS, BadImport, ImportedData, known_unit
from results_db.import_read import parse, read_bytes, stored_name
from results_db.run_spec import FORMAT
from suites.canonical import digest
from suites.registry import load_suite
from suites.spec import Suite

FOLDER = "imports"
DECLARATION = "import.json"
LONGEST_TEXT = 1000
"""Characters of a citation, and of every other text that is declared."""


@dataclass(frozen=True)
class Declared:
    """What an import says of its file."""

    suite: str
    """The suite's id."""
    scoring_hash: str
    unit: str
    evaluation: str
    citation: str | None
    method: str | None
    """A name instead of the file's only one."""
    file_name: str
    """What the file was called; a text, never a path to anything."""
    sha256: str
    imported_at: str

    @property
    def digest(self) -> str:
        """The import's identity: the suite, the file and the name given."""
        return digest([self.suite, self.sha256, self.method])


@dataclass(frozen=True)
class KeptImport:
    """A folder among the imports, read and checked."""

    declared: Declared
    content: bytes
    source_digest: str
    """Of both files: equal means nothing to do."""

    def data(self) -> ImportedData:
        """Its runs. Raises BadImport."""
        declared = self.declared
        suite = load_suite(declared.suite)
        return parse(self.content, suite, unit=declared.unit, method=declared.method)


def import_path(runs: Path, declared: Declared) -> Path:
    return runs / FOLDER / declared.digest[:12]


def keep(runs: Path, declared: Declared, content: bytes) -> Path:
    """Writes an import's folder, whole or not at all. Raises OSError."""
    path = import_path(runs, declared)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.writing")
    try:
        unfinished.mkdir(parents=True)
        (unfinished / stored_name(content)).write_bytes(content)
        document = {"format": FORMAT, "digest": declared.digest, **asdict(declared)}
        (unfinished / DECLARATION).write_text(json.dumps(document, indent=1) + "\n")
        unfinished.rename(path)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return path


def kept_imports(runs: Path) -> Iterator[tuple[Path, KeptImport | BadImport]]:
    """Every import below a runs folder, in the order of their times; a damaged one as
    its error, before the others."""
    folder = runs / FOLDER
    if folder.is_symlink():
        yield folder, BadImport("it is a link, and imports lie within the runs folder")
        return
    found = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if not re.fullmatch(r"[0-9a-f]{12}", path.name):
            continue
        try:
            found.append((path, read_import(path)))
        except BadImport as error:
            yield path, error
    yield from sorted(found, key=lambda pair: (pair[1].declared.imported_at, pair[0]))


def read_import(path: Path) -> KeptImport:
    """Reads an import's folder; nothing in it is trusted.

    Raises:
        BadImport: damaged, changed, or of a suite that this Podium does not have.
    """
    if path.is_symlink():
        raise BadImport("it is a link, and imports lie within the runs folder")
    declaration = read_bytes(path / DECLARATION, follow=False)
    declared = _declared(declaration)
    names = sorted(path.glob("scores.*"))
    if len(names) != 1:
        raise BadImport(f"one file of scores must be there (got {len(names)})")
    content = read_bytes(names[0], follow=False)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != declared.sha256 or declared.digest[:12] != path.name:
        raise BadImport(f"its scores are not those that {DECLARATION} names")
    source = hashlib.sha256(declaration).hexdigest()
    return KeptImport(declared, content, digest([source, sha256]))


def _declared(content: bytes) -> Declared:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadImport(f"{DECLARATION} is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadImport(f"{DECLARATION} is no import of format {FORMAT}")
    values: dict[str, Any] = {}
    for field in fields(Declared):
        value = document.get(field.name)
        absent = value is None and field.name in ("citation", "method")
        if not absent and not isinstance(value, str):
            raise BadImport(f"{DECLARATION}: {field.name} is wrong (got {value!r:.80})")
        values[field.name] = value
    declared = Declared(**values)
    checked_declaration(declared)
    return declared


def checked_declaration(declared: Declared) -> Suite:
    """The suite of a declaration that can be true; what is kept has passed it.

    Raises:
        BadImport: an unknown suite, unit, or kind of evaluation; a text that is too
            long or hides something.
    """
    for name, text in asdict(declared).items():
        if text is not None and len(text) > LONGEST_TEXT:
            raise BadImport(
                f"{name} has {len(text):,} characters; at most {LONGEST_TEXT:,} are "
                "taken"
            )
    try:
        suite = load_suite(declared.suite)
    except KeyError as error:
        raise BadImport(str(error.args[0])) from error
    if suite.id != declared.suite:
        raise BadImport(f"{declared.suite!r:.80} is no suite's id")
    if known_unit(declared.unit, suite) != declared.unit:
        raise BadImport(f"unit {declared.unit!r:.80} is not as the suite calls it")
    if declared.evaluation not in EVALUATIONS:
        raise BadImport(f"{declared.evaluation!r:.80} is no kind of evaluation")
    for text in (declared.citation or "", declared.file_name, declared.imported_at):
        if not text.isprintable():
            raise BadImport(f"control or invisible characters in {text!r:.80}")
    if declared.unit != "raw" and declared.scoring_hash != suite.scoring_hash:
        raise BadImport(
            f"its scores are {declared.unit} by constants that {suite.id} no longer "
            "has; import raw returns"
        )
    return suite
