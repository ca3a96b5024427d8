"""One task: every run a dot, and how the episodes of the final evaluations fall."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.page import ROW, figure, ink
from dashboard.looks import Look, plotly_text
from results_db.stats.bootstrap import Estimate


def runs_chart(
    runs: Mapping[str, Sequence[float]],
    means: Mapping[str, Estimate],
    looks: Mapping[str, Look],
    *,
    lines: Mapping[str, float],
    dark_page: bool,
) -> go.Figure:
    """Raw scores, a row a method.

    Args:
        runs: label -> a score a run; empty for what only a mean is known of.
        means: label -> the mean over runs, a vertical stroke with its interval.
        lines: reference -> raw score, e.g. `human`; one far from all scores stands at
            the edge, so that it does not press them together.
    """
    drawn = figure(90 + ROW * len(means), dark_page=dark_page, legend=False)
    low, high = _span(runs, means)
    for name, value in lines.items():
        if low <= value <= high:
            drawn.add_vline(
                x=value,
                line={"color": ink(dark_page), "dash": "dot", "width": 1},
                annotation=_above(name, dark_page) | {"textangle": 0},
            )
    beyond = {
        "left": [f"← {name} {at:,.6g}" for name, at in lines.items() if at < low],
        "right": [f"{name} {at:,.6g} →" for name, at in lines.items() if at > high],
    }
    for side, texts in beyond.items():
        if texts:
            drawn.add_annotation(
                _above(", ".join(texts), dark_page),
                xref="paper",
                yref="paper",
                x=0 if side == "left" else 1,
                y=1,
                xanchor=side,
                showarrow=False,
            )
    shown = {label: looks[label] for label in means}
    drawn.add_traces(
        [
            _dots({label: runs.get(label, ()) for label in means}, shown, dark_page),
            _strokes(means, shown, dark_page),
        ]
    )
    drawn.update_layout(
        margin={"t": 30},
        xaxis={"title_text": "raw score of a run", "fixedrange": True},
        yaxis={
            "range": [len(means) - 0.5, -0.5],
            "tickvals": list(range(len(means))),
            "ticktext": [look.tick for look in shown.values()],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return drawn


def _span(
    runs: Mapping[str, Sequence[float]], means: Mapping[str, Estimate]
) -> tuple[float, float]:
    """From where to where references are drawn: as far beyond all scores as these reach
    themselves; everywhere for a single score."""
    scores = [one.value for one in means.values()]
    scores += [value for label in means for value in runs.get(label, ())]
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    reach = high - low or math.inf
    return low - reach, high + reach


def _above(text: str, dark_page: bool) -> dict[str, Any]:
    """A word over the rows."""
    return {
        "text": plotly_text(text),
        "font": {"size": 11, "color": ink(dark_page)},
        "yanchor": "bottom",
    }


def _dots(
    runs: Mapping[str, Sequence[float]], looks: Mapping[str, Look], dark_page: bool
) -> go.Scatter:
    """The runs of all methods in one trace: each trace costs more than its points."""
    points = [
        (value, place, looks[label])
        for place, (label, values) in enumerate(runs.items())
        for value in values
    ]
    return go.Scatter(
        x=[value for value, _, _ in points],
        y=[place for _, place, _ in points],
        mode="markers",
        marker={
            "color": [look.on(dark_page) for _, _, look in points],
            "size": 8,
            "opacity": 0.65,
        },
        text=[look.html for _, _, look in points],
        hovertemplate="%{text}: a run, %{x:,.4~g}<extra></extra>",
    )


def _strokes(
    means: Mapping[str, Estimate], looks: Mapping[str, Look], dark_page: bool
) -> go.Scatter:
    """The means of all methods, with bars where there are intervals."""
    colours = [looks[label].on(dark_page) for label in means]
    return go.Scatter(
        x=[one.value for one in means.values()],
        error_x={
            "array": [_reach(one.value, one.high) for one in means.values()],
            "arrayminus": [_reach(one.low, one.value) for one in means.values()],
            "color": ink(dark_page),
            "thickness": 1.5,
            "width": 3,
        },
        text=[looks[label].html + _bracket(one) for label, one in means.items()],
        y=list(range(len(means))),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": 18,
            "line": {"width": 3, "color": colours},
        },
        hovertemplate="%{text}: mean %{x:,.4~g}<extra></extra>",
    )


def _reach(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else high - low


def _bracket(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return ""
    return f" [{one.low:,.4g}, {one.high:,.4g}]"


def episodes_chart(
    episodes: Mapping[str, Sequence[float]],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
) -> go.Figure:
    """The share of episodes with at most a return, one line a method."""
    drawn = figure(380, dark_page=dark_page)
    for label, values in episodes.items():
        look, ordered = looks[label], sorted(values)
        count = len(ordered)
        drawn.add_trace(
            go.Scatter(
                x=ordered,
                y=[(place + 1) / count for place in range(count)],
                name=look.html,
                mode="lines",
                line={
                    "shape": "hv",
                    "color": look.on(dark_page),
                    "dash": look.dash,
                    "width": 2,
                },
                text=[look.html] * count,
                hovertemplate="%{text}<br>%{y:.0%} at most %{x:,.4~g}<extra></extra>",
            )
        )
    drawn.update_xaxes(title_text="return of an episode")
    drawn.update_yaxes(title_text="share of episodes at most", range=[0, 1.02])
    drawn.update_yaxes(tickformat=".0%")
    return drawn
