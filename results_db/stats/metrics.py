"""IQM, median, mean and optimality gap, for the data and for many resamples at once.

On rectangles they equal rliable 1.2.0 (tests/results_db/stats/test_metrics.py).
"""

from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from results_db.stats.resampling import Times
from results_db.stats.scores import Floats, Scores

AGGREGATES = ("iqm", "median", "mean", "optimality_gap")


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


class Weights:
    """Whole units of weight: with K = tasks x least common multiple of the run counts,
    a run weighs multiple/runs, so that tasks weigh equally."""

    def __init__(self, counts: NDArray[np.int64]) -> None:
        multiple = lcm(*counts.tolist())
        self.total: int = counts.size * multiple
        self.of_task: list[int] = [multiple // n for n in counts.tolist()]
        self.of_run: list[int] = np.repeat(
            np.array(self.of_task, dtype=object), counts
        ).tolist()
        # The smallest numbers that hold the total are the fastest; beyond what an
        # integer holds, floats are near enough.
        kinds: tuple[Any, ...] = (np.int16, np.int32, np.int64)
        fit = (kind for kind in kinds if self.total <= np.iinfo(kind).max)
        self.kind: Any = next(fit, np.float64)

    def add(self, to: NDArray[Any], times: Times, unit: int) -> None:
        """to += times x unit, in the weights' own kind."""
        if unit == 1:
            to += times
        else:
            to += np.multiply(times, unit, dtype=self.kind)


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
        self._order = np.argsort(scores.flat, kind="stable").tolist()
        self._weights = Weights(scores.counts)

    @property
    def once(self) -> Times:
        """[all runs, 1]: every run once, which is the data."""
        return np.ones((self._scores.flat.size, 1), dtype=np.int16)

    def of_data(self) -> Aggregates:
        """The aggregates of the data itself, each [1]."""
        return self.of(self.once)

    def of(self, times: Times) -> Aggregates:
        """The aggregates of resamples.

        Args:
            times: [all runs, resamples], how often each run of `scores.flat` was drawn;
                each task's rows sum to its number of runs.
        """
        means = task_means(self._scores, times)
        return Aggregates(
            iqm=self.iqm(times),
            median=_median(means),
            mean=means.mean(axis=0),
            optimality_gap=self.optimality_gap(times),
        )

    def one(self, aggregate: str, times: Times) -> Floats:
        """[resamples]: one aggregate by its name.

        Raises:
            ValueError: no such aggregate.
        """
        if aggregate == "iqm":
            return self.iqm(times)
        if aggregate == "optimality_gap":
            return self.optimality_gap(times)
        if aggregate not in AGGREGATES:
            raise ValueError(
                f"no aggregate {aggregate!r}; known: {', '.join(AGGREGATES)}"
            )
        means = task_means(self._scores, times)
        return _median(means) if aggregate == "median" else means.mean(axis=0)

    def iqm(self, times: Times) -> Floats:
        """[resamples]: the mean of the middle half of the weight.

        On rectangles, floor(K/4) runs drop out at each end, as in scipy's trim_mean,
        which rliable uses. Runs are added from the lowest score up; what of a run's
        weight lies in the middle half is kept. That spares the sort of a resample.
        """
        weights, values = self._weights, self._scores.flat.tolist()
        low = weights.kind(weights.total // 4)
        high = weights.kind(weights.total - weights.total // 4)
        weight = np.zeros(times.shape[1], dtype=weights.kind)
        before = np.full_like(weight, low)
        after, kept = np.empty_like(weight), np.empty_like(weight)
        part, total = np.empty(times.shape[1]), np.zeros(times.shape[1])
        # The type is said because NumPy 1 would multiply small integers in float32.
        for run in self._order:
            weights.add(weight, times[run], weights.of_run[run])
            np.clip(weight, low, high, out=after)
            np.subtract(after, before, out=kept)
            np.multiply(kept, values[run], out=part, dtype=np.float64)
            total += part
            before, after = after, before
        return np.asarray(total / float(high - low))

    def optimality_gap(self, times: Times) -> Floats:
        """[resamples]: gamma - the mean over tasks of min(score, gamma)."""
        capped = np.minimum(self._scores.flat, self._gamma)
        counts = np.repeat(self._scores.counts, self._scores.counts)
        shares = capped / (counts * self._scores.counts.size)  # [all runs]
        return np.asarray(self._gamma - _weighted_sum(shares, times))


def task_means(scores: Scores, times: Times) -> Floats:
    """[tasks, resamples]: the mean over runs."""
    means = np.empty((scores.counts.size, times.shape[1]))
    for task, (start, count) in enumerate(
        zip(scores.starts.tolist(), scores.counts.tolist(), strict=True)
    ):
        rows = slice(start, start + count)
        means[task] = _weighted_sum(scores.flat[rows], times[rows])
        means[task] /= count
    return means


def _weighted_sum(values: Floats, times: Times) -> Floats:
    """[resamples]: the sum of values [runs] x times [runs, resamples], run by run: a
    matrix product would not give the same bits on any number of threads."""
    total, part = np.zeros(times.shape[1]), np.empty(times.shape[1])
    for value, row in zip(values.tolist(), times, strict=True):
        np.multiply(row, value, out=part, dtype=np.float64)
        total += part
    return total


def _median(means: Floats) -> Floats:
    """[resamples]: over tasks; means is [tasks, resamples]."""
    ordered = np.sort(means, axis=0)
    return np.asarray((ordered[(len(means) - 1) // 2] + ordered[len(means) // 2]) / 2)
