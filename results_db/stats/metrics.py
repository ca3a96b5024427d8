"""IQM, median, mean and optimality gap, for the data and for many resamples at once.

On rectangles they equal rliable 1.2.0 (tests/results_db/stats/test_metrics.py).
"""

from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from results_db.stats.scores import Floats, Scores


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


def aggregate(values: Floats, scores: Scores, *, gamma: float) -> Aggregates:
    """Computes the aggregates of resampled runs.

    Args:
        values: [resamples, all runs], in the order of `scores.flat`.
        scores: says which columns are which task's.
        gamma: the score from which a task counts as solved.

    Source: Agarwal et al. 2021 (arXiv:2108.13264); rliable 1.2.0, metrics.py.
    """
    task_means = _task_means(values, scores)  # [resamples, tasks]
    capped = _task_means(np.minimum(values, gamma), scores)
    return Aggregates(
        iqm=interquartile_mean(values, scores),
        median=np.median(task_means, axis=1),
        mean=task_means.mean(axis=1),
        optimality_gap=gamma - capped.mean(axis=1),
    )


def interquartile_mean(values: Floats, scores: Scores) -> Floats:
    """[resamples]: the mean of the middle half of the weight.

    With K = tasks x least common multiple of the run counts, floor(K/4)/K of the weight
    is trimmed at each end; on rectangles that drops floor(K/4) runs at each end, as
    scipy's trim_mean in rliable does.

    Args:
        values: [resamples, all runs].
    """
    multiple = lcm(*scores.counts.tolist())
    total = scores.counts.size * multiple
    trimmed = total // 4
    if scores.rectangular:
        ordered = np.sort(values, axis=1)
        # Every run stands for `multiple / runs` = 1 unit of weight.
        middle = ordered[:, trimmed : total - trimmed]
        return np.asarray(middle.mean(axis=1))
    weights = np.repeat(multiple / scores.counts, scores.counts)  # [all runs]
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    upper = np.cumsum(weights[order], axis=1)
    lower = upper - weights[order]
    kept = np.minimum(upper, total - trimmed) - np.maximum(lower, trimmed)
    kept = np.clip(kept, 0.0, None)
    return np.asarray((ordered * kept).sum(axis=1) / kept.sum(axis=1))


def _task_means(values: Floats, scores: Scores) -> NDArray[np.float64]:
    """[resamples, tasks]."""
    if scores.rectangular:
        shape = (len(values), scores.counts.size, int(scores.counts[0]))
        return np.asarray(values.reshape(shape).mean(axis=2))
    return np.add.reduceat(values, scores.starts, axis=1) / scores.counts
