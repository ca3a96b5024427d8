"""Values with their intervals: a row a method, or a row a task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.charts.html import mark, text, tick_texts, ticks, widened
from dashboard.charts.page import ROW, faint, ink
from dashboard.looks import Look
from results_db.comparison import TaskDifference
from results_db.export.tables import interval
from results_db.stats.bootstrap import Estimate

HEAD = 35
"""Pixels of a table's head, which the axis takes."""
LOW = 24
"""Pixels of a row that no table stands beside."""

_STYLE = """<style>
.podium-rows{display:grid;grid-template-columns:fit-content(46%) 1fr;column-gap:10px;
font-size:13px;line-height:1.2;padding-right:18px}
.podium-rows .names>div{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.podium-rows .names small{font-size:13px;opacity:.65;margin-right:6px}
.podium-rows .plot{position:relative}
.podium-rows .plot *{position:absolute;box-sizing:border-box}
.podium-rows .tick{transform:translateX(-50%);font-size:12px;white-space:nowrap}
.podium-rows .bar{height:3px;margin-top:-1.5px;min-width:2px;border-radius:2px}
.podium-rows .dot{width:11px;height:11px;margin:-5.5px 0 0 -5.5px}
.podium-axis{font-size:12px;text-align:center;font-weight:600}
</style>"""


@dataclass(frozen=True)
class Point:
    """One row of a chart."""

    name: str
    """Beside the chart, plain text."""
    estimate: Estimate | None
    """None leaves the row empty."""
    colour: str
    symbol: str = "circle"
    before: str = ""
    """What stands before the name, e.g. a rank."""


def interval_chart(
    estimates: Mapping[str, Estimate | None],
    looks: Mapping[str, Look],
    *,
    dark_page: bool,
    title: str = "",
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """A row a method, as high as a table's rows, in the order given, as HTML.

    A point without an interval is a ring; a method without a value leaves its row
    empty.

    Args:
        title: of the axis, where nothing beside the chart says it.
        prefixes: label -> what stands before its name, e.g. its rank.
    """
    points = [
        Point(
            name=looks[label].name,
            estimate=estimate,
            colour=looks[label].on(dark_page),
            symbol=looks[label].marker,
            before=(prefixes or {}).get(label, ""),
        )
        for label, estimate in estimates.items()
    ]
    return _titled(
        title,
        _rows(points, ROW, dark_page=dark_page, most=3 if title else 4),
    )


def difference_chart(
    differences: Sequence[TaskDifference],
    *,
    first: Look,
    second: Look,
    dark_page: bool,
) -> str:
    """First minus second, a row a task, as HTML, in the colour of whom the interval
    favours."""
    points = []
    for row in differences:
        look = _favoured(row.estimate, first, second)
        points.append(
            Point(
                name=row.task,
                estimate=row.estimate,
                colour=look.on(dark_page) if look else ink(dark_page),
                symbol=look.marker if look else "circle",
            )
        )
    title = f"{first.name} minus {second.name}"
    return _titled(title, _rows(points, LOW, dark_page=dark_page, zero=True))


def _titled(title: str, rows: str) -> str:
    head = f'<div class="podium-axis">{text(title)}</div>' if title else ""
    return f"{_STYLE}{head}{rows}"


def _rows(
    points: Sequence[Point],
    height: int,
    *,
    dark_page: bool,
    most: int = 5,
    zero: bool = False,
) -> str:
    """Rows of points with their intervals under one axis.

    Args:
        height: of a row, in pixels.
        most: numbers on the axis.
        zero: a line at 0 is drawn.
    """
    low, high = widened([0.0] * zero + [v for point in points for v in _values(point)])
    places = ticks(low, high, most)

    def share(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}%"

    end = HEAD + height * len(points)
    line = faint(dark_page)
    drawn = [
        f'<div class="tick" style="left:{share(value)};top:10px">{words}</div>'
        f'<div style="left:{share(value)};top:{HEAD - 5}px;bottom:0;width:1px;'
        f'background:{line}"></div>'
        for value, words in zip(places, tick_texts(places), strict=True)
    ]
    drawn += [
        f'<div style="left:0;right:0;top:{top}px;height:1px;background:{line}"></div>'
        for top in range(HEAD, end, height)
    ]
    if zero:
        drawn.append(
            f'<div style="left:{share(0.0)};top:{HEAD}px;bottom:0;width:1px;'
            f'background:{ink(dark_page)}"></div>'
        )
    for place, point in enumerate(points):
        middle = HEAD + height * place + height / 2
        drawn.append(_drawn(point, middle, share))
    return (
        f'<div class="podium-rows"><div class="names">'
        f'<div style="height:{HEAD}px"></div>{_names(points, height)}</div>'
        f'<div class="plot" style="height:{end}px">{"".join(drawn)}</div></div>'
    )


def _names(points: Sequence[Point], height: int) -> str:
    return "".join(
        f'<div title="{text(point.name)}" style="height:{height}px;'
        f'line-height:{height}px">'
        + (f"<small>{text(point.before)}</small>" if point.before else "")
        + f"<bdi>{text(point.name)}</bdi></div>"
        for point in points
    )


def _drawn(point: Point, middle: float, share: Callable[[float], str]) -> str:
    """A bar, and the value upon it."""
    estimate = point.estimate
    if estimate is None:
        return ""
    bar = ""
    if estimate.low is not None and estimate.high is not None:
        bar = (
            f'<div class="bar" style="left:{share(estimate.low)};'
            f"right:calc(100% - {share(estimate.high)});top:{middle}px;"
            f'background:{point.colour}"></div>'
        )
    look = mark(point.symbol, point.colour, hollow=not bar)
    said = text(f"{point.name}: {interval(estimate)}")
    return (
        f'{bar}<div class="dot" title="{said}" style="left:{share(estimate.value)};'
        f'top:{middle}px;{look}"></div>'
    )


def _values(point: Point) -> list[float]:
    if point.estimate is None:
        return []
    all_three = (point.estimate.low, point.estimate.value, point.estimate.high)
    return [value for value in all_three if value is not None]


def _favoured(estimate: Estimate, first: Look, second: Look) -> Look | None:
    if estimate.low is None or estimate.high is None:
        return None
    return first if estimate.low > 0 else second if estimate.high < 0 else None
