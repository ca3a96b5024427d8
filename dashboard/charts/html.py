"""Charts that are HTML: they are there at once, while Plotly's five megabytes of script
take a browser seconds. Places are shares of the width, so they fit any column."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

import streamlit as st

MARKS = {
    "circle": "circle(50%)",
    "square": "inset(6%)",
    "diamond": "polygon(50% 0,100% 50%,50% 100%,0 50%)",
    "triangle-up": "polygon(50% 0,100% 95%,0 95%)",
    "triangle-down": "polygon(0 5%,100% 5%,50% 100%)",
    "triangle-left": "polygon(0 50%,95% 0,95% 100%)",
    "triangle-right": "polygon(5% 0,100% 50%,5% 100%)",
    "cross": "polygon(34% 0,66% 0,66% 34%,100% 34%,100% 66%,66% 66%,66% 100%,34% 100%,"
    "34% 66%,0 66%,0 34%,34% 34%)",
    "x": "polygon(22% 0,50% 28%,78% 0,100% 22%,72% 50%,100% 78%,78% 100%,50% 72%,"
    "22% 100%,0 78%,28% 50%,0 22%)",
    "star": "polygon(50% 0,62% 36%,100% 36%,70% 59%,81% 96%,50% 73%,19% 96%,30% 59%,"
    "0 36%,38% 36%)",
    "hexagon": "polygon(25% 5%,75% 5%,100% 50%,75% 95%,25% 95%,0 50%)",
    "diamond-tall": "polygon(50% 0,82% 50%,50% 100%,18% 50%)",
}
"""Plotly's word for a marker -> the same shape as a clip of a box."""


def show_html(body: str, *, alt: str, role: str = "img") -> None:
    """Puts a chart on the page.

    Args:
        alt: what a screen reader says of it.
        role: `img`, or `group` where what it holds can be read too.
    """
    st.html(f'<div role="{role}" aria-label="{text(alt)}">{body}</div>')


def text(shown: str) -> str:
    """Any text as HTML, also within an attribute."""
    return escape(shown, quote=True)


def mark(symbol: str, colour: str, *, hollow: bool = False) -> str:
    """The style of a box that is a marker; hollow ones are rings."""
    if hollow:
        return f"border:2px solid {colour};border-radius:50%"
    return f"background:{colour};clip-path:{MARKS[symbol]}"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high, at most so many; low must be below high."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def tick_texts(values: Sequence[float]) -> list[str]:
    """Numbers of an axis, all with the decimals that their step needs: `0.5`, `20k`."""
    if not values:
        return []
    step = values[1] - values[0] if len(values) > 1 else abs(values[0]) or 1.0
    largest = max(map(abs, values))
    unit, letter = next(
        (size, letter)
        for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
        if largest >= 10 * size or size == 1.0
    )
    decimals = max(0, -floor(log10(step / unit) + 1e-9))
    if round(step / unit, decimals) != round(step / unit, decimals + 1):
        decimals += 1  # a step of 2.5
    shown = [f"{value / unit:.{decimals}f}" for value in values]
    return [
        "0" if float(one) == 0 else f"{one.replace('-', '−')}{letter}" for one in shown
    ]


def widened(values: Sequence[float]) -> tuple[float, float]:
    """A range around all values with some room on either side; around 0 without any."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room
