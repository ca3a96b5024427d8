"""What is said of results that Podium did not measure: whose they are, in what unit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

IMPORTED: Final = "imported"
REPORTED: Final = "reported"

Origin = Literal["imported", "reported"]


@dataclass(frozen=True)
class Foreign:
    """What is declared of somebody else's results."""

    origin: Origin
    """Foreign runs, or means of a paper."""
    unit: str
    """`raw`, or the suite's own normalisation."""
    evaluation: str
    """`final`, `training-window` or `unknown`."""
    citation: str | None
    note: str = ""
    """How an imported method's scores were made, for a caption."""
    second_hand: bool = False
    """Read in a work that quotes it."""
    task_means: Mapping[str, float] = field(default_factory=dict)
    """Of a reported method: task -> published mean in `unit`."""
    task_runs: Mapping[str, int | None] = field(default_factory=dict)
    """Of a reported method: task -> runs; None where that is not stated."""


def told_apart(name: str, origin: Origin, taken: Collection[str]) -> str:
    """A foreign method's label: its name, with the origin where the name is taken."""
    label = name
    while label in taken:
        label = f"{label} ({origin})"
    return label
