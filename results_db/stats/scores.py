"""The data that every statistic takes: one score a run, grouped by task, ragged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suites.canonical import digest

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """One method's scores. Tasks weigh equally, whatever their number of runs.

    Raises:
        ValueError: no task, a task without runs, or a score that is not finite.
    """

    tasks: tuple[str, ...]
    runs: tuple[Floats, ...]
    """For each task its runs' scores, [runs] float64."""

    def __post_init__(self) -> None:
        if not self.tasks or len(self.tasks) != len(self.runs):
            raise ValueError(f"scores need tasks with runs (got {len(self.tasks)})")
        for task, runs in zip(self.tasks, self.runs, strict=True):
            if runs.ndim != 1 or runs.size == 0:
                raise ValueError(f"task {task} has no runs")
            if not np.isfinite(runs).all():
                raise ValueError(f"task {task} has a score that is not finite")

    @classmethod
    def of(cls, scores: Mapping[str, Sequence[float]]) -> "Scores":
        """From task -> scores of its runs; tasks and runs are put in order."""
        names = sorted(scores)
        arrays = tuple(np.sort(np.asarray(scores[n], dtype=np.float64)) for n in names)
        return cls(tuple(names), arrays)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """[tasks], runs of each task."""
        return np.array([runs.size for runs in self.runs], dtype=np.int64)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """[tasks], where each task begins in `flat`."""
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]])

    @cached_property
    def flat(self) -> Floats:
        """[all runs], task after task."""
        return np.concatenate(self.runs)

    @property
    def digest(self) -> str:
        """SHA-256 of tasks and scores: equal data, equal digest."""
        rows = [
            [task, runs.tolist()]
            for task, runs in zip(self.tasks, self.runs, strict=True)
        ]
        return digest(rows)
