"""Imports: a file from elsewhere -> runs/imports -> database."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from results_db.database import (
    checkpoint,
    open_for_writing,
    read_session,
    write_session,
)
from results_db.database_errors import database_is_at_fault
from results_db.export.escape import visible
from results_db.import_files import (
    Declared,
    KeptImport,
    checked_declaration,
    import_path,
    keep,
    kept_imports,
    read_import,
)
from results_db.import_format import (
    RAW,
    BadImport,
    ImportedData,
    checked_name,
    known_unit,
)
from results_db.import_read import parse, read_bytes
from results_db.import_rows import names_taken, put_import, stored_import
from results_db.locks import one_at_a_time
from results_db.models import ImportRow
from results_db.run_files import utc_now
from suites.spec import Suite


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    path: Path
    """Where the file is kept."""
    data: ImportedData
    unit: str
    imported_at: str
    new: bool
    """False when the same file was there already."""


def import_file(
    file: Path,
    suite: Suite,
    *,
    runs: Path,
    database: str,
    unit: str | None = None,
    evaluation: str | None = None,
    citation: str | None = None,
    method: str | None = None,
) -> ImportReport:
    """Takes a file whole or not at all; the same file again changes nothing.

    Args:
        file: the documented CSV or a DreamerV3 score file (import_format.py).
        unit: `raw` or the suite's own normalisation; None is `raw`, or what was
            declared before.
        evaluation: one of EVALUATIONS; None is `unknown`, or what was declared before.
        citation: what to cite for it.
        method: a name instead of the file's only one.

    Raises:
        BadImport: what is wrong with the file, or with its name beside other imports.
        DatabaseError: the database cannot be used.
        OSError: the runs folder cannot be written.
    """
    content = read_bytes(file)
    declared = Declared(
        suite=suite.id,
        scoring_hash=suite.scoring_hash,
        unit=RAW if unit is None else known_unit(unit, suite),
        evaluation=evaluation or "unknown",
        citation=citation,
        method=None if method is None else checked_name(method, "--method"),
        file_name=visible(file.name),
        sha256=hashlib.sha256(content).hexdigest(),
        imported_at=utc_now(),
    )
    checked_declaration(declared)
    if unit is None and (path := import_path(runs, declared)).exists():
        declared = replace(declared, unit=_read_kept(path).declared.unit)
    data = parse(content, suite, unit=declared.unit, method=method)
    asked = {
        "unit": None if unit is None else declared.unit,
        "evaluation": evaluation or None,
        "citation": citation,
    }
    engine = open_for_writing(database)
    try:
        path, new = _keep(engine, runs, declared, data, content)
        kept = _read_kept(path)
        _refuse_other(kept.declared, asked, f"{path} and the database")
        _put(engine, kept)
        checkpoint(engine)
    finally:
        engine.dispose()
    return ImportReport(path, data, declared.unit, kept.declared.imported_at, new)


def _keep(
    engine: Engine, runs: Path, declared: Declared, data: ImportedData, content: bytes
) -> tuple[Path, bool]:
    """Where the file is kept, and whether it is new there; one import at a time.

    Raises:
        BadImport: a name stands for other data, or the database has the file from
            another runs folder with another declaration.
    """
    path = import_path(runs, declared)
    path.parent.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(path.parent / "lock"):
        if path.exists():
            return path, False
        with read_session(engine) as session:
            _refuse_other_row(stored_import(session, declared), declared)
        _refuse_taken_names(engine, runs, declared, data)
        return keep(runs, declared, content), True


def ingest_imports(engine: Engine, runs: Path, problems: list[str]) -> tuple[int, int]:
    """Brings the database up to date with the imports of a runs folder.

    Args:
        problems: gets a line for each import that is left out.

    Returns:
        How many imports there are, and how many are new or changed.

    Raises:
        DatabaseError: the database cannot be used.
    """
    found = changed = 0
    for path, kept in kept_imports(runs):
        if isinstance(kept, BadImport):
            problems.append(f"{path}: {kept}")
            continue
        try:
            changed += _put(engine, kept)
        except (BadImport, SQLAlchemyError) as error:
            if isinstance(error, SQLAlchemyError) and database_is_at_fault(error):
                raise
            problems.append(f"{path}: {getattr(error, 'orig', None) or error}")
            continue
        found += 1
    return found, changed


def _put(engine: Engine, kept: KeptImport) -> bool:
    """Writes an import's rows; False when they stand already.

    Raises:
        BadImport: a name stands for other data, or the file came from another runs
            folder with another declaration.
    """
    with write_session(engine) as session:
        row = stored_import(session, kept.declared)
        if row is not None and row.source_digest == kept.source_digest:
            return False
        # With the same time it is the same folder, mended by hand.
        if row is not None and row.imported_at != kept.declared.imported_at:
            _refuse_other_row(row, kept.declared)
            if row.unit == RAW or row.scoring_hash == kept.declared.scoring_hash:
                return False
        data = kept.data()
        taken = names_taken(session, kept.declared)
        for name in data.methods:
            if name in taken:
                raise _taken(name, kept.declared.suite, taken[name])
        put_import(session, kept.declared, kept.source_digest, data)
    return True


def _refuse_taken_names(
    engine: Engine, runs: Path, declared: Declared, data: ImportedData
) -> None:
    """Raises BadImport when a method's name stands for other data already, in the
    database or in a file that was not ingested yet."""
    with read_session(engine) as session:
        taken = names_taken(session, declared)
        others = [
            other
            for _, other in kept_imports(runs)
            if isinstance(other, KeptImport)
            and other.declared.suite == declared.suite
            and stored_import(session, other.declared) is None
        ]
    for other in others:
        for name in other.data().methods:
            taken.setdefault(name, other.declared.file_name)
    for name in data.methods:
        if name in taken:
            raise _taken(name, declared.suite, taken[name])


def _taken(name: str, suite: str, file_name: str) -> BadImport:
    return BadImport(
        f"{name!r} stands for other data on {suite} already, imported from "
        f"{file_name!r}: give this one another name (--method, or in the file)"
    )


def _refuse_other(kept: Declared, asked: dict[str, str | None], places: str) -> None:
    """Raises BadImport where something else is asked for than was declared.

    Args:
        asked: option -> its value, None where it was not given.
        places: what to remove to declare the file anew.
    """
    for option, new in asked.items():
        old = getattr(kept, option)
        if new is not None and old != new:
            raise BadImport(
                f"this file was imported with --{option} {old!r}, and {new!r} is asked "
                f"for now. To declare it anew, remove {places}, run `podium ingest` "
                "and import it again"
            )


def _refuse_other_row(row: ImportRow | None, declared: Declared) -> None:
    """Raises BadImport where the database has the file with another declaration."""
    if row is None:
        return
    for option in ("unit", "evaluation", "citation"):
        old, new = getattr(row, option), getattr(declared, option)
        if old != new:
            raise BadImport(
                f"the database has this file from another runs folder, imported with "
                f"--{option} {old!r}, here it is {new!r}: declare it as there, or use "
                "another database (--db)"
            )


def _read_kept(path: Path) -> KeptImport:
    try:
        return read_import(path)
    except BadImport as error:
        raise BadImport(
            f"{path} is damaged ({error}): remove it and import the file again"
        ) from error
