"""Raw scores of every task: means over runs with intervals, and which is best."""

from dataclasses import dataclass

import numpy as np

from results_db.export.best import FOREIGN, not_separated
from results_db.import_format import RAW
from results_db.leaderboard import Leaderboard, Row
from results_db.stats.bootstrap import CONFIDENCE, RESAMPLES, Estimate
from suites.spec import Task


@dataclass(frozen=True)
class TaskRow:
    """One task: raw means of the methods that have runs of it."""

    task: Task
    means: dict[str, Estimate]
    """Method digest -> mean over runs; no interval where there is one run."""
    runs: dict[str, int]
    """Method digest -> number of runs, where it is known."""
    best: frozenset[str]

    @property
    def decimals(self) -> int:
        """As many as the size of the scores calls for."""
        largest = max((abs(one.value) for one in self.means.values()), default=0.0)
        return decimals_for(largest)


def decimals_for(largest: float) -> int:
    """1 for scores of hundreds, 2 for ones, 3 for fractions."""
    return 1 if largest >= 100 else 2 if largest >= 1 else 3


def task_rows(
    board: Leaderboard, *, resamples: int = RESAMPLES, seed: int = 0
) -> list[TaskRow]:
    """All tasks of the suite, in its order."""
    measured = {row.digest for row in board.rows if row.origin not in FOREIGN}
    rows = []
    for task in board.suite.tasks:
        scores = {
            row.digest: row.task_scores[task.name]
            for row in board.rows
            if row.task_scores.get(task.name) and _is_raw(row)
        }
        means = {
            method: mean_over_runs(values, resamples=resamples, seed=seed)
            for method, values in scores.items()
        }
        largest = max((abs(one.value) for one in means.values()), default=0.0)
        ranked = {method: one for method, one in means.items() if method in measured}
        best = not_separated(ranked, decimals=decimals_for(largest))
        counts = {method: len(values) for method, values in scores.items()}
        _add_reported(board, task.name, means, counts)
        rows.append(TaskRow(task, means, counts, best))
    return rows


def _is_raw(row: Row) -> bool:
    return row.foreign is None or row.foreign.unit == RAW


def _add_reported(
    board: Leaderboard, task: str, means: dict[str, Estimate], counts: dict[str, int]
) -> None:
    """Published means: without intervals, and with as many runs as are stated."""
    for row in board.rows:
        if row.foreign is not None and task in row.foreign.task_means and _is_raw(row):
            means[row.digest] = Estimate(row.foreign.task_means[task], None, None)
            runs = row.foreign.task_runs.get(task)
            if runs is not None:
                counts[row.digest] = runs


def mean_over_runs(
    scores: tuple[float, ...], *, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """The mean with its percentile bootstrap interval, as the aggregates have it.

    Args:
        scores: one a run; one run alone gives no interval.
        resamples: bootstrap replicates.
        seed: the same seed gives the same bits.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.size < 2:
        return Estimate(float(values.mean()), None, None)
    rng = np.random.default_rng(seed)
    draws = rng.integers(values.size, size=(resamples, values.size), dtype=np.int32)
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(values[draws].mean(axis=1), [tail, 100 - tail])
    return Estimate(float(values.mean()), float(low), float(high))
