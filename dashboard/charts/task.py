"""One task: every run a dot, and how the episodes of the final evaluations fall."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.charts.page import ROW, figure, ink
from dashboard.looks import Look, plotly_text


def runs_chart(
    runs: Mapping[str, Sequence[float]],
    means: Mapping[str, float],
    looks: Mapping[str, Look],
    *,
    lines: Mapping[str, float],
    dark_page: bool,
) -> go.Figure:
    """Raw scores, a row a method.

    Args:
        runs: label -> a score a run; empty for what only a mean is known of.
        means: label -> the mean over runs, a vertical stroke.
        lines: reference -> raw score, e.g. `human`.
    """
    drawn = figure(90 + ROW * len(means), dark_page=dark_page, legend=False)
    for name, value in lines.items():
        drawn.add_vline(
            x=value,
            line={"color": ink(dark_page), "dash": "dot", "width": 1},
            annotation={
                "text": plotly_text(name),
                "font": {"size": 11, "color": ink(dark_page)},
                "textangle": 0,
                "yanchor": "bottom",
            },
        )
    for place, (label, mean) in enumerate(means.items()):
        look, values = looks[label], runs.get(label, ())
        drawn.add_trace(
            go.Scatter(
                x=list(values),
                y=[place] * len(values),
                mode="markers",
                marker={"color": look.on(dark_page), "size": 8, "opacity": 0.65},
                text=[look.html] * len(values),
                hovertemplate="%{text}: a run, %{x:,.4~g}<extra></extra>",
            )
        )
        drawn.add_trace(
            go.Scatter(
                x=[mean],
                y=[place],
                mode="markers",
                marker={
                    "symbol": "line-ns",
                    "size": 18,
                    "line": {"width": 3, "color": look.on(dark_page)},
                },
                text=[look.html],
                hovertemplate="%{text}: mean, %{x:,.4~g}<extra></extra>",
            )
        )
    drawn.update_layout(margin={"t": 30})
    drawn.update_yaxes(
        range=[len(means) - 0.5, -0.5],
        tickvals=list(range(len(means))),
        ticktext=[looks[label].tick for label in means],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    drawn.update_xaxes(title="raw score of a run", fixedrange=True)
    return drawn


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
    drawn.update_xaxes(title="return of an episode")
    drawn.update_yaxes(title="share of episodes at most", range=[0, 1.02])
    drawn.update_yaxes(tickformat=".0%")
    return drawn
