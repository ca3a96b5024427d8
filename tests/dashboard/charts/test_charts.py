"""What the HTML charts draw of given numbers."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

from dashboard.charts.intervals import difference_chart, interval_chart
from dashboard.charts.matrix import improvement_chart
from dashboard.charts.page import ink
from dashboard.charts.panels import small_multiples
from dashboard.charts.task import runs_chart
from dashboard.looks import screen_looks
from results_db.comparison import TaskDifference
from results_db.stats.bootstrap import Estimate
from results_db.stats.compare import Improvement
from tests.results_db.hostile import HOSTILE

LOOKS = screen_looks(["a", "b", "c"])


def places(html):
    """All places across, in percent."""
    return [float(one) for one in re.findall(r"left:(-?[\d.]+)%", html)]


def intervals(estimates, looks=LOOKS, **more):
    return interval_chart(estimates, looks, dark_page=False, **more)


def test_a_bar_reaches_from_low_to_high_around_its_value():
    drawn = intervals({"a": Estimate(0.5, 0.25, 1.0), "b": Estimate(0.0, 0.0, 0.0)})
    bar = re.search(r'"bar" style="left:([\d.]+)%;right:calc\(100% - ([\d.]+)%', drawn)
    dots = re.findall(r'"dot"[^>]*left:([\d.]+)%', drawn)
    zero, half, low, high = (float(v) for v in (dots[1], dots[0], *bar.groups()))
    assert (half - zero) / (high - zero) == pytest.approx(0.5, abs=1e-3)
    assert (low - zero) / (high - zero) == pytest.approx(0.25, abs=1e-3)
    assert all(0 <= place <= 100 for place in places(drawn))


def test_a_value_without_an_interval_is_a_ring_and_none_an_empty_row():
    drawn = intervals({"a": Estimate(0.5, None, None), "b": None})
    assert drawn.count('class="dot"') == 1
    assert 'class="bar"' not in drawn
    assert "border:2px solid" in drawn
    assert "<bdi>b</bdi>" in drawn


def test_no_value_at_all_still_draws_rows():
    assert "<bdi>a</bdi>" in intervals({"a": None})


def test_names_in_charts_are_text():
    looks = screen_looks(HOSTILE)
    estimate = Estimate(0.5, 0.4, 0.6)
    run = (np.array([1, 2]), np.array([0.0, 1.0]))
    curves = {name: {"t": [run]} for name in HOSTILE}
    pair = Improvement(HOSTILE[11], HOSTILE[12], estimate, 0.1, 0.1, {})
    for drawn in (
        intervals(dict.fromkeys(HOSTILE, estimate), looks),
        improvement_chart([pair], HOSTILE[11:13], looks, dark_page=True),
        small_multiples(["t"], curves, looks, dark_page=False),
        difference_chart(
            [TaskDifference("<script>", estimate, 0, (1, 1), 0)],
            first=looks[HOSTILE[11]],
            second=looks[HOSTILE[12]],
            dark_page=False,
        ),
    ):
        assert "<script>" not in drawn
        assert "<img src=x" not in drawn
        assert '""' not in drawn.replace('alt=""', "")


def test_differences_are_drawn_around_zero_in_the_colour_of_the_better():
    rows = [
        TaskDifference(task, Estimate(value, value - 0.1, value + 0.1), 2, (2, 2), 4)
        for task, value in (("up", 0.5), ("even", 0.0), ("down", -0.5))
    ]
    first, second = LOOKS["a"], LOOKS["b"]
    drawn = difference_chart(rows, first=first, second=second, dark_page=False)
    colours = re.findall(r'"bar"[^>]*background:(#\w+)', drawn)
    assert [colours[0], colours[2]] == [first.colour, second.colour]
    assert colours[1] not in (first.colour, second.colour)


def test_the_matrix_shows_both_ways_of_a_pair():
    pair = Improvement("a", "b", Estimate(0.75, 0.6, 0.9), 0.01, 0.02, {})
    drawn = improvement_chart([pair], ["a", "b"], LOOKS, dark_page=False)
    assert re.findall(r">([\d.]+\*?)</td>", drawn) == ["0.750*", "0.250*"]
    backgrounds = re.findall(r"background:(rgb\([\d,]+\))", drawn)
    assert len(set(backgrounds)) == 2


def images(html):
    """The lines of every panel."""
    found = re.findall(r"base64,([\w+/=]+)", html)
    return [ElementTree.fromstring(b64decode(one)) for one in found]


def test_a_panel_a_task_a_line_a_method():
    steps = np.array([10, 20, 30])
    runs = [(steps, np.array([0.0, 0.5, 1.0])), (steps[:2], np.array([0.2, 0.4]))]
    curves = {"a": {"t": runs, "u": runs[:1]}, "b": {"t": runs[1:]}}
    drawn = small_multiples(["t", "u"], curves, LOOKS, dark_page=False)
    first, second = images(drawn)
    lines = [path.get("d") for path in first][2:]
    assert [line.count("M") for line in lines] == [2, 1]
    assert len(second) == 3
    assert lines[0].startswith("M100.0 ")
    numbers = [float(one) for line in lines for one in re.findall(r"[\d.]+", line)]
    assert 0 <= min(numbers) <= max(numbers) <= 300


def test_runs_of_one_point_are_dots_and_runs_of_none_are_nothing():
    one = (np.array([10]), np.array([0.3]))
    none = (np.array([], dtype=int), np.array([]))
    drawn = small_multiples(["t"], {"a": {"t": [one, none]}}, LOOKS, dark_page=False)
    path = images(drawn)[0][-1]
    assert path.get("d").endswith("h0")
    assert "round" in path.get("style")


def test_methods_of_equal_colour_differ_in_dashes():
    looks = screen_looks([f"m{number}" for number in range(10)])
    same = [label for label in looks if looks[label].colour == looks["m0"].colour]
    assert len(same) == 2
    run = (np.array([1, 2]), np.array([0.0, 1.0]))
    curves = {label: {"t": [run]} for label in same}
    paths = images(small_multiples(["t"], curves, looks, dark_page=False))[0][2:]
    assert len({path.get("stroke-dasharray") for path in paths}) == 2


def drawn_lines(curves, looks):
    return images(small_multiples(["t"], curves, looks, dark_page=False))[0][2:]


def test_no_method_hides_another_of_its_colour_in_whatever_order():
    looks = screen_looks([f"m{number:02}" for number in range(48)])
    run = (np.array([1, 2]), np.array([0.0, 1.0]))
    # m00 and m40 have one colour and one dash; m08 has another dash of that colour.
    for labels in (["m08", "m00"], ["m40", "m00"]):
        assert len({looks[label].colour for label in labels}) == 1
        paths = drawn_lines({label: {"t": [run]} for label in labels}, looks)
        assert len({path.get("stroke-dasharray") for path in paths}) == 2
    shown = drawn_lines({label: {"t": [run]} for label in ("m08", "m00")}, looks)
    assert [path.get("stroke-dasharray") for path in shown] == ["5 2", ""]


def test_titles_of_axes_can_be_read_on_both_pages():
    for dark_page in (False, True):
        drawn = runs_chart(
            {"a": [1.0]},
            {"a": Estimate(1.0, None, None)},
            LOOKS,
            lines={},
            dark_page=dark_page,
        )
        title = drawn.layout.xaxis.title
        assert (title.text, title.font.color) == ("raw score of a run", ink(dark_page))


def test_a_reference_far_from_all_scores_stands_at_the_edge():
    def drawn(scores, **lines):
        means = {"a": Estimate(sum(scores) / len(scores), None, None)}
        return runs_chart({"a": scores}, means, LOOKS, lines=lines, dark_page=False)

    chart = drawn([100.0, 300.0], random=68.2, human=42054.7, worst=-900.0)
    (line,) = chart.layout.shapes
    assert line.x0 == 68.2
    shown = {note.text: note.xanchor for note in chart.layout.annotations if note.text}
    assert shown == {
        "random": "left",
        "human 42,054.7 →": "right",
        "← worst -900": "left",
    }
    # One score reaches nowhere: all references are lines.
    assert len(drawn([100.0], human=42054.7).layout.shapes) == 1
