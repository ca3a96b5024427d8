"""The matrix of P(improvement): row over column, as an HTML table."""

from collections.abc import Mapping, Sequence

from dashboard.charts.html import text
from dashboard.looks import Look
from results_db.export.comparison import p_shown
from results_db.export.tables import interval, number
from results_db.stats.bootstrap import Estimate
from results_db.stats.compare import Improvement

_LIGHT = ("#E69F00", "#FFFFFF", "#56B4E9")
_DARK = ("#8A5F00", "#1B2129", "#1F6E9E")
"""Where the column wins, where neither does, where the row wins; both are told apart by
the colour-blind, and the page's text can be read on all."""

_STYLE = """<style>
.podium-matrix{overflow-x:auto;font-size:13px}
.podium-matrix table{border-collapse:separate;border-spacing:2px;width:100%;margin:0;
table-layout:fixed}
.podium-matrix td{height:42px;min-width:44px;padding:0 2px;text-align:center;border:0;
border-radius:3px;font-variant-numeric:tabular-nums}
.podium-matrix th{font-weight:400;border:0;padding:2px 6px;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap}
.podium-matrix thead th{vertical-align:bottom;text-align:center}
.podium-matrix tbody th{text-align:right}
.podium-matrix th:first-child{width:26%}
@media(max-width:640px){.podium-matrix thead th{writing-mode:vertical-rl;
transform:rotate(180deg);max-height:9em;text-align:left}
.podium-matrix table{width:max-content}.podium-matrix th:first-child{width:30vw}}
</style>"""


def improvement_chart(
    pairs: Sequence[Improvement],
    labels: Sequence[str],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
) -> str:
    """P(row > column), blue for the row, orange for the column; an asterisk where the
    interval excludes a half."""
    found = {(one.first, one.second): (one.estimate, one) for one in pairs}
    found |= {(one.second, one.first): (_turned(one.estimate), one) for one in pairs}
    lines = []
    for row in labels:
        cells = "".join(
            _cell(looks[row], looks[column], *found[row, column], dark_page)
            if (row, column) in found
            else "<td></td>"
            for column in labels
        )
        lines.append(f"<tr>{_name(looks[row])}{cells}</tr>")
    heads = "".join(_name(looks[label]) for label in labels)
    return (
        f'{_STYLE}<div class="podium-matrix"><table><thead><tr><th></th>{heads}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _name(look: Look) -> str:
    return f'<th title="{text(look.name)}"><bdi>{text(look.name)}</bdi></th>'


def _cell(
    row: Look, column: Look, estimate: Estimate, pair: Improvement, dark_page: bool
) -> str:
    apart = False
    if estimate.low is not None and estimate.high is not None:
        apart = not estimate.low <= 0.5 <= estimate.high
    said = (
        f"P({row.name} > {column.name}) {interval(estimate)}; "
        f"p, Holm: {p_shown(pair.adjusted_p) or '-'}"
    )
    colour = _colour(estimate.value, _DARK if dark_page else _LIGHT)
    shown = number(estimate.value) + ("*" if apart else "")
    return f'<td title="{text(said)}" style="background:{colour}">{shown}</td>'


def _colour(share: float, scale: tuple[str, str, str]) -> str:
    """Between the scale's colours at 0, a half and 1."""
    ends = scale[:2] if share < 0.5 else scale[1:]
    along = 2 * share - (share >= 0.5)
    mixed = [
        round(int(a, 16) + along * (int(b, 16) - int(a, 16)))
        for a, b in ((ends[0][i : i + 2], ends[1][i : i + 2]) for i in (1, 3, 5))
    ]
    return f"rgb({','.join(map(str, mixed))})"


def _turned(estimate: Estimate) -> Estimate:
    """P(second > first): ties count half, so it is 1 minus the other."""
    if estimate.low is None or estimate.high is None:
        return Estimate(1 - estimate.value, None, None)
    return Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)
