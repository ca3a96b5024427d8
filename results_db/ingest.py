"""Run folders -> database: the only writer, idempotent, rebuildable.

Rows are made from files alone, so deleting the database and ingesting again gives the
same rows (tests/results_db/test_ingest.py).
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from results_db.database import (
    DatabaseError,
    checkpoint,
    open_for_writing,
    write_session,
)
from results_db.database_errors import database_is_at_fault
from results_db.models import (
    AttemptRow,
    EpisodeRow,
    EvaluationRow,
    EventRow,
    MethodRow,
    RunRow,
    SubmissionRow,
)
from results_db.outcomes import RESULTS, Outcome
from results_db.run_files import FileDamaged, RunFolder
from results_db.run_spec import Method, SpecError
from results_db.submission_files import (
    Cell,
    Plan,
    SubmissionFolder,
    bundle_name,
    submissions,
)

INDEXED_FILES = ("spec.json", "attempts.jsonl", "evaluations.jsonl", "done")
"""The files of a run that its rows are made from."""


@dataclass
class IngestReport:
    """What an ingest did."""

    submissions: int = 0
    runs: int = 0
    changed: int = 0
    problems: list[str] = field(default_factory=list)
    """Runs that were left out because their files are damaged, one line each."""
    lost_results: int = 0
    """Those of them that are done."""


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
    with write_session(engine) as session:
        submission_id = _put_submission(session, plan, bundle)
        _put_events(session, submission_id, ledger)
        known = _known_sources(session, submission_id)
        for cell in plan.cells:
            report.runs += 1
            run = folder.run(cell.task, cell.seed)
            source = _source_digest(run.path)
            if known.get((cell.task, cell.seed)) == source:
                continue
            try:
                facts = _read_run(run, plan, cell)
                facts.origin = "here" if bundle is None else "bundle"
                with session.begin_nested():
                    _put_run(session, submission_id, cell, source, facts)
            except (
                SpecError,
                FileDamaged,
                KeyError,
                TypeError,
                ValueError,
                SQLAlchemyError,
            ) as error:
                if database_is_at_fault(error):
                    raise
                # Its rows stay as they were; the others go on.
                report.lost_results += run.done
                report.problems.append(f"{run.path}: {_in_short(error)}")
                continue
            report.changed += 1
    return report


@dataclass
class _RunFacts:
    """What the files of one run say, checked."""

    state: str
    attempts: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]
    summary: dict[str, Any]
    config: dict[str, Any] | None
    origin: str = "here"


def _read_run(run: RunFolder, plan: Plan, cell: Cell) -> _RunFacts:
    if not run.exists:
        return _RunFacts("planned", [], [], {}, None)
    if run.spec.cell != cell.id:
        raise SpecError(f"its spec is that of another cell than the planned {cell.id}")
    attempts = run.attempts()
    evaluations = [_checked_evaluation(row) for row in run.rows("evaluations")]
    summary = run.summary() if run.done else {}
    state = "planned"
    if attempts:
        state = attempts[-1]["outcome"] or "started"
    if run.done:
        state = Outcome(summary["outcome"]).value
        if state not in RESULTS:
            raise ValueError(f"`done` says {state!r}, which is no result")
        scored = any(row["final"] for row in evaluations) or summary.get("unscored")
        if not scored:
            raise ValueError("it is done, but has no final evaluation")
    config = None if run.spec.config is None else dict(run.spec.config)
    return _RunFacts(state, attempts, evaluations, summary, config)


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


def _checked_evaluation(row: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError when an evaluation's columns do not belong together."""
    columns = [row[name] for name in ("returns", "lengths", "env_frames", "terminated")]
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"evaluation {row.get('point')}: columns of unequal length")
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


def _put_submission(session: Session, plan: Plan, bundle: str | None) -> int:
    # The same method may have been run here too, under the same name.
    name = plan.submission if bundle is None else f"{bundle}/{plan.submission}"
    values = {
        "suite": plan.suite,
        "measurement_hash": plan.measurement_hash,
        "scoring_hash": plan.scoring_hash,
        "method_id": _put_method(session, plan.method),
        "planned_runs": len(plan.cells),
    }
    row = session.scalar(select(SubmissionRow).where(SubmissionRow.name == name))
    if row is None:
        row = SubmissionRow(name=name, **values)
        session.add(row)
    else:
        for field_name, value in values.items():
            setattr(row, field_name, value)
    session.flush()
    return row.id


def _put_method(session: Session, method: Method) -> int:
    known = session.scalar(
        select(MethodRow.id).where(MethodRow.digest == method.digest)
    )
    if known is not None:
        return known
    row = MethodRow(
        digest=method.digest,
        name=method.name,
        agent=method.agent,
        code_digest=method.code_digest,
        config_digest=method.config_digest,
        overrides=dict(method.overrides),
        tuning=method.tuning,
    )
    session.add(row)
    session.flush()
    return row.id


def _put_events(
    session: Session, submission_id: int, ledger: list[dict[str, Any]]
) -> None:
    stored = session.scalar(
        select(func.count()).where(EventRow.submission_id == submission_id)
    )
    rows = []
    for number, line in enumerate(ledger[stored or 0 :], start=stored or 0):
        details = dict(line)
        rows.append(
            {
                "submission_id": submission_id,
                "number": number,
                "time": details.pop("time"),
                "event": details.pop("event"),
                "task": details.pop("task", None),
                "seed": details.pop("seed", None),
                "details": details,
            }
        )
    if rows:
        session.execute(insert(EventRow), rows)


def _known_sources(session: Session, submission_id: int) -> dict[tuple[str, int], str]:
    rows = session.execute(
        select(RunRow.task, RunRow.seed, RunRow.source_digest).where(
            RunRow.submission_id == submission_id
        )
    )
    return {(task, seed): source for task, seed, source in rows}


def _put_run(
    session: Session, submission_id: int, cell: Cell, source: str, facts: _RunFacts
) -> None:
    last = facts.attempts[-1] if facts.attempts else {}
    summary = facts.summary
    values = {
        "cell": cell.id,
        "state": facts.state,
        "origin": facts.origin,
        "isolation": "none",
        "attempts": len(facts.attempts),
        "started_at": last.get("started_at"),
        "ended_at": last.get("ended_at"),
        "agent_steps": summary.get("agent_steps"),
        "unspent_agent_steps": summary.get("unspent_agent_steps"),
        "env_frames": summary.get("env_frames"),
        "training_episodes": summary.get("episodes"),
        "wall_seconds": summary.get("wall_seconds"),
        "digest": summary.get("digest"),
        "config": facts.config,
        "provenance": last.get("provenance"),
        "error": last.get("error"),
        "source_digest": source,
    }
    row = session.scalar(
        select(RunRow).where(
            RunRow.submission_id == submission_id,
            RunRow.task == cell.task,
            RunRow.seed == cell.seed,
        )
    )
    if row is None:
        row = RunRow(
            submission_id=submission_id, task=cell.task, seed=cell.seed, **values
        )
        session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
        session.execute(delete(AttemptRow).where(AttemptRow.run_id == row.id))
        session.execute(delete(EvaluationRow).where(EvaluationRow.run_id == row.id))
    session.flush()
    _put_attempts(session, row.id, facts.attempts)
    _put_evaluations(session, row.id, facts.evaluations)


def _put_attempts(
    session: Session, run_id: int, attempts: Iterable[dict[str, Any]]
) -> None:
    for attempt in attempts:
        details = {k: v for k, v in attempt.items() if k != "provenance"}
        session.add(
            AttemptRow(
                run_id=run_id,
                number=details.pop("attempt"),
                outcome=details.pop("outcome"),
                started_at=details.pop("started_at", None),
                ended_at=details.pop("ended_at", None),
                details=details,
            )
        )


def _put_evaluations(
    session: Session, run_id: int, evaluations: Iterable[dict[str, Any]]
) -> None:
    for row in evaluations:
        returns = row["returns"]
        evaluation = EvaluationRow(
            run_id=run_id,
            point=row["point"],
            final=row["final"],
            split=row["split"],
            agent_steps=row["agent_steps"],
            episodes=len(returns),
            mean_return=sum(returns) / len(returns),
            wall_seconds=row["wall_seconds"],
        )
        session.add(evaluation)
        session.flush()
        columns = zip(
            returns, row["lengths"], row["env_frames"], row["terminated"], strict=True
        )
        session.execute(
            insert(EpisodeRow),
            [
                {
                    "evaluation_id": evaluation.id,
                    "number": number,
                    "episode_return": value,
                    "length": length,
                    "env_frames": frames,
                    "terminated": terminated,
                }
                for number, (value, length, frames, terminated) in enumerate(columns)
            ],
        )
