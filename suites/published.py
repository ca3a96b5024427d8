"""Published results: means per task from papers, with citation and deviations.

Facts for rows marked `reported`, never measurements of ours: no runs, no intervals.
They stand in reference/published_methods.csv and reference/published_means.csv.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from suites.reference import read_table
from suites.spec import Suite


@dataclass(frozen=True)
class Published:
    """One method's published means on a suite; tasks may be missing."""

    method: str
    citation: str
    source: str
    """Where the numbers were read."""
    unit: str
    """`raw`: returns as the suite's own; there is no other yet."""
    evaluation: str
    """`final` (of the trained policy), `training-window` (last training episodes) or
    `unknown`."""
    statistic: str
    """What a mean is made of."""
    deviations: str
    """How its protocol differs from the suite's; empty where nothing is known."""
    second_hand: bool
    """Read in a work that quotes it, not in its own paper or data."""
    means: Mapping[str, float]
    """Task -> mean over runs."""
    runs: Mapping[str, int | None]
    """Task -> how many runs; None where that is not stated."""
    spread: Mapping[str, float | None]
    """Task -> standard deviation over runs; None where no single runs are published."""
    iqm: float | None
    """Over runs, normalised as the suite's, where it is published or was made from the
    published runs: means alone do not give it."""
    optimality_gap: float | None
    """As iqm."""


def published(suite: Suite) -> tuple[Published, ...]:
    """Every published result on a suite, in the table's order.

    The means hold for all versions of a suite: what differs stands in `deviations`.
    """
    rows = [row for row in read_table("published_means") if row["suite"] == suite.name]
    return tuple(
        _published(method, [row for row in rows if row["method"] == method["method"]])
        for method in read_table("published_methods")
        if method["suite"] == suite.name
    )


def _published(method: dict[str, str], rows: list[dict[str, str]]) -> Published:
    return Published(
        method=method["method"],
        citation=method["citation"],
        source=method["source"],
        unit=method["unit"],
        evaluation=method["evaluation"],
        statistic=method["statistic"],
        deviations=method["deviations"],
        second_hand=method["second_hand"] == "yes",
        means={row["task"]: float(row["mean"]) for row in rows},
        runs={row["task"]: int(row["runs"]) if row["runs"] else None for row in rows},
        spread={
            row["task"]: float(row["deviation"]) if row["deviation"] else None
            for row in rows
        },
        iqm=float(method["iqm"]) if method["iqm"] else None,
        optimality_gap=(
            float(method["optimality_gap"]) if method["optimality_gap"] else None
        ),
    )
