"""What can be asked of the database; every read of Podium goes through it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from results_db.models import (
    EpisodeRow,
    EvaluationRow,
    MethodRow,
    RunRow,
    SubmissionRow,
)
from results_db.outcomes import RESULTS, Outcome
from results_db.run_facts import can_be_averaged
from suites.spec import Suite

IDS_AT_ONCE = 500
"""Databases bound the number of values in a statement."""


class FinalScore(NamedTuple):
    """The raw score of a finished run."""

    method: str
    """The method version's digest."""
    task: str
    seed: int
    score: float
    """Mean return of the final evaluation on the asked split."""
    episodes: int
    origin: str
    isolation: str
    wall_seconds: float | None
    run_id: int


class CurvePoint(NamedTuple):
    """One evaluation along a run."""

    agent_steps: int
    mean_return: float
    training_seconds: float | None
    """None where an older Podium ran."""


class MethodInfo(NamedTuple):
    """A method version and what was planned of it."""

    digest: str
    name: str
    agent: str
    overrides: dict[str, Any]
    tuning: str
    planned_runs: int


PREFERENCE = (
    case((RunRow.origin == "here", 0), else_=1),
    case((RunRow.started_at.is_(None), 1), else_=0),
    RunRow.started_at,
    RunRow.id,
)
"""Which run of a cell counts: what was run here, then the first one; one without a time
last, on every database."""


def final_scores(
    session: Session, suite_id: str, measurement_hash: str, split: str
) -> list[FinalScore]:
    """Scores of every finished run that answers to a measurement.

    A cell that was run twice counts once, by PREFERENCE.
    """
    rows = session.execute(
        select(
            MethodRow.digest,
            RunRow.task,
            RunRow.seed,
            EvaluationRow.mean_return,
            EvaluationRow.episodes,
            RunRow.origin,
            RunRow.isolation,
            RunRow.wall_seconds,
            RunRow.id,
            RunRow.cell,
        )
        .join(SubmissionRow, SubmissionRow.method_id == MethodRow.id)
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .join(EvaluationRow, EvaluationRow.run_id == RunRow.id)
        .where(
            SubmissionRow.suite == suite_id,
            SubmissionRow.measurement_hash == measurement_hash,
            RunRow.state.in_([outcome.value for outcome in RESULTS]),
            EvaluationRow.final.is_(True),
            EvaluationRow.split == split,
        )
        .order_by(*PREFERENCE)
    )
    scores: dict[str, FinalScore] = {}
    for row in rows:
        scores.setdefault(row.cell, FinalScore(*row[:9]))
    return list(scores.values())


def suite_scores(session: Session, suite: Suite, split: str) -> list[FinalScore]:
    """A suite's final scores on a split, by its present measurement.

    What an older Podium let into the database and nothing can be made of is skipped: a
    task that the suite does not have, a score that is not finite.
    """
    tasks = {task.name for task in suite.tasks}
    scores = final_scores(session, suite.id, suite.measurement_hash, split)
    return [s for s in scores if s.task in tasks and can_be_averaged(s.score)]


def methods(
    session: Session, suite_id: str, measurement_hash: str
) -> dict[str, MethodInfo]:
    """Every method version with runs planned under a measurement, by digest.

    A cell that was run twice, e.g. here and in a bundle, is planned once.
    """
    under = (
        SubmissionRow.suite == suite_id,
        SubmissionRow.measurement_hash == measurement_hash,
    )
    planned = (
        select(
            SubmissionRow.method_id, func.sum(SubmissionRow.planned_runs).label("runs")
        )
        .where(*under)
        .group_by(SubmissionRow.method_id)
        .subquery()
    )
    twice = dict(
        session.execute(
            select(
                SubmissionRow.method_id,
                func.count() - func.count(RunRow.cell.distinct()),
            )
            .join(RunRow, RunRow.submission_id == SubmissionRow.id)
            .where(*under)
            .group_by(SubmissionRow.method_id)
        ).all()
    )
    rows = session.execute(
        select(
            MethodRow.digest,
            MethodRow.name,
            MethodRow.agent,
            MethodRow.overrides,
            MethodRow.tuning,
            planned.c.runs,
            MethodRow.id,
        ).join(planned, planned.c.method_id == MethodRow.id)
    )
    return {
        row.digest: MethodInfo(
            digest=row.digest,
            name=row.name,
            agent=row.agent,
            overrides=row.overrides,
            tuning=row.tuning,
            planned_runs=row.runs - twice.get(row.id, 0),
        )
        for row in rows
    }


def planned_cells(
    session: Session, suite_id: str, measurement_hash: str
) -> dict[str, set[tuple[str, int]]]:
    """Method digest -> the (task, seed) that were planned, run or not."""
    rows = session.execute(
        select(MethodRow.digest, RunRow.task, RunRow.seed)
        .join(SubmissionRow, SubmissionRow.method_id == MethodRow.id)
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .where(
            SubmissionRow.suite == suite_id,
            SubmissionRow.measurement_hash == measurement_hash,
        )
    )
    cells: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for method, task, seed in rows:
        cells[method].add((task, seed))
    return cells


def curve_points(
    session: Session, suite_id: str, measurement_hash: str, split: str
) -> dict[int, list[CurvePoint]]:
    """Run id -> its evaluations on a split, by agent steps; of two at the same step the
    final one."""
    rows = session.execute(
        select(
            EvaluationRow.run_id,
            EvaluationRow.agent_steps,
            EvaluationRow.mean_return,
            EvaluationRow.training_seconds,
        )
        .join(RunRow, EvaluationRow.run_id == RunRow.id)
        .join(SubmissionRow, RunRow.submission_id == SubmissionRow.id)
        .where(
            SubmissionRow.suite == suite_id,
            SubmissionRow.measurement_hash == measurement_hash,
            EvaluationRow.split == split,
        )
        .order_by(EvaluationRow.agent_steps, EvaluationRow.final)
    )
    points: dict[int, dict[int, CurvePoint]] = defaultdict(dict)
    for run, steps, value, seconds in rows:
        points[run][steps] = CurvePoint(steps, value, seconds)
    return {run: list(by_steps.values()) for run, by_steps in points.items()}


def final_episodes(
    session: Session, runs: Sequence[int], split: str
) -> dict[int, dict[int, float]]:
    """Run id -> number of the episode -> its return, of the final evaluations."""
    episodes: dict[int, dict[int, float]] = defaultdict(dict)
    for start in range(0, len(runs), IDS_AT_ONCE):
        rows = session.execute(
            select(EvaluationRow.run_id, EpisodeRow.number, EpisodeRow.episode_return)
            .join(EpisodeRow, EpisodeRow.evaluation_id == EvaluationRow.id)
            .where(
                EvaluationRow.run_id.in_(runs[start : start + IDS_AT_ONCE]),
                EvaluationRow.final.is_(True),
                EvaluationRow.split == split,
            )
        )
        for run, number, value in rows:
            episodes[run][number] = value
    return episodes


def diverged_runs(
    session: Session, suite_id: str, measurement_hash: str
) -> dict[str, int]:
    """Method digest -> its counted runs that diverged, with and without a score."""
    diverged = RunRow.state == Outcome.DIVERGED.value
    return _count_runs(session, suite_id, measurement_hash, diverged)


def drifted_runs(
    session: Session, suite_id: str, measurement_hash: str
) -> dict[str, int]:
    """Method digest -> its counted runs whose simulator did not play as recorded."""
    status = RunRow.provenance["fingerprint"]["status"].as_string()
    return _count_runs(session, suite_id, measurement_hash, status == "drifted")


def _count_runs(
    session: Session,
    suite_id: str,
    measurement_hash: str,
    condition: ColumnElement[bool],
) -> dict[str, int]:
    """Of each cell only the run that final_scores keeps; where none has a score, the
    one that comes first."""
    # Asked once for all runs: a subquery for each run took most of a second on 1,000.
    scored = RunRow.id.in_(
        select(EvaluationRow.run_id).where(EvaluationRow.final.is_(True))
    )
    rows = session.execute(
        select(MethodRow.digest, RunRow.cell, case((condition, 1), else_=0))
        .join(SubmissionRow, SubmissionRow.method_id == MethodRow.id)
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .where(
            SubmissionRow.suite == suite_id,
            SubmissionRow.measurement_hash == measurement_hash,
            RunRow.state.in_([outcome.value for outcome in RESULTS]),
        )
        .order_by(case((scored, 0), else_=1), *PREFERENCE)
    )
    counted: dict[str, str | None] = {}
    for method, cell, holds in rows:
        counted.setdefault(cell, method if holds else None)
    return Counter(method for method in counted.values() if method is not None)


def other_measurements(
    session: Session, suite_id: str, measurement_hash: str
) -> dict[str, int]:
    """Measurement hash -> planned runs of a suite that answer to another protocol."""
    rows = session.execute(
        select(SubmissionRow.measurement_hash, func.sum(SubmissionRow.planned_runs))
        .where(
            SubmissionRow.suite == suite_id,
            SubmissionRow.measurement_hash != measurement_hash,
        )
        .group_by(SubmissionRow.measurement_hash)
    )
    return {hash_: int(count) for hash_, count in rows}


def suites_submitted_to(session: Session) -> set[str]:
    """Ids of the suites that have submissions, e.g. `practice@1`."""
    return set(session.scalars(select(SubmissionRow.suite).distinct()))
