"""Run folders -> database: the only writer, idempotent, rebuildable.

Rows are made from files alone, so deleting the database and ingesting again gives the
same rows (tests/results_db/test_ingest.py).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from results_db.database import (
    DatabaseError,
    checkpoint,
    open_for_writing,
    write_session,
)
from results_db.database_errors import database_is_at_fault
from results_db.imports import ingest_imports
from results_db.ingest_rows import (
    StoredRun,
    put_events,
    put_run,
    put_submission,
    stored_name,
    stored_runs,
)
from results_db.outcomes import RESULTS
from results_db.run_facts import installed_suite, read_run
from results_db.run_files import FileDamaged
from results_db.run_spec import SpecError
from results_db.submission_files import (
    BUNDLE_FILE,
    SubmissionFolder,
    bundle_name,
    submissions,
)

INDEXED_FILES = ("spec.json", "attempts.jsonl", "evaluations.jsonl", "done")
"""The files of a run that its rows are made from."""

LEFT_OUT = (SpecError, FileDamaged, KeyError, TypeError, ValueError)
"""What a run's files raise when they are damaged."""


@dataclass
class IngestReport:
    """What an ingest did."""

    submissions: int = 0
    runs: int = 0
    changed: int = 0
    problems: list[str] = field(default_factory=list)
    """Runs and imports that were left out because their files are damaged, one line
    each."""
    lost_results: int = 0
    """Those of them that are done."""
    imports: int = 0
    """Files of others' results."""
    imports_changed: int = 0


def ingest(
    runs: Path, database: str, on_submission: Callable[[str], None] = lambda name: None
) -> IngestReport:
    """Brings the database up to date with a runs folder.

    Raises:
        DatabaseError: the database cannot be used.
    """
    engine = open_for_writing(database)
    try:
        report = IngestReport()
        for folder in submissions(runs):
            on_submission(folder.path.name)
            try:
                ingest_submission(engine, folder, report)
            except DatabaseError:
                raise  # not this submission is at fault
            except Exception as error:
                # One damaged submission must not keep the others out.
                report.problems.append(f"{folder.path}: {_in_short(error)}")
        report.imports, report.imports_changed = ingest_imports(
            engine, runs, report.problems
        )
        checkpoint(engine)
        return report
    finally:
        engine.dispose()


def ingest_submission(
    engine: Engine, folder: SubmissionFolder, report: IngestReport | None = None
) -> IngestReport:
    """Brings one submission up to date, in one transaction.

    Raises:
        DatabaseError: the database cannot be used.
    """
    report = IngestReport() if report is None else report
    try:
        plan = folder.plan
        if plan.submission != folder.path.name:
            raise SpecError(f"{folder.path}: its plan is that of {plan.submission!r}")
        ledger = [_checked_event(row) for row in folder.ledger()]
        bundle = bundle_name(folder.path.parent)
    except (SpecError, FileDamaged, ValueError) as error:
        report.problems.append(f"{folder.path}: {error}")
        return report
    report.submissions += 1
    suite = installed_suite(plan)
    name = stored_name(plan, bundle)
    sources = {
        cell.id: _source_digest(folder.run(cell.task, cell.seed).path)
        for cell in plan.cells
    }
    with write_session(engine) as session:
        stored = stored_runs(session, name)
        another = None if bundle is None else _another_bundle(stored, sources)
        if another is not None:
            report.problems.append(
                f"{folder.path}: results of another bundle named {bundle!r} are in the "
                f"database and stay: this one {another}; give it a name of its own in "
                f"its {BUNDLE_FILE}"
            )
            return report
        submission_id = put_submission(session, plan, name)
        put_events(session, submission_id, ledger)
        known = {run.cell: run.source for run in stored}
        for cell in plan.cells:
            report.runs += 1
            source = sources[cell.id]
            if known.get(cell.id) == source:
                continue
            run = folder.run(cell.task, cell.seed)
            try:
                facts = read_run(run, cell, suite)
                facts.origin = "here" if bundle is None else "bundle"
                with session.begin_nested():
                    put_run(session, submission_id, cell, source, facts)
            except (*LEFT_OUT, SQLAlchemyError) as error:
                if database_is_at_fault(error):
                    raise
                # Its rows stay as they were; the others go on.
                report.lost_results += run.done
                report.problems.append(f"{run.path}: {_in_short(error)}")
                continue
            report.changed += 1
    return report


def _another_bundle(stored: list[StoredRun], sources: dict[str, str]) -> str | None:
    """What shows that a bundle's submission is not the stored one of its name: a bundle
    only grows. None for the stored one, grown or not.

    Args:
        sources: cell -> digest of its files, of all cells that the bundle has.
    """
    for run in stored:
        if run.cell not in sources:
            return f"lacks {run.task} seed {run.seed}"
    for run in stored:
        if run.state in RESULTS and run.source != sources[run.cell]:
            return f"has another {run.task} seed {run.seed}"
    return None


def _in_short(error: Exception) -> str:
    """One line; of a database error the cause without the statement."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, KeyError):
        return f"{cause.args[0]!r} is missing"
    return str(cause)


def _checked_event(row: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError when a ledger line lacks what every line has."""
    for name in ("time", "event"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"ledger.jsonl: a line without {name!r}")
    return row


def _source_digest(folder: Path) -> str:
    total = hashlib.sha256()
    for name in INDEXED_FILES:
        try:
            content = (folder / name).read_bytes()
        except FileNotFoundError:
            continue
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()
