"""The leaderboard of a suite: its methods, ranked by IQM, with everything that a reader
needs to trust or doubt a row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from results_db.generalisation import Generalisation, generalisation
from results_db.query import (
    FinalScore,
    MethodInfo,
    diverged_runs,
    drifted_runs,
    methods,
    other_measurements,
    suite_scores,
)
from results_db.reported import ReportedSummary
from results_db.stats.bootstrap import (
    ESTIMATOR,
    RESAMPLES,
    Estimate,
    Summary,
    summarise,
)
from results_db.stats.scores import Scores
from suites.spec import Suite

AGGREGATES = ("iqm", "median", "mean", "optimality_gap")


@dataclass(frozen=True)
class Foreign:
    """What is declared of results that Podium did not measure."""

    unit: str
    evaluation: str
    """`final`, `training-window` or `unknown`."""
    citation: str | None
    second_hand: bool = False
    """Read in a work that quotes it."""
    task_means: Mapping[str, float] = field(default_factory=dict)
    """Of a reported row: task -> published mean in `unit`."""


@dataclass(frozen=True)
class Row:
    """One method version on a suite."""

    method: str
    """Its name, with the version where the name alone is not unique."""
    digest: str
    rank: int | None
    """By IQM, 1 is best; None for a method that is not ranked."""
    summary: Summary | ReportedSummary | None
    """None when tasks are missing: aggregates over fewer tasks do not compare."""
    runs: int
    runs_planned: int
    tasks: int
    tasks_total: int
    origin: str
    isolation: str
    tuning: str
    overrides: dict[str, Any]
    wall_seconds: float
    """Of all counted runs together."""
    task_scores: dict[str, tuple[float, ...]]
    """Task -> raw scores of its runs, by seed; of imported runs in their unit."""
    drifted: int = 0
    """Counted runs on a simulator that does not play as recorded."""
    generalisation: Generalisation | None = None
    """None where the suite plays no levels that were trained on, or tasks lack."""
    foreign: Foreign | None = None
    """None for a measured row."""

    @property
    def complete(self) -> bool:
        return self.tasks == self.tasks_total


@dataclass(frozen=True)
class Leaderboard:
    """All rows of a suite, and what was left out."""

    suite: Suite
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def leaderboard(
    session: Session,
    suite: Suite,
    *,
    incomplete: bool = False,
    resamples: int = RESAMPLES,
) -> Leaderboard:
    """Ranks the methods that were measured under this suite's protocol.

    Args:
        incomplete: also rank methods that lack tasks, over the tasks they have. By
            default they stand unranked below, because their aggregates do not compare.
        resamples: of the bootstrap.
    """
    measurement = suite.measurement_hash
    scores = suite_scores(session, suite, suite.scoring.split)
    infos = methods(session, suite.id, measurement)
    labels = _labels(infos.values())
    generalised = generalisation(session, suite, scores)
    drifted = drifted_runs(session, suite.id, measurement)
    by_method: dict[str, list[FinalScore]] = defaultdict(list)
    for score in scores:
        by_method[score.method].append(score)
    rows = [
        replace(
            _row(
                suite,
                info,
                by_method.get(info.digest, []),
                incomplete=incomplete,
                resamples=resamples,
            ),
            method=labels[info.digest],
            drifted=drifted.get(info.digest, 0),
            generalisation=generalised.get(info.digest),
        )
        for info in infos.values()
    ]
    return Leaderboard(
        suite=suite,
        rows=_ranked(rows),
        notes=tuple(_notes(session, suite, rows, incomplete=incomplete)),
    )


def _row(
    suite: Suite,
    info: MethodInfo,
    scores: list[FinalScore],
    *,
    incomplete: bool,
    resamples: int,
) -> Row:
    raw: dict[str, list[float]] = defaultdict(list)
    for score in sorted(scores, key=lambda score: score.seed):
        raw[score.task].append(score.score)
    complete = len(raw) == len(suite.tasks)
    summary = None
    if raw and (complete or incomplete):
        normalised = {
            task: [suite.normalise(suite.task(task), value) for value in values]
            for task, values in raw.items()
        }
        summary = summarise(
            Scores.of(normalised),
            gamma=suite.scoring.optimality_target,
            resamples=resamples,
        )
    return Row(
        method=info.name,
        digest=info.digest,
        rank=None,
        summary=summary,
        runs=len(scores),
        runs_planned=info.planned_runs,
        tasks=len(raw),
        tasks_total=len(suite.tasks),
        origin=_joined(score.origin for score in scores),
        isolation=_joined(score.isolation for score in scores),
        tuning=info.tuning,
        overrides=info.overrides,
        wall_seconds=sum(score.wall_seconds or 0.0 for score in scores),
        task_scores={task: tuple(values) for task, values in raw.items()},
    )


def _ranked(rows: list[Row]) -> tuple[Row, ...]:
    """Best IQM first; what has no IQM below, by name."""
    with_iqm = [row for row in rows if row.summary is not None]
    without = [row for row in rows if row.summary is None]
    with_iqm.sort(key=lambda row: (-_iqm(row), row.method))
    without.sort(key=lambda row: row.method)
    ranked = []
    for row in with_iqm:
        better = sum(_iqm(other) > _iqm(row) for other in with_iqm)
        ranked.append(replace(row, rank=better + 1))
    return (*ranked, *without)


def _iqm(row: Row) -> float:
    assert row.summary is not None
    assert row.summary.iqm is not None
    return row.summary.iqm.value


def _labels(infos: Iterable[MethodInfo]) -> dict[str, str]:
    """Digest -> the name, with the version where two methods share a name."""
    infos = list(infos)
    names = [info.name for info in infos]
    return {
        info.digest: info.name
        if names.count(info.name) == 1
        else f"{info.name}@{info.digest[:7]}"
        for info in infos
    }


def _joined(values: Iterable[str]) -> str:
    return "+".join(sorted(set(values))) or "-"


def _notes(
    session: Session, suite: Suite, rows: list[Row], *, incomplete: bool
) -> Iterable[str]:
    lacking = sorted(row.method for row in rows if not row.complete)
    if lacking and not incomplete:
        yield (
            f"Not ranked, because tasks are missing: {', '.join(lacking)} "
            "(--incomplete ranks them over the tasks they have)."
        )
    if lacking and incomplete:
        yield f"Ranked over fewer tasks than the suite has: {', '.join(lacking)}."
    unfinished = sorted(
        f"{row.method} {row.runs}/{row.runs_planned}"
        for row in rows
        if row.complete and row.runs < row.runs_planned
    )
    if unfinished:
        yield f"Planned runs without a result: {', '.join(unfinished)}."
    warned: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.summary is not None and row.summary.warning:
            warned[row.summary.warning].append(row.method)
    for warning, names in warned.items():
        yield f"{', '.join(sorted(names))}: {warning}."
    diverged = diverged_runs(session, suite.id, suite.measurement_hash)
    for row in rows:
        if row.digest in diverged:
            yield (
                f"{row.method}: {diverged[row.digest]} of {row.runs_planned} runs "
                "diverged; those that can still act are scored as they stand, the "
                "others have no score."
            )
    for row in rows:
        if row.drifted:
            yield (
                f"{row.method}: {row.drifted} of {row.runs_planned} runs on a "
                "simulator that does not play as recorded (--accept-drift)."
            )
    others = other_measurements(session, suite.id, suite.measurement_hash)
    for measurement, count in others.items():
        yield (
            f"{count} planned runs answer to another measurement "
            f"({measurement[:12]}) and are not shown here."
        )


def as_records(board: Leaderboard) -> list[dict[str, Any]]:
    """Flat rows for JSON and CSV; absent numbers are None."""
    return [_record(board.suite, row) for row in board.rows]


def _record(suite: Suite, row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {
        "rank": row.rank,
        "method": row.method,
        "method_digest": row.digest,
        "origin": row.origin,
        "isolation": row.isolation,
        "tuning": row.tuning,
        "runs": row.runs,
        "runs_planned": row.runs_planned,
        "tasks": row.tasks,
        "tasks_total": row.tasks_total,
        "drifted": row.drifted,
    }
    for name in AGGREGATES:
        estimate: Estimate | None = getattr(row.summary, name, None)
        record[name] = estimate and estimate.value
        record[f"{name}_low"] = estimate and estimate.low
        record[f"{name}_high"] = estimate and estimate.high
    found = row.generalisation
    record["training_levels"] = found and found.training_levels
    record["generalisation_gap"] = found and found.gap
    summary = row.summary
    return {
        **record,
        "protocol": suite.id,
        "measurement_hash": suite.measurement_hash,
        "scoring_hash": suite.scoring_hash,
        "normalisation": suite.scoring.label,
        "wall_hours": round(row.wall_seconds / 3600, 4),
        "unit": row.foreign.unit if row.foreign else "raw",
        "evaluation": row.foreign.evaluation if row.foreign else "final",
        "citation": row.foreign and row.foreign.citation,
        "second_hand": row.foreign is not None and row.foreign.second_hand,
        "interval": None if row.origin == "reported" else ESTIMATOR,
        "interval_resamples": summary.resamples if summary else None,
        "interval_seed": summary.seed if summary else None,
        "interval_fewest_runs": summary.fewest_runs if summary else None,
        "data_digest": summary.data_digest if summary else None,
    }
