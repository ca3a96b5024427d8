"""The matrix of P(improvement): row over column."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboard.charts.page import figure
from dashboard.looks import Look
from results_db.export.comparison import p_shown
from results_db.export.tables import interval, number
from results_db.stats.bootstrap import Estimate
from results_db.stats.compare import Improvement

_LIGHT = ((0, "#E69F00"), (0.5, "#FFFFFF"), (1, "#56B4E9"))
_DARK = ((0, "#8A5F00"), (0.5, "#1B2129"), (1, "#1F6E9E"))


def improvement_chart(
    pairs: Sequence[Improvement],
    labels: Sequence[str],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
) -> go.Figure:
    """P(row > column), blue for the row, orange for the column; an asterisk where the
    interval excludes a half."""
    found = {(one.first, one.second): (one.estimate, one) for one in pairs}
    found |= {(one.second, one.first): (_turned(one.estimate), one) for one in pairs}
    values: list[list[float | None]] = []
    texts, hovers = [], []
    for row in labels:
        cells = [found.get((row, column)) for column in labels]
        values.append([cell and cell[0].value for cell in cells])
        texts.append([_cell(cell[0]) if cell else "" for cell in cells])
        hovers.append(
            [
                _hover(looks[row], looks[column], *cell) if cell else ""
                for column, cell in zip(labels, cells, strict=True)
            ]
        )
    drawn = figure(90 + 46 * len(labels), dark_page=dark_page, legend=False)
    drawn.add_trace(
        go.Heatmap(
            z=values,
            x=list(range(len(labels))),
            y=list(range(len(labels))),
            text=texts,
            customdata=hovers,
            texttemplate="%{text}",
            hovertemplate="%{customdata}<extra></extra>",
            zmin=0,
            zmax=1,
            colorscale=_DARK if dark_page else _LIGHT,
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    names = [looks[label].tick for label in labels]
    places = list(range(len(labels)))
    drawn.update_xaxes(tickvals=places, ticktext=names, showgrid=False, zeroline=False)
    drawn.update_yaxes(tickvals=places, ticktext=names, showgrid=False, zeroline=False)
    drawn.update_yaxes(autorange="reversed")
    return drawn


def _turned(estimate: Estimate) -> Estimate:
    """P(second > first): ties count half, so it is 1 minus the other."""
    if estimate.low is None or estimate.high is None:
        return Estimate(1 - estimate.value, None, None)
    return Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)


def _cell(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return number(estimate.value)
    apart = not estimate.low <= 0.5 <= estimate.high
    return number(estimate.value) + ("*" if apart else "")


def _hover(row: Look, column: Look, estimate: Estimate, pair: Improvement) -> str:
    return (
        f"P({row.html} > {column.html})<br>{interval(estimate)}<br>"
        f"p, Holm: {p_shown(pair.adjusted_p) or '-'}".replace("< 0", "&lt; 0")
    )
