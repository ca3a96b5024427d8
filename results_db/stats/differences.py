"""Differences of two methods on each task, paired where their runs are."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from results_db.stats.bootstrap import RESAMPLES, Estimate, with_interval
from results_db.stats.metrics import task_means
from results_db.stats.resampling import resampled_times
from results_db.stats.scores import Floats, Scores

ESTIMATOR = "differences of means by task, runs resampled/1"


def paired_differences(
    pairs: Mapping[str, Sequence[float]],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Task -> the mean of its pairs' differences, with a 95 % interval.

    Pairs are resampled whole: what the two runs of a pair share (the seeds of their
    evaluation episodes) cancels. One pair gives no interval.

    Args:
        pairs: task -> first minus second, one number a pair of runs.
    """
    scores = Scores.of(pairs)
    means = _replicates(scores, resamples=resamples, seed=seed, label="pairs")
    return {
        task: with_interval(float(runs.mean()), several if runs.size > 1 else None)
        for task, runs, several in zip(scores.tasks, scores.runs, means, strict=True)
    }


def unpaired_differences(
    first: Scores, second: Scores, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Estimate]:
    """Task -> the difference of the two means over runs, with a 95 % interval; the runs
    of each side are resampled on their own. One run on either side gives none.

    Raises:
        ValueError: the two have different tasks.
    """
    if first.tasks != second.tasks:
        raise ValueError("differences by task need the same tasks on both sides")
    terms = {"resamples": resamples, "seed": seed}
    means = (
        x - y
        for x, y in zip(
            _replicates(first, label="first", **terms),
            _replicates(second, label="second", **terms),
            strict=True,
        )
    )
    runs = zip(first.tasks, first.runs, second.runs, means, strict=True)
    return {
        task: with_interval(
            float(x.mean() - y.mean()), several if min(x.size, y.size) > 1 else None
        )
        for task, x, y, several in runs
    }


def _replicates(
    scores: Scores, *, resamples: int, seed: int, label: str
) -> Iterable[Floats]:
    """[tasks, resamples]: means over runs."""
    chunks = resampled_times(
        scores.counts.tolist(), resamples=resamples, seed=seed, label=label
    )
    return np.concatenate([task_means(scores, times) for times in chunks], axis=1)
