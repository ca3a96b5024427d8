"""Published means as rows of a leaderboard: what can be said of means alone.

Mean and median over tasks follow from means over runs. The IQM and the optimality gap
do not: they stand only where they are published or were made from the published runs.
There are no intervals, and no curves.
"""

from dataclasses import dataclass

import numpy as np

from results_db.stats.bootstrap import Estimate
from suites.canonical import digest
from suites.published import Published, published
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


def reported_summary(result: Published, suite: Suite) -> ReportedSummary:
    """The aggregates of a published result over the tasks that it has."""
    tasks = [task for task in suite.tasks if task.name in result.means]
    means = np.array([suite.normalise(t, result.means[t.name]) for t in tasks])
    return ReportedSummary(
        iqm=_estimate(result.iqm),
        median=Estimate(float(np.median(means)), None, None),
        mean=Estimate(float(means.mean()), None, None),
        optimality_gap=_estimate(result.optimality_gap),
        data_digest=digest(dict(result.means)),
    )


def _estimate(value: float | None) -> Estimate | None:
    return None if value is None else Estimate(value, None, None)


def reported_notes(shown: dict[str, Published]) -> list[str]:
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


def reported_results(suite: Suite) -> dict[str, Published]:
    """The published results on a suite, by method."""
    return {result.method: result for result in published(suite)}
