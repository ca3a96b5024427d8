"""Published means as rows of a leaderboard: what can be said of means alone.

Mean and median over tasks follow from means over runs. The IQM and the optimality gap
do not: they stand only where they are published or were made from the published runs.
There are no intervals, and no curves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results_db.stats.bootstrap import Estimate
from suites.canonical import digest
from suites.published import Published
from suites.spec import Suite


@dataclass(frozen=True)
class ReportedSummary:
    """A paper's aggregates, by the names of a Summary; None where it gives none."""

    iqm: Estimate | None
    median: Estimate
    mean: Estimate
    optimality_gap: Estimate | None
    data_digest: str
    fewest_runs: int = 0
    resamples: None = None
    seed: None = None

    @property
    def warning(self) -> str | None:
        """None: it is said once, for all reported rows."""
        return None


def reported_summary(
    result: Published, suite: Suite, tasks: Sequence[str]
) -> ReportedSummary | None:
    """The aggregates of a published result; None where it lacks a task.

    Args:
        tasks: what they are over; what is published is over all tasks of the suite.
    """
    if not tasks or any(task not in result.means for task in tasks):
        return None
    means = np.array([suite.normalise(suite.task(t), result.means[t]) for t in tasks])
    whole = len(tasks) == len(suite.tasks)
    return ReportedSummary(
        iqm=_estimate(result.iqm if whole else None),
        median=Estimate(float(np.median(means)), None, None),
        mean=Estimate(float(means.mean()), None, None),
        optimality_gap=_estimate(result.optimality_gap if whole else None),
        data_digest=digest(dict(result.means)),
    )


def _estimate(value: float | None) -> Estimate | None:
    return None if value is None else Estimate(value, None, None)


def reported_notes(shown: Mapping[str, Published]) -> list[str]:
    """Sources and deviations of reported rows.

    Args:
        shown: label -> result.
    """
    if not shown:
        return []
    cited = [f"{label} ({result.citation})" for label, result in shown.items()]
    notes = [
        "Reported, from papers and their data; no intervals, never ranked; IQM and "
        "optimality gap only where they are published or were made from published "
        f"runs: {', '.join(cited)}."
    ]
    quoted = [label for label, result in shown.items() if result.second_hand]
    if quoted:
        notes.append(f"Second-hand, as quoted by others: {', '.join(quoted)}.")
    differing: dict[str, list[str]] = {}
    for label, result in shown.items():
        if result.deviations:
            differing.setdefault(result.deviations, []).append(label)
    for deviations, labels in differing.items():
        notes.append(f"Deviations of {', '.join(labels)}: {deviations}.")
    return notes
