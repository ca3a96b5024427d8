"""Probability of improvement: every pair with its interval, around a half."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from results_db.export.figures.names import SMALL, Look, text_width
from results_db.export.figures.page import (
    COLUMN,
    LINE,
    PAGE,
    axes_at,
    blank,
    draw_legend,
    legend_shape,
    line_of,
)
from results_db.stats.bootstrap import Estimate
from results_db.stats.compare import Improvement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 10
"""Pairs in a list; more methods are shown as a panel each."""
EVEN = "#666666"


def improvement_figure(
    pairs: Sequence[Improvement], looks: Mapping[str, Look]
) -> "Figure":
    """P(first > second) with 95 % intervals; an interval beyond the line at a half
    separates the two.

    Up to MOST_ROWS pairs are a list, one column of a paper wide; more are a panel a
    method, in which all others are rows, both columns wide.

    Args:
        pairs: each pair once.
        looks: of all methods named here.
    """
    if len(pairs) <= MOST_ROWS:
        return _list(pairs, looks)
    return _panels(pairs, looks)


def _list(pairs: Sequence[Improvement], looks: Mapping[str, Look]) -> "Figure":
    room = COLUMN - 0.2
    words = [_words(looks[p.first], looks[p.second], room) for p in pairs]
    lines = max((text.count("\n") + 1 for text in words), default=1)
    row = (lines + 1) * LINE + 0.04
    height = row * max(len(pairs), 1)
    methods = list(dict.fromkeys(m for p in pairs for m in (p.first, p.second)))
    labels = [looks[method].label for method in methods]
    foot = legend_shape(labels, COLUMN - 0.1)[1] + 0.36
    figure = blank(COLUMN, foot + height + 0.04)
    axes = axes_at(figure, 0.1, foot, room, height)
    for index, (pair, text) in enumerate(zip(pairs, words, strict=True)):
        y = index + 1 - 0.6 * LINE / row
        _draw(
            axes,
            y,
            pair.estimate,
            _better(pair.estimate, looks[pair.first], looks[pair.second]),
        )
        axes.text(
            0.0,
            index + 0.5 * lines * LINE / row + 0.02,
            text,
            size=SMALL,
            va="center",
            linespacing=1.1,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    _finish(axes, len(pairs))
    axes.set_xlabel("P(first > second)", labelpad=2)
    handles = [line_of(looks[method], linestyle="", marker="o") for method in methods]
    draw_legend(figure, handles, labels)
    return figure


def _words(first: Look, second: Look, room: float) -> str:
    """On one line if that fits."""
    words = f"{first.name} > {second.name}"
    fits = text_width([words]) <= room
    return words if fits else f"{first.name}\n> {second.name}"


def _panels(pairs: Sequence[Improvement], looks: Mapping[str, Look]) -> "Figure":
    methods = list(dict.fromkeys(m for p in pairs for m in (p.first, p.second)))
    both = {(pair.first, pair.second): pair.estimate for pair in pairs}
    both |= {(b, a): _mirrored(estimate) for (a, b), estimate in both.items()}
    names = [looks[method].label for method in methods]
    left = text_width(names) + 0.12
    columns = 4 if len(methods) > 6 else 3
    rows = -(-len(methods) // columns)
    gap = 0.14
    width = (PAGE - left - 0.1 - gap * (columns - 1)) / columns
    height = LINE * len(methods) + 0.04
    titles = [_halved(looks[method].name, width) for method in methods]
    step = height + 0.44 + (LINE if any("\n" in title for title in titles) else 0.0)
    figure = blank(PAGE, rows * step + 0.22)
    for index, method in enumerate(methods):
        row, column = divmod(index, columns)
        bottom = 0.42 + (rows - 1 - row) * step
        axes = axes_at(figure, left + column * (width + gap), bottom, width, height)
        for y, other in enumerate(methods):
            if (method, other) in both:
                estimate = both[method, other]
                winner = _better(estimate, looks[method], looks[other])
                _draw(axes, y + 0.5, estimate, winner)
        _finish(axes, len(methods))
        axes.set_yticks(
            [y + 0.5 for y in range(len(methods))],
            names if column == 0 else [""] * len(methods),
        )
        title = titles[index]
        room = width + gap - 0.04
        size = SMALL * min(1.0, room / max(text_width(title.split("\n")), 1e-9))
        axes.set_title(
            title, size=size, pad=2.5, color=looks[method].colour, linespacing=1.0
        )
    figure.text(
        (left + PAGE) / 2 / PAGE,
        0.03 / figure.get_figheight(),
        "P(method above the panel > method of the row)",
        ha="center",
        va="bottom",
    )
    return figure


def _halved(name: str, room: float) -> str:
    """On two lines if it does not fit on one."""
    half = -(-len(name) // 2)
    return name if text_width([name]) <= room else f"{name[:half]}\n{name[half:]}"


def _better(estimate: Estimate, first: Look, second: Look) -> Look | None:
    """The method that the interval says is better, if it says so."""
    if estimate.low is not None and estimate.low > 0.5:
        return first
    if estimate.high is not None and estimate.high < 0.5:
        return second
    return None


def _mirrored(estimate: Estimate) -> Estimate:
    low = None if estimate.high is None else 1 - estimate.high
    high = None if estimate.low is None else 1 - estimate.low
    return Estimate(1 - estimate.value, low, high)


def _draw(axes: "Axes", y: float, estimate: Estimate, winner: Look | None) -> None:
    """In the winner's colour, or in grey where neither is separated."""
    colour = winner.colour if winner else EVEN
    if estimate.low is not None and estimate.high is not None:
        axes.plot(
            (estimate.low, estimate.high),
            (y, y),
            color=colour,
            linewidth=2.6,
            alpha=0.45,
            solid_capstyle="butt",
        )
    axes.plot(
        estimate.value,
        y,
        "o",
        color=colour,
        markerfacecolor=colour if winner else "white",
        clip_on=False,
        zorder=3,
    )


def _finish(axes: "Axes", rows: int) -> None:
    axes.axvline(0.5, color="#333333", linewidth=0.8, linestyle=(0, (3.0, 2.0)))
    axes.set_xlim(0, 1)
    axes.set_ylim(max(rows, 1), 0)
    axes.set_xticks((0, 0.25, 0.5, 0.75, 1), ("0", "", "0.5", "", "1"))
    axes.set_yticks([])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
