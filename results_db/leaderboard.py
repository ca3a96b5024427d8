"""The leaderboard of a suite: its methods, ranked by IQM, with everything that a reader
needs to trust or doubt a row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from results_db.foreign import Foreign
from results_db.generalisation import Generalisation, generalisation
from results_db.imported import imported_notes, outdated_imports
from results_db.method_data import MethodData, load_methods
from results_db.missing import Comparable, Missing, comparable, policy_sentences
from results_db.query import diverged_runs, drifted_runs, other_measurements
from results_db.reported import ReportedSummary
from results_db.stats import stored
from results_db.stats.bootstrap import ESTIMATOR, RESAMPLES, Estimate, Summary
from results_db.stats.metrics import AGGREGATES
from suites.spec import Suite

MEASURED = ("here", "bundle")
"""Origins whose runs went through the harness; only they are ranked."""


@dataclass(frozen=True)
class Row:
    """One method version on a suite."""

    method: str
    """Its name, with the version where the name alone is not unique."""
    digest: str
    rank: int | None
    """By IQM, 1 is best; None for a method that is not ranked."""
    summary: Summary | ReportedSummary | None
    """None for a method that does not compare with the others (see `missing`)."""
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
    rank_set: tuple[int, int] | None = None
    """The best and the worst rank that the intervals leave open."""
    filled: int = 0
    """Missing runs that count as random in the summary."""
    foreign: Foreign | None = None
    """None for a measured row."""

    @property
    def complete(self) -> bool:
        return self.tasks == self.tasks_total

    @property
    def measured(self) -> bool:
        """Whether all its runs went through the harness."""
        return set(self.origin.split("+")) <= set(MEASURED)


@dataclass(frozen=True)
class Leaderboard:
    """All rows of a suite, and what was left out."""

    suite: Suite
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    missing: Missing = "refuse"


def leaderboard(
    session: Session,
    suite: Suite,
    *,
    missing: Missing = "refuse",
    only: Collection[str] | None = None,
    resamples: int = RESAMPLES,
) -> Leaderboard:
    """Ranks the methods that were measured under this suite's protocol.

    Args:
        missing: what is done with methods that lack runs (`missing.comparable`). By
            default they stand unranked below, because their aggregates do not compare.
        only: names of the methods to show; ranks are among them. Default: all.
        resamples: of the bootstrap.
    """
    methods = load_methods(session, suite)
    if only is not None:
        methods = {name: one for name, one in methods.items() if name in only}
    found = comparable(suite, methods, missing)
    finals = [final for method in methods.values() for final in method.finals]
    generalised = generalisation(session, suite, finals, resamples=resamples)
    drifted = drifted_runs(session, suite.id, suite.measurement_hash)
    rows = [
        replace(
            _row(suite, method, found, resamples=resamples),
            drifted=drifted.get(method.info.digest, 0),
            generalisation=generalised.get(method.info.digest),
        )
        for method in methods.values()
    ]
    return Leaderboard(
        suite=suite,
        rows=_ranked(rows, suite, found, resamples=resamples),
        notes=tuple(_notes(session, suite, rows, found, methods)),
        missing=missing,
    )


def _row(suite: Suite, method: MethodData, found: Comparable, *, resamples: int) -> Row:
    summary = None
    if method.label in found.scores:
        summary = stored.summarise(
            found.scores[method.label],
            gamma=suite.scoring.optimality_target,
            resamples=resamples,
        )
    return Row(
        method=method.label,
        digest=method.info.digest,
        rank=None,
        summary=summary,
        runs=len(method.finals),
        runs_planned=method.info.planned_runs,
        tasks=len(method.raw),
        tasks_total=len(suite.tasks),
        origin=_joined(final.origin for final in method.finals),
        isolation=_joined(final.isolation for final in method.finals),
        tuning=method.info.tuning,
        overrides=method.info.overrides,
        wall_seconds=sum(final.wall_seconds or 0.0 for final in method.finals),
        task_scores=method.raw,
        filled=found.filled.get(method.label, 0),
        foreign=method.foreign,
    )


def _ranked(
    rows: list[Row], suite: Suite, found: Comparable, *, resamples: int
) -> tuple[Row, ...]:
    """Best IQM first, what was measured with its rank and the ranks that its interval
    leaves open; what has no IQM below, by name."""
    with_iqm = [row for row in rows if row.summary is not None]
    without = [row for row in rows if row.summary is None]
    with_iqm.sort(key=lambda row: (-_iqm(row), row.method))
    without.sort(key=lambda row: row.method)
    measured = [row for row in with_iqm if row.measured]
    sets = stored.rank_sets(
        {name: found.scores[name] for name in sorted(row.method for row in measured)},
        gamma=suite.scoring.optimality_target,
        resamples=resamples,
    )
    ranks = {
        row.method: 1 + sum(_iqm(other) > _iqm(row) for other in measured)
        for row in measured
    }
    with_ranks = [
        replace(row, rank=ranks.get(row.method), rank_set=sets.get(row.method))
        for row in with_iqm
    ]
    return (*with_ranks, *without)


def _iqm(row: Row) -> float:
    assert row.summary is not None
    assert row.summary.iqm is not None
    return row.summary.iqm.value


def _joined(values: Iterable[str]) -> str:
    return "+".join(sorted(set(values))) or "-"


def _notes(
    session: Session,
    suite: Suite,
    rows: list[Row],
    found: Comparable,
    methods: Mapping[str, MethodData],
) -> Iterable[str]:
    yield from policy_sentences(found, suite, methods.values())
    unfinished = sorted(
        f"{row.method} {row.runs}/{row.runs_planned}"
        for row in rows
        if row.complete and row.runs < row.runs_planned
    )
    if unfinished:
        yield f"Planned runs without a result: {', '.join(unfinished)}."
    for row in rows:
        if row.overrides:
            settings = (f"{key}={value}" for key, value in row.overrides.items())
            yield f"{row.method}: run with {', '.join(settings)}."
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
    foreign = {row.method: row.foreign for row in rows if row.foreign is not None}
    yield from imported_notes(foreign)
    if outdated := outdated_imports(session, suite):
        yield (
            f"Imports left out: {', '.join(outdated)}; their scores were normalised by "
            f"constants that {suite.id} no longer has. Import the raw returns."
        )


def as_records(board: Leaderboard) -> list[dict[str, Any]]:
    """Flat rows for JSON and CSV; absent numbers are None."""
    return [_record(board, row) for row in board.rows]


def _record(board: Leaderboard, row: Row) -> dict[str, Any]:
    suite = board.suite
    record: dict[str, Any] = {
        "rank": row.rank,
        "rank_low": row.rank_set and row.rank_set[0],
        "rank_high": row.rank_set and row.rank_set[1],
        "method": row.method,
        "method_digest": row.digest,
        "origin": row.origin,
        "isolation": row.isolation,
        "tuning": row.tuning,
        "runs": row.runs,
        "runs_planned": row.runs_planned,
        "tasks": row.tasks,
        "tasks_total": row.tasks_total,
        "filled": row.filled,
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
    record["generalisation_gap_low"] = found and found.low
    record["generalisation_gap_high"] = found and found.high
    summary = row.summary
    return {
        **record,
        "protocol": suite.id,
        "measurement_hash": suite.measurement_hash,
        "scoring_hash": suite.scoring_hash,
        "normalisation": suite.scoring.label,
        "missing": board.missing,
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
