"""Axes and text of the charts that are HTML."""

import pytest

from dashboard.charts.html import MARKS, mark, text, tick_texts, ticks, widened
from dashboard.looks import screen_looks


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.04, 1.05, ["0", "0.5", "1.0"]),
        (1.1, 1.2, ["1.10", "1.15", "1.20"]),
        (0.0, 0.01, ["0", "0.005", "0.010"]),
        (-3.0, 3.0, ["−2", "0", "2"]),
        (0.0, 100_000.0, ["0", "50k", "100k"]),
        (0.0, 0.07, ["0", "0.025", "0.050"]),
        (-2e6, 5e7, ["0", "20M", "40M"]),
    ],
)
def test_an_axis_has_few_round_numbers(low, high, words):
    assert tick_texts(ticks(low, high, 3)) == words


@pytest.mark.parametrize("values", [[], [0.3], [0.0, 0.0], [-1e9, 1e9], [1e-9, 2e-9]])
def test_a_range_holds_its_values_and_some_room(values):
    low, high = widened(values)
    assert low < min(values, default=0) <= max(values, default=0) < high
    assert 1 <= len(ticks(low, high, 3)) <= 4


def test_thirty_methods_differ_in_colour_or_marker():
    looks = screen_looks([f"method {number}" for number in range(32)])
    assert {look.marker for look in looks.values()} <= set(MARKS)
    drawn = {mark(look.marker, look.colour) for look in looks.values()}
    assert len(drawn) == 32


def test_text_is_text_in_attributes_too():
    assert text("\"><script>'&") == "&quot;&gt;&lt;script&gt;&#x27;&amp;"
