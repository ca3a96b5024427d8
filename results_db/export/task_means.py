"""Raw scores of every task: means over runs with intervals, and which is best."""

from dataclasses import dataclass

import numpy as np

from results_db.export.best import FOREIGN, not_separated
from results_db.import_format import RAW
from results_db.leaderboard import Leaderboard, Row
from results_db.stats.bootstrap import RESAMPLES, Estimate, percentile_interval
from results_db.stats.metrics import task_means
from results_db.stats.resampling import resampled_times
from results_db.stats.scores import Scores
from results_db.stats.store import stored
from suites.spec import Task

ESTIMATOR = "means by task, the runs of each resampled alone/2"


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
    board: Leaderboard,
    *,
    foreign_intervals: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[TaskRow]:
    """All tasks of the suite, in its order.

    Args:
        foreign_intervals: also of imported runs, of which a method may have thousands;
            no mark rests on them.
    """
    shown = [row for row in board.rows if row.task_scores and _is_raw(row)]
    measured = {row.digest for row in board.rows if row.origin not in FOREIGN}
    means = {
        row.digest: means_over_runs(
            Scores.of(row.task_scores),
            resamples=resamples if foreign_intervals or row.digest in measured else 0,
            seed=seed,
        )
        for row in shown
    }
    rows = []
    for task in board.suite.tasks:
        of_task = {
            method: estimates[task.name]
            for method, estimates in means.items()
            if task.name in estimates
        }
        largest = max((abs(one.value) for one in of_task.values()), default=0.0)
        ranked = {method: one for method, one in of_task.items() if method in measured}
        best = not_separated(ranked, decimals=decimals_for(largest))
        counts = {
            row.digest: len(row.task_scores[task.name])
            for row in shown
            if task.name in row.task_scores
        }
        _add_reported(board, task.name, of_task, counts)
        rows.append(TaskRow(task, of_task, counts, best))
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


def means_over_runs(
    scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Estimate]:
    """Task -> the mean with its percentile bootstrap interval; looked up in the store
    first. A task's interval is the same whatever other tasks are asked for.

    Args:
        scores: one a run; one run alone gives no interval.
        resamples: bootstrap replicates; 0 gives no intervals.
        seed: the same seed gives the same bits.
    """
    values = [float(runs.mean()) for runs in scores.runs]
    ends: list[list[float]] = []
    if resamples:
        terms = {"resamples": resamples, "seed": seed}
        ends = stored(
            ESTIMATOR,
            terms,
            [scores.digest],
            lambda: _intervals(scores, **terms),
            lambda found: [[float(low), float(high)] for low, high in found],
        )
    return {
        task: Estimate(value, *ends[n])
        if ends and scores.runs[n].size > 1
        else Estimate(value, None, None)
        for n, (task, value) in enumerate(zip(scores.tasks, values, strict=True))
    }


def _intervals(scores: Scores, *, resamples: int, seed: int) -> list[list[float]]:
    """Low and high of every task."""
    ends = []
    for task, runs in zip(scores.tasks, scores.runs, strict=True):
        alone = Scores((task,), (runs,))
        chunks = resampled_times([runs.size], resamples=resamples, seed=seed)
        means = np.concatenate([task_means(alone, times) for times in chunks], axis=1)
        low, high = percentile_interval(means)
        ends.append([float(low[0]), float(high[0])])
    return ends
