"""Lines with bands: performance profiles and sample-efficiency curves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.page import faint, figure, translucent
from dashboard.looks import Look, plotly_text
from results_db.stats.curves import Curve
from results_db.stats.profiles import Profile

Numbers = NDArray[Any]
MOST_MARKERS = 25
"""Of a line."""


def profile_chart(
    profiles: Mapping[str, Profile],
    looks: Mapping[str, Look],
    *,
    score: str,
    dark_page: bool,
) -> go.Figure:
    """The share of runs above each threshold, with 95 % bands."""
    drawn = figure(400, dark_page=dark_page)
    for label, profile in profiles.items():
        _band(
            drawn,
            profile.thresholds,
            profile.low,
            profile.high,
            looks[label],
            dark_page=dark_page,
        )
        drawn.add_trace(
            _line(profile.thresholds, profile.value, looks[label], dark_page=dark_page)
        )
    drawn.update_yaxes(title_text="share of runs above τ", range=[-0.02, 1.02])
    drawn.update_xaxes(title_text=f"τ, {plotly_text(score)}")
    return drawn


def curve_chart(
    curves: Mapping[str, Curve],
    looks: Mapping[str, Look],
    *,
    score: str,
    per_step: float,
    steps: str,
    reported: Mapping[str, float],
    dark_page: bool,
) -> go.Figure:
    """An aggregate over training, above the share of runs that have a score there.

    Args:
        per_step: the axis is agent steps, or seconds, times this.
        steps: what the axis is called.
        reported: label -> a published value, a dashed line.
    """
    drawn = figure(520, dark_page=dark_page)
    drawn.set_subplots(
        2, 1, shared_xaxes=True, row_heights=[0.82, 0.18], vertical_spacing=0.04
    )
    for label, curve in curves.items():
        look, x = looks[label], curve.at * per_step
        _band(drawn, x, curve.low, curve.high, look, dark_page=dark_page)
        drawn.add_trace(_line(x, curve.value, look, dark_page=dark_page), 1, 1)
        live = _line(x, curve.live_runs / curve.runs, look, dark_page=dark_page)
        live.update(showlegend=False, mode="lines", line_shape="hv")
        drawn.add_trace(live, 2, 1)
    for label, value in reported.items():
        look = looks[label]
        drawn.add_hline(
            y=value,
            row=1,
            col=1,
            line={"color": look.on(dark_page), "dash": "dash", "width": 1.5},
            annotation={"text": look.html, "font": {"size": 11}, "xanchor": "right"},
        )
    lines = {"gridcolor": faint(dark_page), "zerolinecolor": faint(dark_page)}
    drawn.update_xaxes(**lines)
    drawn.update_yaxes(**lines)
    drawn.update_yaxes(title_text=plotly_text(score), row=1, col=1)
    drawn.update_yaxes(title_text="live runs", range=[0, 1.1], row=2, col=1)
    drawn.update_yaxes(tickformat=".0%", nticks=3, row=2, col=1)
    drawn.update_xaxes(title_text=steps, row=2, col=1)
    return drawn


def _line(x: Numbers, y: Numbers, look: Look, *, dark_page: bool) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=look.html,
        legendgroup=look.html,
        mode="lines+markers",
        line={"color": look.on(dark_page), "dash": look.dash, "width": 2},
        # Some of the markers: methods of equal colour and dash differ in them.
        marker={"symbol": look.marker, "size": 6, "maxdisplayed": MOST_MARKERS},
        text=[look.html] * len(x),
        hovertemplate="%{text}<br>%{x:,.4~g}: %{y:.3f}<extra></extra>",
    )


def _band(
    drawn: go.Figure,
    x: Numbers,
    low: Numbers | None,
    high: Numbers | None,
    look: Look,
    *,
    dark_page: bool,
) -> None:
    """A 95 % band, where there is one."""
    if low is None or high is None:
        return
    known = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[known], low[known], high[known]
    drawn.add_trace(
        go.Scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=translucent(look.on(dark_page), 0.18),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            legendgroup=look.html,
        )
    )
