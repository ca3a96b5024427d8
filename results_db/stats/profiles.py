"""Performance profiles: the share of runs, or of tasks, that score above thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from results_db.stats.bootstrap import RESAMPLES, percentile_interval
from results_db.stats.metrics import Weights, task_means
from results_db.stats.resampling import Times, resampled_times
from results_db.stats.scores import Floats, Scores

Form = Literal["runs", "tasks"]

ESTIMATOR = "performance profile, strictly above, tasks weigh equally/1"


@dataclass(frozen=True)
class Profile:
    """The share above each threshold. Each array is [T]."""

    thresholds: Floats
    value: Floats
    low: Floats | None
    """None when a task has one run only."""
    high: Floats | None
    form: Form
    """`runs`: share of runs; `tasks`: share of tasks whose mean over runs is above."""
    fewest_runs: int


def performance_profile(
    scores: Scores,
    thresholds: Sequence[float] | Floats,
    *,
    form: Form = "runs",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Profile:
    """The performance profile with pointwise 95 % bands.

    Args:
        scores: normalised; tasks weigh equally, whatever their number of runs.
        thresholds: [T], in any order.
        form: share of runs (score distribution) or of tasks (average scores).

    Raises:
        ValueError: no threshold, one that is not finite, or an unknown form.

    Source: Agarwal et al. 2021 (arXiv:2108.13264), section 4.2; equal to rliable 1.2.0
    on rectangles (tests/results_db/stats/test_profiles.py).
    """
    taus = np.asarray(thresholds, dtype=np.float64)
    if taus.ndim != 1 or taus.size == 0 or not np.isfinite(taus).all():
        raise ValueError(f"a profile needs finite thresholds (got {thresholds!r})")
    if form not in ("runs", "tasks"):
        raise ValueError(f"a profile is of 'runs' or 'tasks' (got {form!r})")
    above = _runs_above if form == "runs" else _tasks_above
    whole = Weights(scores.counts).total if form == "runs" else scores.counts.size
    once = np.ones((scores.flat.size, 1), dtype=np.int16)
    fewest = int(scores.counts.min())
    low = high = None
    if fewest > 1:
        counts = scores.counts.tolist()
        chunks = resampled_times(counts, resamples=resamples, seed=seed)
        replicates = np.concatenate([above(scores, taus, t) for t in chunks], axis=1)
        low, high = (ends / whole for ends in percentile_interval(replicates))
    value = above(scores, taus, once)[:, 0] / whole
    return Profile(taus, value, low, high, form, fewest)


def _runs_above(scores: Scores, taus: Floats, times: Times) -> NDArray[Any]:
    """[T, resamples]: units of weight strictly above each threshold.

    Thresholds are taken from the highest down, and runs added as they rise above.
    """
    weights = Weights(scores.counts)
    above = np.empty((taus.size, times.shape[1]), dtype=weights.kind)
    weight = np.zeros(times.shape[1], dtype=weights.kind)
    order = np.argsort(-scores.flat, kind="stable")
    descending = scores.flat[order]
    added = 0
    for index in np.argsort(-taus, kind="stable").tolist():
        while added < order.size and descending[added] > taus[index]:
            run = int(order[added])
            weights.add(weight, times[run], weights.of_run[run])
            added += 1
        above[index] = weight
    return above


def _tasks_above(scores: Scores, taus: Floats, times: Times) -> NDArray[Any]:
    """[T, resamples]: tasks whose mean is strictly above each threshold."""
    means = task_means(scores, times)
    return np.array([(means > tau).sum(axis=0, dtype=np.int32) for tau in taus])
