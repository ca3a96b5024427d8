"""Values with their intervals: a row a method, or a row a task."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.charts.page import ROW, faint, figure, ink
from dashboard.looks import Look, plotly_text
from results_db.comparison import TaskDifference
from results_db.export.tables import interval
from results_db.stats.bootstrap import Estimate

HEAD = 35
"""Pixels of a table's head, which the axis above takes."""


def interval_chart(
    estimates: Mapping[str, Estimate | None],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
    title: str = "",
    names: bool = True,
    prefixes: Mapping[str, str] | None = None,
) -> go.Figure:
    """A row a method, as high as a table's rows, in the order given.

    A point without an interval is hollow; a method without a value leaves its row
    empty.

    Args:
        title: of the axis, where nothing beside the chart says it.
        names: whether the rows are named.
        prefixes: label -> what stands before its name, e.g. its rank.
    """
    rows = len(estimates)
    drawn = figure(HEAD + ROW * rows + 2, dark_page=dark_page, legend=False)
    for place, (label, estimate) in enumerate(estimates.items()):
        if estimate is not None:
            drawn.add_trace(_point(place, estimate, looks[label], dark_page=dark_page))
    drawn.update_layout(margin={"l": 4, "r": 12, "t": HEAD, "b": 2})
    before = prefixes or {}
    drawn.update_yaxes(
        range=[rows - 0.5, -0.5],
        tickvals=list(range(rows)),
        ticktext=[
            plotly_text(before.get(label, "")) + looks[label].tick
            for label in estimates
        ],
        showticklabels=names,
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    drawn.update_xaxes(
        side="top",
        title={"text": title, "standoff": 0, "font": {"size": 12}} if title else None,
        nticks=5,
        fixedrange=True,
    )
    for place in range(rows):
        drawn.add_hline(
            y=place + 0.5, line={"color": faint(dark_page), "width": 1}, layer="below"
        )
    return drawn


def _point(
    place: int, estimate: Estimate, look: Look, *, dark_page: bool
) -> go.Scatter:
    certain = estimate.low is not None and estimate.high is not None
    bars = None
    if estimate.low is not None and estimate.high is not None:
        bars = {
            "type": "data",
            "symmetric": False,
            "array": [estimate.high - estimate.value],
            "arrayminus": [estimate.value - estimate.low],
            "thickness": 2,
            "width": 4,
        }
    return go.Scatter(
        x=[estimate.value],
        y=[place],
        mode="markers",
        error_x=bars,
        marker={
            "color": look.on(dark_page),
            "size": 9,
            "symbol": "circle" if certain else "circle-open",
            "line": {"width": 0 if certain else 2},
        },
        text=[f"{look.html}<br>{interval(estimate)}"],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def difference_chart(
    differences: Sequence[TaskDifference],
    *,
    first: Look,
    second: Look,
    dark_page: bool,
) -> go.Figure:
    """First minus second, a row a task, in the colour of whom the interval favours."""
    rows = len(differences)
    drawn = figure(60 + 24 * rows, dark_page=dark_page, legend=False)
    drawn.add_vline(x=0, line={"color": ink(dark_page), "width": 1})
    for place, row in enumerate(differences):
        look = _favoured(row.estimate, first, second)
        colour = look.on(dark_page) if look else ink(dark_page)
        point = _point(
            place,
            row.estimate,
            Look(row.task, colour, "solid", "circle"),
            dark_page=dark_page,
        )
        point.marker.color = colour
        drawn.add_trace(point)
    drawn.update_yaxes(
        range=[rows - 0.5, -0.5],
        tickvals=list(range(rows)),
        ticktext=[plotly_text(row.task) for row in differences],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    drawn.update_xaxes(title=f"{first.html} minus {second.html}", fixedrange=True)
    return drawn


def _favoured(estimate: Estimate, first: Look, second: Look) -> Look | None:
    if estimate.low is None or estimate.high is None:
        return None
    return first if estimate.low > 0 else second if estimate.high < 0 else None
