"""Small multiples: a panel a task, every thin line a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.page import faint, figure, ink, translucent
from dashboard.looks import Look, plotly_text
from results_db.stats.curves import CurveData, Points

HEIGHT = 165
"""Pixels of a panel with its title and ticks."""
MOST_POINTS = 40
"""Of a run in a panel."""


def small_multiples(
    tasks: Sequence[str],
    data: Mapping[str, CurveData],
    looks: Mapping[str, Look],
    *,
    columns: int,
    dark_page: bool,
) -> go.Figure:
    """Scores over agent steps. The figure is made in one piece: panel by panel, Plotly
    takes seconds.

    Args:
        columns: panels beside each other.

    Dashes only tell methods of equal colour apart: they blur a thin line.
    """
    rows = max(1, -(-len(tasks) // columns))
    traces, named = [], set()
    colours = {looks[label].colour: label for label in reversed(list(data))}
    dashed = set(data) - set(colours.values())
    for place, task in enumerate(tasks, start=1):
        for label, curves in data.items():
            if task in curves:
                axes = {"xaxis": f"x{place}", "yaxis": f"y{place}"}
                shown = {"showlegend": label not in named}
                look = looks[label]
                line = _thin(curves[task], look, dark_page=dark_page)
                line["line"]["dash"] = look.dash if label in dashed else "solid"
                traces.append({**line, **axes, **shown})
                named.add(label)
    drawn = figure(HEIGHT * rows + 70, dark_page=dark_page)
    drawn.update_layout(
        grid={
            "rows": rows,
            "columns": columns,
            "pattern": "independent",
            "xgap": 0.16,
            "ygap": 0.45,
        },
        annotations=[
            _title(place, task, dark_page=dark_page)
            for place, task in enumerate(tasks, start=1)
        ],
        margin={"t": 28},
        legend={"y": -0.3 / rows},
        **_axes(len(tasks), dark_page=dark_page),
    )
    drawn.add_traces(traces)
    return drawn


def _axes(panels: int, *, dark_page: bool) -> dict[str, Any]:
    grid = {"gridcolor": faint(dark_page), "zerolinecolor": faint(dark_page)}
    small = {"tickfont": {"size": 10}, **grid}
    numbers = ["" if place == 1 else str(place) for place in range(1, panels + 1)]
    return {f"xaxis{n}": {"nticks": 3, **small} for n in numbers} | {
        f"yaxis{n}": {"nticks": 4, **small} for n in numbers
    }


def _title(place: int, task: str, *, dark_page: bool) -> dict[str, Any]:
    return {
        "text": plotly_text(task),
        "x": 0.5,
        "y": 1,
        "xref": f"x{place} domain" if place > 1 else "x domain",
        "yref": f"y{place} domain" if place > 1 else "y domain",
        "xanchor": "center",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": ink(dark_page)},
    }


def _thin(runs: Sequence[Points], look: Look, *, dark_page: bool) -> dict[str, Any]:
    """All runs of a method on a task as one line with gaps, which draws far faster than
    a line a run."""
    x: list[float | None] = []
    y: list[float | None] = []
    longest = 0
    for steps, values in runs:
        keep = np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).astype(int))
        x += [*steps[keep].tolist(), None]
        y += [*np.round(values[keep], 4).tolist(), None]
        longest = max(longest, len(keep))
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": look.html,
        "legendgroup": look.html,
        "mode": "lines" if longest > 1 else "markers",
        "line": {
            "color": translucent(look.on(dark_page), 0.7),
            "width": 1,
        },
        "marker": {"color": look.on(dark_page), "size": 4},
        "hoverinfo": "skip",
    }
