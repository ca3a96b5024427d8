"""The rows that an ingest writes: submissions, methods, events, runs, evaluations."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from results_db.models import (
    AttemptRow,
    EpisodeRow,
    EvaluationRow,
    EventRow,
    MethodRow,
    RunRow,
    SubmissionRow,
)
from results_db.run_facts import RunFacts
from results_db.run_spec import Method
from results_db.submission_files import Cell, Plan


class StoredRun(NamedTuple):
    """A run's row as far as ingest compares it with the files."""

    task: str
    seed: int
    cell: str
    state: str
    source: str
    """Digest of the files that the row was made from."""


def stored_name(plan: Plan, bundle: str | None) -> str:
    """What a submission is called in the database.

    Args:
        bundle: the name of the bundle it came in, None for this machine's.
    """
    # The same method may have been run here too, under the same name.
    return plan.submission if bundle is None else f"{bundle}/{plan.submission}"


def stored_runs(session: Session, name: str) -> list[StoredRun]:
    """The runs that stand in the database for a submission."""
    rows = session.execute(
        select(
            RunRow.task, RunRow.seed, RunRow.cell, RunRow.state, RunRow.source_digest
        )
        .join(SubmissionRow, RunRow.submission_id == SubmissionRow.id)
        .where(SubmissionRow.name == name)
        .order_by(RunRow.task, RunRow.seed)
    )
    return [StoredRun(*row) for row in rows]


def put_submission(session: Session, plan: Plan, name: str) -> int:
    """Writes a submission's row and its method's; returns the row's id."""
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


def put_events(
    session: Session, submission_id: int, ledger: list[dict[str, Any]]
) -> None:
    """Appends the ledger's lines that are not there yet."""
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


def put_run(
    session: Session, submission_id: int, cell: Cell, source: str, facts: RunFacts
) -> None:
    """Writes a run's row, attempts and evaluations, in place of older ones."""
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
            training_seconds=row.get("training_seconds"),
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
