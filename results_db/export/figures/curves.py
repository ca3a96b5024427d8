"""Sample-efficiency curves: an aggregate over agent steps or training time, and how
many runs it rests on where that is not all of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from results_db.export.figures.names import Look
from results_db.export.figures.page import (
    COLUMN,
    axes_at,
    blank,
    draw_legend,
    legend_shape,
    line_of,
    make_room_left,
)
from results_db.stats.curves import Curve
from results_db.wall_time import Over, time_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 1.9
"""Inches of the axes."""
STRIP = 0.42
"""Inches of the strip that shows the share of live runs."""
MARKS = 8
"""Markers on a line, about."""


def curves_figure(
    curves: Mapping[str, Curve],
    looks: Mapping[str, Look],
    *,
    score: str,
    over: Over = "steps",
    reported: Mapping[str, float] | None = None,
) -> "Figure":
    """Curves with pointwise 95 % bands, one column of a paper wide.

    A strip below shows the share of runs that still live, if it is ever below one.

    Args:
        curves: method -> its curve, all of one aggregate.
        looks: of all methods named here.
        score: what the curves measure, e.g. `IQM, human-normalised score`.
        over: what they lie over.
        reported: method -> a paper's final value, without runs; dashed lines.
    """
    reported = reported or {}
    ragged = any((curve.live_runs < curve.runs).any() for curve in curves.values())
    strip = STRIP + 0.1 if ragged else 0.0
    labels = [looks[method].label for method in curves]
    labels += [looks[method].reported_label for method in reported]
    foot = legend_shape(labels, COLUMN - 0.1)[1] + 0.36
    figure = blank(COLUMN, foot + strip + HEIGHT + 0.06)
    axes = axes_at(figure, 0.45, foot + strip, COLUMN - 0.6, HEIGHT)
    for method, curve in curves.items():
        _draw_curve(axes, curve, looks[method])
    for method, value in reported.items():
        _draw_reported(axes, value, looks[method])
    axes.set_ylabel(score, labelpad=2)
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)
    lowest = axes
    if ragged:
        lowest = axes_at(figure, 0.45, foot, COLUMN - 0.6, STRIP)
        lowest.sharex(axes)
        _draw_live_runs(lowest, curves, looks)
        axes.tick_params(labelbottom=False)
    axes.margins(x=0.02)
    _draw_axis(lowest, curves, over)
    handles = [line_of(looks[method]) for method in curves]
    handles += [line_of(looks[method], **_hollow(looks[method])) for method in reported]
    draw_legend(figure, handles, labels)
    make_room_left(figure)
    return figure


def _draw_axis(axes: "Axes", curves: Mapping[str, Curve], over: Over) -> None:
    if over == "wall":
        name, unit = time_unit(max(float(curve.at[-1]) for curve in curves.values()))
        axes.set_xlabel(f"{name} of training", labelpad=2)
        axes.xaxis.set_major_formatter(lambda at, _: f"{at / unit:.3g}")
        axes.locator_params(axis="x", nbins=5)
        return
    axes.set_xlabel("agent steps", labelpad=2)
    axes.xaxis.set_major_formatter(lambda steps, _: shown_steps(steps))
    axes.locator_params(axis="x", nbins=5, integer=True, min_n_ticks=1)


def _draw_curve(axes: "Axes", curve: Curve, look: Look) -> None:
    if curve.low is not None and curve.high is not None:
        axes.fill_between(
            curve.at,
            curve.low,
            curve.high,
            color=look.colour,
            alpha=0.15,
            linewidth=0,
        )
    axes.plot(
        curve.at,
        curve.value,
        color=look.colour,
        linestyle=look.dashes,
        marker=look.marker,
        markevery=max(1, len(curve.value) // MARKS),
        markersize=2.8,
    )


def _draw_reported(axes: "Axes", value: float, look: Look) -> None:
    """Over all steps; the markers tell lines of one colour apart."""
    axes.plot(
        (0.0, 0.25, 0.75, 1.0),
        (value,) * 4,
        color=look.colour,
        markevery=slice(1, 3),
        transform=axes.get_yaxis_transform(),
        **_hollow(look),
    )


def _hollow(look: Look) -> dict[str, Any]:
    return {
        "linestyle": (0, (3.0, 2.0)),
        "linewidth": 1.0,
        "marker": look.marker,
        "markerfacecolor": "white",
        "markeredgewidth": 0.8,
        "markersize": 3.0,
    }


def _draw_live_runs(
    axes: "Axes", curves: Mapping[str, Curve], looks: Mapping[str, Look]
) -> None:
    for method, curve in curves.items():
        axes.plot(
            curve.at,
            100 * curve.live_runs / curve.runs,
            color=looks[method].colour,
            linestyle=looks[method].dashes,
            drawstyle="steps-pre",
        )
    axes.set_ylim(0, 108)
    axes.set_yticks((0, 50, 100))
    axes.set_ylabel("runs, %", labelpad=2)


def shown_steps(steps: float) -> str:
    """`0`, `500`, `50k`, `1.5M`."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(steps) >= size:
            return f"{steps / size:g}{letter}"
    return f"{steps:g}"
