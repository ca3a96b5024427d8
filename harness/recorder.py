"""Writes a run's append-only files: episodes, evaluations, progress and metrics."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from results_db.run_files import Appender

FIRST_REPORT_SECONDS = 1.0
LONGEST_REPORT_SECONDS = 30.0


class Recorder:
    """The single writer of a run's data files.

    Progress lines come every second at first and every 30 seconds in a long run, so a
    run of days stays a small file.
    """

    def __init__(self, folder: Path) -> None:
        self._before = 0.0
        self._episodes = Appender(folder / "episodes.jsonl")
        self._evaluations = Appender(folder / "evaluations.jsonl")
        self._metrics = Appender(folder / "metrics.jsonl")
        self._began = perf_counter()
        self._report_at = self._began
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    @property
    def wall_seconds(self) -> float:
        """Seconds that went into this run, over all its attempts: since the simulator
        of an attempt is ready, what its agent and its evaluations take. What an attempt
        did behind the checkpoint that the next one goes on from is done again and
        counts once."""
        return self._before + perf_counter() - self._began

    def save(self) -> dict[str, Any]:
        """What a resumed run goes on from: time, and metrics not yet reported."""
        return {
            "wall_seconds": self.wall_seconds,
            "sums": dict(self._sums),
            "counts": dict(self._counts),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `save` gave."""
        self._before = float(state["wall_seconds"])
        self._began = perf_counter()  # making everything ready again is no training
        self._sums = dict(state["sums"])
        self._counts = dict(state["counts"])

    def episode(self, row: Mapping[str, Any]) -> None:
        self._episodes.append(row)

    def evaluation(self, row: Mapping[str, Any]) -> None:
        self._evaluations.append(row)

    def add_metrics(self, metrics: Mapping[str, float]) -> None:
        """Collects the agent's metrics; a progress line carries their means."""
        for name, value in metrics.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def due(self, now: float) -> bool:
        """True when it is time for a progress line (`now` by perf_counter)."""
        return now >= self._report_at

    def progress(self, row: Mapping[str, Any]) -> None:
        """Appends a progress line with the metrics' means since the last one."""
        means = {
            name: _rounded(self._sums[name] / self._counts[name]) for name in self._sums
        }
        wall = self.wall_seconds
        self._metrics.append(
            {
                "wall_seconds": round(wall, 2),
                **row,
                **({"agent": means} if means else {}),
            }
        )
        self._sums.clear()
        self._counts.clear()
        interval = min(max(wall / 500, FIRST_REPORT_SECONDS), LONGEST_REPORT_SECONDS)
        self._report_at = perf_counter() + interval

    def close(self) -> None:
        for appender in (self._episodes, self._evaluations, self._metrics):
            appender.close()


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
