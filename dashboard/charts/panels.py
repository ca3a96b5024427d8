"""Small multiples: a panel a task, every thin line a run, as HTML around one small
vector image a panel."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.charts.html import mark, text, tick_texts, ticks, widened
from dashboard.charts.page import faint
from dashboard.looks import Look
from results_db.stats.curves import CurveData, Points

MOST_POINTS = 40
"""Of a run in a panel."""
WIDE, HIGH = 300, 120
"""Units of a panel's image, which is as wide as the page gives it room."""

DASHES = {
    "solid": "",
    "dash": "5 2",
    "dot": "1 2",
    "dashdot": "5 2 1 2",
    "longdashdot": "8 2 1 2 1 2",
}
"""Plotly's word for a dash -> lengths in pixels."""

_STYLE = """<style>
.podium-panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));
gap:14px 18px;font-size:11px}
.podium-panels .title{font-size:13px;font-weight:600;text-align:center;margin:0;
padding:0 0 2px 40px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.podium-panels .plot{position:relative;height:120px;margin:0 10px 18px 40px}
.podium-panels .plot>*{position:absolute}
.podium-panels img{left:0;top:0;width:100%;height:120px;max-width:none;border-radius:0}
.podium-panels .x{top:123px;transform:translateX(-50%);white-space:nowrap}
.podium-panels .y{right:calc(100% + 5px);transform:translateY(-50%)}
@media(max-width:640px){.podium-panels{grid-template-columns:repeat(2,minmax(0,1fr));
gap:10px 4px}.podium-panels .plot{margin-left:34px}
.podium-panels .title{padding-left:34px}}
.podium-legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;
margin-bottom:10px}
.podium-legend span{display:flex;align-items:center;gap:6px;max-width:100%;
overflow:hidden;white-space:nowrap}
.podium-legend i{width:26px;height:0;flex:none}
.podium-legend b{width:10px;height:10px;margin-left:-23px;margin-right:7px;flex:none}
</style>"""

_DOT = ' style="stroke-width:5;stroke-linecap:round"'
_BORDERS = {
    "dash": "dashed",
    "dot": "dotted",
    "dashdot": "dashed",
    "longdashdot": "dashed",
}


def small_multiples(
    tasks: Sequence[str],
    data: Mapping[str, CurveData],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
) -> str:
    """Scores over agent steps, with one legend.

    Dashes only tell methods of equal colour apart: they blur a thin line.
    """
    dashes = _dashes(list(data), looks)
    panels = "".join(
        _panel(
            task,
            [
                (looks[label].on(dark_page), DASHES[dashes[label]], one[task])
                for label, one in data.items()
                if task in one
            ],
            dark_page=dark_page,
        )
        for task in tasks
    )
    names = "".join(
        _named(looks[label], dashes[label], dark_page=dark_page) for label in data
    )
    return (
        f'{_STYLE}<div class="podium-legend">{names}</div>'
        f'<div class="podium-panels">{panels}</div>'
    )


def _dashes(labels: Sequence[str], looks: Mapping[str, Look]) -> dict[str, str]:
    """Label -> its dash: of each colour one is solid, the others keep their own where
    it is free."""
    found: dict[str, str] = {}
    used: dict[str, list[str]] = defaultdict(list)
    for label in sorted(labels, key=lambda one: [*DASHES].index(looks[one].dash)):
        taken = used[looks[label].colour]
        dash = looks[label].dash if taken else "solid"
        if dash in taken:
            dash = next((one for one in DASHES if one not in taken), dash)
        found[label] = dash
        taken.append(dash)
    return found


def _named(look: Look, dash: str, *, dark_page: bool) -> str:
    """A method in the legend: its line, its marker, its name."""
    colour = look.on(dark_page)
    border = _BORDERS.get(dash, "solid")
    return (
        f'<span title="{text(look.name)}"><i style="border-top:2px {border} {colour}">'
        f'</i><b style="{mark(look.marker, colour)}"></b>'
        f"<bdi>{text(look.name)}</bdi></span>"
    )


def _panel(
    task: str,
    lines: Sequence[tuple[str, str, Sequence[Points]]],
    *,
    dark_page: bool,
) -> str:
    """One task.

    Args:
        lines: of each method its colour, its dashes and its runs.
    """
    kept = [
        (colour, dashes, [_thinned(run) for run in runs])
        for colour, dashes, runs in lines
    ]
    every = [run for _, _, runs in kept for run in runs if len(run[0])]
    right = max((float(steps[-1]) for steps, _ in every), default=0.0) or 1.0
    low, high = widened([float(value) for _, values in every for value in values])
    across, up = ticks(0.0, right, 3), ticks(low, high, 4)

    def place(steps: float, value: float) -> str:
        x = WIDE * steps / right
        return f"{x:.1f} {HIGH * (high - value) / (high - low):.1f}"

    grid = "".join(f"M{place(0, y)}H{WIDE}" for y in up)
    drawn = [f'<path d="{grid}" stroke="{faint(dark_page)}"/>']
    for colour, dashes, runs in kept:
        path = "".join(_path([place(*p) for p in zip(*r, strict=True)]) for r in runs)
        dots = all(len(run[0]) < 2 for run in runs)
        drawn.append(
            f'<path d="{path}" stroke="{colour}" stroke-opacity=".7" '
            f'stroke-dasharray="{dashes}"{_DOT if dots else ""}/>'
        )
    xs = zip(across, tick_texts(across), strict=True)
    ys = zip(up, tick_texts(up), strict=True)
    return (
        f'<div><div class="title" title="{text(task)}">{text(task)}</div>'
        '<div class="plot">'
        f'<img alt="" src="{_image("".join(drawn))}">'
        + "".join(
            f'<span class="x" style="left:{100 * x / right:.1f}%">{words}</span>'
            for x, words in xs
        )
        + "".join(
            f'<span class="y" style="top:{100 * (high - y) / (high - low):.1f}%">'
            f"{words}</span>"
            for y, words in ys
        )
        + "</div></div>"
    )


def _thinned(run: Points) -> tuple[list[float], list[float]]:
    steps, values = run
    keep = np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).astype(int))
    keep = keep[: len(steps)]
    return steps[keep].tolist(), values[keep].tolist()


def _path(places: Sequence[str]) -> str:
    """A line through places; a single one is a dot, a round stroke of no length."""
    return f"M{'L'.join(places)}" + ("h0" if len(places) == 1 else "") if places else ""


def _image(drawn: str) -> str:
    """Lines as the address of an image that stretches while its strokes do not."""
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" '
        'preserveAspectRatio="none"><style>path{fill:none;stroke-width:1;'
        f"vector-effect:non-scaling-stroke}}</style>{drawn}</svg>"
    )
    return "data:image/svg+xml;base64," + b64encode(whole.encode()).decode()
