"""Aggregates with their intervals: a panel an aggregate, a row a method."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from results_db.export.figures.names import Look, text_width
from results_db.export.figures.page import PAGE, axes_at, blank
from results_db.stats.bootstrap import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = {
    "iqm": "IQM",
    "median": "Median",
    "mean": "Mean",
    "optimality_gap": "Optimality gap ↓",
}
"""Aggregate -> title; the arrow says that lower is better."""
ROW = 0.18
"""Inches a method."""
FOOT = 0.41
"""Inches for the numbers and the title of the axes."""


class HasAggregates(Protocol):
    """What is drawn of a method, e.g. a Summary; None is left out."""

    @property
    def iqm(self) -> Estimate | None: ...
    @property
    def median(self) -> Estimate | None: ...
    @property
    def mean(self) -> Estimate | None: ...
    @property
    def optimality_gap(self) -> Estimate | None: ...


def intervals_figure(
    methods: Mapping[str, HasAggregates],
    looks: Mapping[str, Look],
    *,
    score: str,
    reported: Collection[str] = (),
) -> "Figure":
    """Points with 95 % intervals, both columns of a paper wide.

    Args:
        methods: method -> its aggregates, top row first.
        looks: of all methods named here.
        score: what the axes measure, e.g. `human-normalised score`.
        reported: those of the methods that papers report, without runs; hollow points.
    """
    labels = [
        looks[method].reported_label if method in reported else looks[method].label
        for method in methods
    ]
    left = text_width(labels) + 0.15
    rows = ROW * max(len(labels), 1) + 0.08
    figure = blank(PAGE, rows + FOOT + 0.22)
    gap = 0.16
    width = (PAGE - left - 0.08 - gap * (len(PANELS) - 1)) / len(PANELS)
    for index, (aggregate, title) in enumerate(PANELS.items()):
        axes = axes_at(figure, left + index * (width + gap), FOOT, width, rows)
        _draw_panel(axes, methods, looks, aggregate, reported)
        # As many numbers as there is room for.
        axes.locator_params(axis="x", nbins=max(2, int(width / 0.38)))
        axes.set_title(title, pad=3)
        axes.set_yticks(
            range(len(labels)), labels if index == 0 else [""] * len(labels)
        )
    middle = (left + PAGE) / 2 / PAGE
    height = figure.get_size_inches()[1]
    figure.text(middle, 0.08 / height, score, ha="center", va="bottom")
    return figure


def _draw_panel(
    axes: "Axes",
    methods: Mapping[str, HasAggregates],
    looks: Mapping[str, Look],
    aggregate: str,
    reported: Collection[str],
) -> None:
    for row, (method, aggregates) in enumerate(methods.items()):
        estimate: Estimate | None = getattr(aggregates, aggregate)
        if estimate is None:
            continue
        look = looks[method]
        if estimate.low is not None and estimate.high is not None:
            axes.plot(
                (estimate.low, estimate.high),
                (row, row),
                color=look.colour,
                linewidth=2.6,
                alpha=0.45,
                solid_capstyle="butt",
            )
        axes.plot(
            estimate.value,
            row,
            look.marker,
            color=look.colour,
            markerfacecolor="white" if method in reported else look.colour,
            markeredgewidth=0.8,
            clip_on=False,
        )
    axes.set_ylim(max(len(methods), 1) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
