"""Aggregates with their intervals: a panel an aggregate, a row a method."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from results_db.export.figures.names import Look, text_width
from results_db.export.figures.page import (
    PAGE,
    axes_at,
    blank,
    draw_legend,
    legend_shape,
    line_of,
)
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


class HasAggregates(Protocol):
    """What is drawn of a method, e.g. a Summary."""

    @property
    def iqm(self) -> Estimate: ...
    @property
    def median(self) -> Estimate: ...
    @property
    def mean(self) -> Estimate: ...
    @property
    def optimality_gap(self) -> Estimate: ...


def intervals_figure(
    methods: Mapping[str, HasAggregates],
    looks: Mapping[str, Look],
    *,
    score: str,
    reported: Mapping[str, Mapping[str, float]] | None = None,
) -> "Figure":
    """Points with 95 % intervals, both columns of a paper wide.

    Args:
        methods: method -> its aggregates, top row first.
        looks: of all methods named here.
        score: what the axes measure, e.g. `human-normalised score`.
        reported: method -> aggregate -> a value without runs; dashed lines.
    """
    reported = reported or {}
    labels = [looks[method].label for method in methods]
    left = text_width(labels) + 0.15
    dashed = [f"{looks[method].name} (reported)" for method in reported]
    below = legend_shape(dashed, PAGE - 0.1)[1] if dashed else 0.05
    rows = ROW * max(len(labels), 1) + 0.08
    figure = blank(PAGE, rows + below + 0.36 + 0.22)
    gap = 0.16
    width = (PAGE - left - 0.08 - gap * (len(PANELS) - 1)) / len(PANELS)
    for index, (aggregate, title) in enumerate(PANELS.items()):
        axes = axes_at(figure, left + index * (width + gap), below + 0.36, width, rows)
        _draw_panel(axes, methods, looks, aggregate)
        # As many numbers as there is room for.
        axes.locator_params(axis="x", nbins=max(2, int(width / 0.38)))
        for method, values in reported.items():
            if aggregate in values:
                axes.axvline(
                    values[aggregate],
                    color=looks[method].colour,
                    linestyle=(0, (3.0, 2.0)),
                    linewidth=1.0,
                )
        axes.set_title(title, pad=3)
        axes.set_yticks(
            range(len(labels)), labels if index == 0 else [""] * len(labels)
        )
    middle = (left + PAGE) / 2 / PAGE
    height = figure.get_size_inches()[1]
    figure.text(middle, (below + 0.03) / height, score, ha="center", va="bottom")
    handles = [
        line_of(looks[method], linestyle=(0, (3.0, 2.0)), marker="")
        for method in reported
    ]
    draw_legend(figure, handles, dashed)
    return figure


def _draw_panel(
    axes: "Axes",
    methods: Mapping[str, HasAggregates],
    looks: Mapping[str, Look],
    aggregate: str,
) -> None:
    for row, (method, aggregates) in enumerate(methods.items()):
        estimate: Estimate = getattr(aggregates, aggregate)
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
        axes.plot(estimate.value, row, look.marker, color=look.colour, clip_on=False)
    axes.set_ylim(max(len(methods), 1) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
