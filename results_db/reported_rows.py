"""Published means as rows beside the measured and the imported ones, never ranked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from results_db.foreign import REPORTED, Foreign, told_apart
from results_db.leaderboard import Leaderboard, Row
from results_db.reported import reported_notes, reported_summary
from suites.published import Published, published
from suites.spec import Suite


def with_reported(
    board: Leaderboard, labelled: Mapping[str, Published] | None = None
) -> Leaderboard:
    """A leaderboard with what papers report on its suite.

    A paper's row stands by its IQM; below those, what has means only, by the mean; then
    what has no aggregates because it lacks tasks.

    Args:
        labelled: what to show, of `reported_labels`. Default: all.
    """
    if labelled is None:
        labelled = reported_labels(board.suite, {row.method for row in board.rows})
    tasks = _tasks(board)
    rows = [
        _reported_row(board.suite, label, result, tasks)
        for label, result in labelled.items()
    ]
    return replace(
        board,
        rows=tuple(sorted((*board.rows, *rows), key=_place)),
        notes=(*board.notes, *reported_notes(labelled)),
    )


def reported_labels(suite: Suite, taken: Collection[str]) -> dict[str, Published]:
    """Label -> published result.

    Args:
        taken: labels of the measured and the imported methods.
    """
    return {
        told_apart(result.method, REPORTED, taken): result
        for result in published(suite)
    }


def _tasks(board: Leaderboard) -> list[str]:
    """What the aggregates of the other rows are over."""
    tasks = [task.name for task in board.suite.tasks]
    if board.missing != "common":
        return tasks
    shown = [row.task_scores for row in board.rows if row.task_scores]
    return [task for task in tasks if all(task in scores for scores in shown)]


def _reported_row(
    suite: Suite, label: str, result: Published, tasks: Sequence[str]
) -> Row:
    runs = sum(count or 0 for count in result.runs.values())
    return Row(
        method=label,
        digest=f"{REPORTED}/{result.method}",
        rank=None,
        summary=reported_summary(result, suite, tasks),
        runs=runs,
        runs_planned=runs,
        tasks=len(result.means),
        tasks_total=len(suite.tasks),
        origin=REPORTED,
        isolation="-",
        tuning="-",
        overrides={},
        wall_seconds=0.0,
        task_scores={},
        foreign=Foreign(
            REPORTED,
            result.unit,
            result.evaluation,
            result.citation,
            second_hand=result.second_hand,
            task_means=result.means,
            task_runs=result.runs,
        ),
    )


def _place(row: Row) -> tuple[int, float]:
    """Sorts without moving measured and imported rows among themselves."""
    if row.summary is None:
        return 2, 0.0
    if row.summary.iqm is None:
        return 1, -row.summary.mean.value
    return 0, -row.summary.iqm.value
