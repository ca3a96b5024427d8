"""Sample-efficiency curves: an aggregate over agent steps or training time, with its
band and the area under it, from runs that were evaluated at different steps and end at
different ones. What is said of steps holds of seconds too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results_db.stats.bootstrap import (
    RESAMPLES,
    Estimate,
    percentile_interval,
    with_interval,
)
from results_db.stats.live_runs import Live, resampled_live_times
from results_db.stats.metrics import Estimators
from results_db.stats.resampling import Times
from results_db.stats.scores import Floats, Scores
from suites.canonical import digest

Steps = NDArray[Any]
"""Agent steps (int64), or seconds (float64)."""
Points = tuple[Steps, Floats]
"""One run: its evaluations' steps [P], ascending, and scores [P]."""
CurveData = Mapping[str, Sequence[Points]]
"""Task -> its runs."""

ESTIMATOR = "curve of whole runs resampled, step-wise linear, no extrapolation/1"


@dataclass(frozen=True)
class Curve:
    """An aggregate over steps. Each array is [P]."""

    aggregate: str
    at: Steps
    value: Floats
    low: Floats | None
    """None when a task has one run only; NaN where only one is left of a task."""
    high: Floats | None
    live_runs: NDArray[np.int64]
    """Runs of all tasks together that have a value at each point."""
    runs: int
    """Of all tasks together. Who knows of runs that count but came without points puts
    their number here, so that `live_runs` is compared with it."""
    area: Estimate
    """Mean height of the curve over its steps (trapezoids), in units of the score."""


def sample_efficiency(
    data: CurveData,
    aggregate: str = "iqm",
    *,
    grid: Sequence[float] | None = None,
    gamma: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Curve:
    """The curve of one method, with pointwise 95 % bands.

    Between two evaluations of a run its score is taken to lie on the straight line; a
    run has no value before its first and after its last one, and leaves the average
    there. The curve begins and ends where a task has no run with a value. A resample
    draws whole runs, once for all points, so that the interval of the area is right
    too; a place whose run is not live at a point is filled by one that is.

    Args:
        data: task -> runs; scores normalised.
        aggregate: one of `metrics.AGGREGATES`.
        grid: steps to show; those outside the curve are dropped. Default: all
            steps at which some run was evaluated.
        gamma: of the optimality gap.

    Raises:
        ValueError: a task without runs, a run whose points are unusable, an unknown
            aggregate, or no step at which every task has a run.
    """
    _check(data)
    tasks = sorted(data)
    steps = _common_steps(data, grid)
    live = [_live(data, tasks, step) for step in steps.tolist()]
    scores = _scores(data, tasks, steps, live)
    estimators = [Estimators(point, gamma=gamma) for point in scores]
    value = np.array([e.one(aggregate, e.once)[0] for e in estimators])
    low = high = area = None
    if min(len(data[task]) for task in tasks) > 1:
        counts = [len(data[task]) for task in tasks]
        chunks = resampled_live_times(counts, live, resamples=resamples, seed=seed)
        replicates = _replicates(estimators, aggregate, chunks)
        low, high = percentile_interval(replicates)
        alone = np.array([point.counts.min() == 1 for point in scores])
        low[alone] = high[alone] = np.nan
        area = None if alone.any() else mean_height(steps, replicates)
    return Curve(
        aggregate=aggregate,
        at=steps,
        value=value,
        low=low,
        high=high,
        live_runs=np.array([point.flat.size for point in scores]),
        runs=sum(len(data[task]) for task in tasks),
        area=with_interval(float(mean_height(steps, value[:, None])[0]), area),
    )


def _replicates(
    estimators: list[Estimators], aggregate: str, chunks: Iterable[Iterable[Times]]
) -> Floats:
    """[P, resamples]: the aggregate at each point."""
    return np.concatenate(
        [
            [
                e.one(aggregate, times)
                for e, times in zip(estimators, chunk, strict=True)
            ]
            for chunk in chunks
        ],
        axis=1,
    )


def mean_height(steps: Steps, values: Floats) -> Floats:
    """[...]: the area under values [P, ...] by trapezoids, over the range of steps."""
    if len(steps) == 1:
        return np.asarray(values[0])
    widths = np.diff(steps) / (steps[-1] - steps[0])
    total = np.zeros(values.shape[1:])
    for width, left, right in zip(
        widths.tolist(), values[:-1], values[1:], strict=True
    ):
        total += width * (left + right) / 2
    return total


def data_digest(data: CurveData) -> str:
    """SHA-256 of the points: equal data, equal digest."""
    return digest(
        {
            task: [[steps.tolist(), scores.tolist()] for steps, scores in runs]
            for task, runs in data.items()
        }
    )


def _check(data: CurveData) -> None:
    if not data:
        raise ValueError("a curve needs tasks with runs (got none)")
    for task, runs in data.items():
        if not runs:
            raise ValueError(f"task {task} has no runs")
        for steps, scores in runs:
            if len(steps) == 0 or len(steps) != len(scores):
                raise ValueError(
                    f"task {task}: a run needs as many steps as scores, one at least "
                    f"(got {len(steps)} and {len(scores)})"
                )
            if (np.diff(steps) <= 0).any():
                raise ValueError(f"task {task}: a run's steps must ascend")
            if not np.isfinite(scores).all():
                raise ValueError(f"task {task} has a score that is not finite")


def _common_steps(data: CurveData, grid: Sequence[float] | None) -> Steps:
    """The steps, of those asked for, at which every task has a run with a value."""
    every = [steps for runs in data.values() for steps, _ in runs]
    asked = np.unique(np.concatenate(every) if grid is None else np.asarray(grid))
    covered = np.ones(asked.size, dtype=bool)
    for runs in data.values():
        covered &= np.any([_is_live(steps, asked) for steps, _ in runs], axis=0)
    if not covered.any():
        raise ValueError(
            "there is no step at which every task has a run: the curve is empty"
        )
    # Up to the first gap only: beyond it the same runs need not be back.
    first = int(covered.argmax())
    gaps = np.flatnonzero(~covered[first:])
    last = first + int(gaps[0]) if gaps.size else covered.size
    steps: Steps = asked[first:last]
    return steps


def _is_live(steps: Steps, at: Steps) -> NDArray[np.bool_]:
    return np.asarray((steps[0] <= at) & (at <= steps[-1]))


def _live(data: CurveData, tasks: list[str], step: float) -> Live:
    """For each task the numbers of the runs that have a value at a step."""
    at = np.array([step])
    return tuple(
        tuple(n for n, (steps, _) in enumerate(data[task]) if _is_live(steps, at)[0])
        for task in tasks
    )


def _scores(
    data: CurveData, tasks: list[str], steps: Steps, live: list[Live]
) -> list[Scores]:
    """For each step the scores of the runs that are live there."""
    values = [
        np.array([np.interp(steps, *run) for run in data[task]]) for task in tasks
    ]  # a task: [runs, P]
    return [
        Scores(
            tuple(tasks),
            tuple(
                task_values[list(numbers), point]
                for task_values, numbers in zip(values, live[point], strict=True)
            ),
        )
        for point in range(steps.size)
    ]
