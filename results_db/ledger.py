"""The runs of a suite as the database has them: their state, their attempts, and all
that is recorded of where their numbers come from."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from results_db.models import AttemptRow, EventRow, MethodRow, RunRow, SubmissionRow


class LedgerRow(NamedTuple):
    """One planned run, whatever became of it."""

    run_id: int
    submission: str
    method: str
    """The name without a version; `digest` tells versions apart."""
    digest: str
    task: str
    seed: int
    state: str
    attempts: int
    origin: str
    started_at: str | None
    ended_at: str | None
    wall_seconds: float | None
    agent_steps: int | None
    error: dict[str, Any] | None
    measurement_hash: str


@dataclass(frozen=True)
class RunRecord:
    """Everything that is recorded of one run."""

    facts: dict[str, Any]
    """Identity, hashes, isolation and counts."""
    config: dict[str, Any]
    provenance: dict[str, Any]
    attempts: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]
    """Of its submission's ledger, what names this run."""


def ledger(session: Session, suite_id: str) -> list[LedgerRow]:
    """All runs of a suite, of every measurement, by submission, task and seed."""
    rows = session.execute(
        select(
            RunRow.id,
            SubmissionRow.name,
            MethodRow.name,
            MethodRow.digest,
            RunRow.task,
            RunRow.seed,
            RunRow.state,
            RunRow.attempts,
            RunRow.origin,
            RunRow.started_at,
            RunRow.ended_at,
            RunRow.wall_seconds,
            RunRow.agent_steps,
            RunRow.error,
            SubmissionRow.measurement_hash,
        )
        .join(SubmissionRow, RunRow.submission_id == SubmissionRow.id)
        .join(MethodRow, SubmissionRow.method_id == MethodRow.id)
        .where(SubmissionRow.suite == suite_id)
        .order_by(SubmissionRow.name, RunRow.task, RunRow.seed)
    )
    return [LedgerRow._make(row) for row in rows]


def run_record(session: Session, run_id: int) -> RunRecord | None:
    """One run; None where it is gone."""
    run = session.get(RunRow, run_id)
    if run is None:
        return None
    submission = run.submission
    attempts = session.scalars(
        select(AttemptRow)
        .where(AttemptRow.run_id == run_id)
        .order_by(AttemptRow.number)
    )
    events = session.scalars(
        select(EventRow)
        .where(
            EventRow.submission_id == run.submission_id,
            EventRow.task == run.task,
            EventRow.seed == run.seed,
        )
        .order_by(EventRow.number)
    )
    return RunRecord(
        facts=_facts(run, submission),
        config=run.config or {},
        provenance=run.provenance or {},
        attempts=tuple(
            {
                "attempt": one.number,
                "outcome": one.outcome,
                "started": one.started_at,
                "ended": one.ended_at,
            }
            for one in attempts
        ),
        events=tuple({"time": one.time, "event": one.event} for one in events),
    )


def _facts(run: RunRow, submission: SubmissionRow) -> dict[str, Any]:
    method = submission.method
    return {
        "submission": submission.name,
        "suite": submission.suite,
        "measurement_hash": submission.measurement_hash,
        "scoring_hash": submission.scoring_hash,
        "method": method.name,
        "agent": method.agent,
        "code_digest": method.code_digest,
        "config_digest": method.config_digest,
        "overrides": method.overrides,
        "tuning": method.tuning,
        "cell": run.cell,
        "task": run.task,
        "seed": run.seed,
        "state": run.state,
        "origin": run.origin,
        "isolation": run.isolation,
        "attempts": run.attempts,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "agent_steps": run.agent_steps,
        "unspent_agent_steps": run.unspent_agent_steps,
        "env_frames": run.env_frames,
        "training_episodes": run.training_episodes,
        "wall_seconds": run.wall_seconds,
        "digest": run.digest,
        "error": run.error,
    }


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested fields as `packages.numpy` -> text, for lists and differences."""
    found: dict[str, str] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found.update(flat(value, f"{name}."))
        else:
            found[name] = "" if value is None else str(value)
    return found


def differences(first: RunRecord, second: RunRecord) -> list[tuple[str, str, str]]:
    """(field, first's value, second's value) of whatever two runs differ in."""
    sides = [
        flat({"run": r.facts, "config": r.config, "provenance": r.provenance})
        for r in (first, second)
    ]
    names = dict.fromkeys([*sides[0], *sides[1]])
    return [
        (name, sides[0].get(name, ""), sides[1].get(name, ""))
        for name in names
        if sides[0].get(name) != sides[1].get(name)
    ]
