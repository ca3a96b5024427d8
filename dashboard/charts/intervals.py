"""Values with their intervals: a row a method, or a row a task."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.charts.page import ROW, figure, ink
from dashboard.looks import Look, plotly_text
from results_db.comparison import TaskDifference
from results_db.export.tables import interval
from results_db.stats.bootstrap import Estimate

HEAD = 35
"""Pixels of a table's head, which the axis above takes."""

Point = tuple[int, Estimate, str, str]
"""Row, value, colour, and what it is called where a pointer rests on it."""


def interval_chart(
    estimates: Mapping[str, Estimate | None],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
    title: str = "",
    prefixes: Mapping[str, str] | None = None,
) -> go.Figure:
    """A row a method, as high as a table's rows, in the order given.

    A point without an interval is hollow; a method without a value leaves its row
    empty.

    Args:
        title: of the axis, where nothing beside the chart says it.
        prefixes: label -> what stands before its name, e.g. its rank.
    """
    before = prefixes or {}
    names = [
        plotly_text(before.get(label, "")) + looks[label].tick for label in estimates
    ]
    points = [
        (place, estimate, looks[label].on(dark_page), looks[label].html)
        for place, (label, estimate) in enumerate(estimates.items())
        if estimate is not None
    ]
    drawn = _rows(points, names, HEAD + ROW * len(names) + 2, dark_page=dark_page)
    drawn.update_layout(
        margin={"l": 4, "r": 12, "t": HEAD, "b": 2},
        xaxis={
            "side": "top",
            "title": {"text": title, "standoff": 0, "font": {"size": 12}},
            "nticks": 5,
        },
    )
    return drawn


def difference_chart(
    differences: Sequence[TaskDifference],
    *,
    first: Look,
    second: Look,
    dark_page: bool,
) -> go.Figure:
    """First minus second, a row a task, in the colour of whom the interval favours."""
    points = []
    for place, row in enumerate(differences):
        look = _favoured(row.estimate, first, second)
        colour = look.on(dark_page) if look else ink(dark_page)
        points.append((place, row.estimate, colour, plotly_text(row.task)))
    names = [plotly_text(row.task) for row in differences]
    drawn = _rows(points, names, 60 + 24 * len(names), dark_page=dark_page)
    drawn.add_vline(x=0, line={"color": ink(dark_page), "width": 1})
    drawn.update_xaxes(title=f"{first.html} minus {second.html}")
    return drawn


def _rows(
    points: Sequence[Point], names: Sequence[str], height: int, *, dark_page: bool
) -> go.Figure:
    """Rows of points with their intervals. Few traces, however many rows: each costs
    more than all of its points."""
    drawn = figure(height, dark_page=dark_page, legend=False)
    bars: dict[str, list[Point]] = {}
    for point in points:
        if point[1].low is not None:
            bars.setdefault(point[2], []).append(point)
    drawn.add_traces([_bars(colour, ones) for colour, ones in bars.items()])
    drawn.add_trace(_dots(points))
    drawn.update_layout(
        yaxis={
            "range": [len(names) - 0.5, -0.5],
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "showgrid": True,
            "zeroline": False,
            "fixedrange": True,
        },
        xaxis={"fixedrange": True},
    )
    return drawn


def _bars(colour: str, points: Sequence[Point]) -> go.Scatter:
    """The intervals of one colour, as one line with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, estimate, _, _ in points:
        x += [estimate.low, estimate.high, None]
        y += [place, place, None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"symbol": "line-ns", "size": 9, "line": {"width": 2, "color": colour}},
        hoverinfo="skip",
    )


def _dots(points: Sequence[Point]) -> go.Scatter:
    """The values; hollow without an interval."""
    certain = [estimate.low is not None for _, estimate, _, _ in points]
    colours = [colour for _, _, colour, _ in points]
    return go.Scatter(
        x=[estimate.value for _, estimate, _, _ in points],
        y=[place for place, _, _, _ in points],
        mode="markers",
        marker={
            "color": colours,
            "size": 9,
            "symbol": ["circle" if one else "circle-open" for one in certain],
            "line": {"width": [0 if one else 2 for one in certain], "color": colours},
        },
        text=[f"{name}<br>{interval(estimate)}" for _, estimate, _, name in points],
        hovertemplate="%{text}<extra></extra>",
    )


def _favoured(estimate: Estimate, first: Look, second: Look) -> Look | None:
    if estimate.low is None or estimate.high is None:
        return None
    return first if estimate.low > 0 else second if estimate.high < 0 else None
