"""Rows of others' results on a leaderboard: imported (runs) and reported (means).

They stand by their IQM among the measured rows and are never ranked.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from results_db.imported import ImportedMethod, imported_methods
from results_db.leaderboard import Foreign, Leaderboard, Row
from results_db.reported import (
    reported_notes,
    reported_results,
    reported_summary,
)
from results_db.stats.bootstrap import RESAMPLES, summarise
from results_db.stats.scores import Scores
from suites.published import Published
from suites.spec import Suite

T = TypeVar("T")


def with_foreign(
    board: Leaderboard,
    session: Session,
    *,
    reported: bool = True,
    incomplete: bool = False,
    resamples: int = RESAMPLES,
) -> Leaderboard:
    """A leaderboard with what was imported for its suite and, if asked, reported.

    Args:
        board: of measured rows.
        incomplete: aggregates also for what lacks tasks, over the tasks there are.
    """
    suite = board.suite
    taken = {row.method for row in board.rows}
    imported = imported_labels(session, suite, taken)
    published = reported_labels(suite, {*taken, *imported}) if reported else {}
    rows = [
        _imported_row(suite, label, method, incomplete=incomplete, resamples=resamples)
        for label, method in imported.items()
    ]
    rows += [
        _reported_row(suite, label, result, incomplete=incomplete)
        for label, result in published.items()
    ]
    notes = [*_imported_notes(imported, rows), *reported_notes(published)]
    return replace(
        board, rows=_placed([*board.rows, *rows]), notes=(*board.notes, *notes)
    )


def imported_labels(
    session: Session, suite: Suite, taken: set[str]
) -> dict[str, ImportedMethod]:
    """Label -> imported method; a name that a measured row has is told apart.

    Args:
        taken: labels of the measured rows.
    """
    methods = imported_methods(session, suite)
    return _labelled({m.name: m for m in methods}, "imported", taken)


def reported_labels(suite: Suite, taken: set[str]) -> dict[str, Published]:
    """Label -> published result.

    Args:
        taken: labels of the measured and the imported rows.
    """
    return _labelled(reported_results(suite), "reported", taken)


def _labelled(named: dict[str, T], origin: str, taken: set[str]) -> dict[str, T]:
    labels = {}
    for name, value in named.items():
        label = name
        while label in taken or label in labels:
            label = f"{label} ({origin})"
        labels[label] = value
    return labels


def _imported_row(
    suite: Suite,
    label: str,
    method: ImportedMethod,
    *,
    incomplete: bool,
    resamples: int,
) -> Row:
    summary = None
    if incomplete or len(method.scores) == len(suite.tasks):
        summary = summarise(
            Scores.of(method.normalised(suite)),
            gamma=suite.scoring.optimality_target,
            resamples=resamples,
        )
    runs = sum(map(len, method.scores.values()))
    row = _row(suite, label, "imported", len(method.scores), runs)
    return replace(
        row,
        digest=method.digest,
        summary=summary,
        task_scores=method.scores,
        foreign=Foreign(method.unit, method.evaluation, method.citation),
    )


def _reported_row(
    suite: Suite, label: str, result: Published, *, incomplete: bool
) -> Row:
    complete = len(result.means) == len(suite.tasks)
    runs = sum(count or 0 for count in result.runs.values())
    row = _row(suite, label, "reported", len(result.means), runs)
    return replace(
        row,
        digest=f"reported/{result.method}",
        summary=reported_summary(result, suite) if complete or incomplete else None,
        foreign=Foreign(
            result.unit,
            result.evaluation,
            result.citation,
            second_hand=result.second_hand,
            task_means=result.means,
        ),
    )


def _row(suite: Suite, label: str, origin: str, tasks: int, runs: int) -> Row:
    """A row in which nothing is measured by Podium."""
    return Row(
        method=label,
        digest=label,
        rank=None,
        summary=None,
        runs=runs,
        runs_planned=runs,
        tasks=tasks,
        tasks_total=len(suite.tasks),
        origin=origin,
        isolation="-",
        tuning="-",
        overrides={},
        wall_seconds=0.0,
        task_scores={},
    )


def _placed(rows: list[Row]) -> tuple[Row, ...]:
    """By IQM; below, what has means only, by mean; then the rest as it stands."""
    return tuple(sorted(rows, key=_place))


def _place(row: Row) -> tuple[int, float, int]:
    origin = ("imported", "reported").index(row.origin) + 1 if row.foreign else 0
    if row.summary is None:
        return 2, 0.0, 0
    if row.summary.iqm is None:
        return 1, -row.summary.mean.value, origin
    return 0, -row.summary.iqm.value, origin


def _imported_notes(
    imported: dict[str, ImportedMethod], rows: list[Row]
) -> Iterable[str]:
    same: dict[str, list[str]] = {}
    for label, method in imported.items():
        same.setdefault(method.note, []).append(label)
    for note, labels in same.items():
        yield f"Imported, never ranked: {', '.join(labels)}, {note}."
    for row in rows:
        if row.summary is not None and row.summary.warning:
            yield f"{row.method}: {row.summary.warning}."
