"""IQM, median, mean and optimality gap, for the data and for many resamples at once.

On rectangles they equal rliable 1.2.0 (tests/results_db/stats/test_metrics.py).
"""

from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from results_db.stats.scores import Floats, Scores

Indices = NDArray[np.int64]


class Aggregates(NamedTuple):
    """The four aggregates, each [resamples] or [1]."""

    iqm: Floats
    """Interquartile mean over all runs, tasks weighing equally."""
    median: Floats
    """Median over tasks of the mean over runs."""
    mean: Floats
    """Mean over tasks of the mean over runs."""
    optimality_gap: Floats
    """gamma - mean of min(score, gamma); lower is better."""


class Estimators:
    """Computes the aggregates of one method's scores, for many resamples at once.

    Source: Agarwal et al. 2021 (arXiv:2108.13264); rliable 1.2.0, metrics.py.
    """

    def __init__(self, scores: Scores, *, gamma: float) -> None:
        """Args:
        gamma: the score from which a task counts as solved.
        """
        self._scores = scores
        self._gamma = gamma
        order = np.argsort(scores.flat, kind="stable")
        self._ascending = scores.flat[order]  # [all runs]
        self._rank = np.argsort(order)  # [all runs]
        # A run's share of the mean over tasks of the mean over runs.
        run_counts = np.repeat(scores.counts, scores.counts)[order]
        share = 1.0 / (run_counts * scores.counts.size)
        self._capped = np.minimum(self._ascending, gamma) * share
        # With K = tasks x least common multiple of the run counts, a run weighs
        # multiple/runs, and floor(K/4) is trimmed at each end.
        multiple = lcm(*scores.counts.tolist())
        self._total = scores.counts.size * multiple
        # Whole units of weight; beyond what an integer holds, floats are near enough.
        kind = np.int64 if self._total < 2**62 else np.float64
        self._trimmed = kind(self._total // 4)
        self._upper = kind(self._total - self._total // 4)
        self._units = np.array([multiple // n for n in run_counts.tolist()], dtype=kind)

    def of_data(self) -> Aggregates:
        """The aggregates of the data itself, each [1]."""
        return self.of(np.arange(self._scores.flat.size)[None, :])

    def of(self, index: Indices) -> Aggregates:
        """The aggregates of resamples.

        Args:
            index: [resamples, all runs], positions in `scores.flat`; each task's
                columns hold runs of that task.
        """
        scores = self._scores
        times = self._times_drawn(index)
        sums = np.add.reduceat(scores.flat[index], scores.starts, axis=1)
        task_means = sums / scores.counts  # [resamples, tasks]
        ordered = np.sort(task_means, axis=1)
        tasks = scores.counts.size
        return Aggregates(
            iqm=self._interquartile_mean(times),
            median=(ordered[:, (tasks - 1) // 2] + ordered[:, tasks // 2]) / 2,
            mean=task_means.mean(axis=1),
            optimality_gap=self._gamma - (times * self._capped).sum(axis=1),
        )

    def _times_drawn(self, index: Indices) -> Indices:
        """[resamples, all runs]: how often each run was drawn, by ascending score.

        Counting ranks spares the sort of a resample, which is most of the time else.
        """
        place = self._rank[index]
        place += np.arange(len(index))[:, None] * index.shape[1]
        return np.bincount(place.ravel(), minlength=place.size).reshape(place.shape)

    def _interquartile_mean(self, times: Indices) -> Floats:
        """[resamples]: the mean of the middle half of the weight.

        On rectangles, floor(K/4) runs drop out at each end, as in scipy's trim_mean,
        which rliable uses.
        """
        weight = np.cumsum(times * self._units, axis=1)
        np.clip(weight, self._trimmed, self._upper, out=weight)
        weight[:, 1:] -= weight[:, :-1].copy()
        weight[:, 0] -= self._trimmed  # [resamples, all runs], what is kept of each
        middle = (weight * self._ascending).sum(axis=1)
        return np.asarray(middle / (self._upper - self._trimmed))
