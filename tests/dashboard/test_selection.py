"""What stands in the address is checked against what exists, on every page."""

import pytest

from tests.dashboard.conftest import texts, widget
from tests.results_db.conftest import FULL

PARAMETERS = (
    *("missing", "reported", "methods", "task", "method", "first", "second", "origin"),
    *("run", "other", "find", "with", "name", "chart", "aggregate", "axis", "lines"),
    *("seeds", "state", "of", "by", "what", "format", "figure", "words"),
)
"""All that any page reads, besides the suite."""
HOSTILE_VALUES = [
    "x" * 10_000,
    "\u202e' OR 1=1; DROP TABLE runs; -- \u200b\x00",
    "![a](http://example.com/a.png) <script>alert(1)</script>",
]
VIEWS = ("leaderboard", "compare", "curves", "task", "runs", "export")


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=range(len(HOSTILE_VALUES)))
@pytest.mark.parametrize("view", VIEWS)
def test_hostile_parameters_are_shown_as_text_and_replaced(two, view, value):
    app = two.open(view, **dict.fromkeys(PARAMETERS, value))
    said = texts(app)
    assert not any(mark in said for mark in ("<script>", "](", "\u202e", "\x00"))
    assert max(len(one.value) for one in app.warning) < 500
    assert widget(app, "Suite").value == "toy"


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=range(len(HOSTILE_VALUES)))
def test_a_hostile_suite_is_replaced(two, value):
    assert widget(two.open("runs", suite=value), "Suite").value == "toy"


def test_a_parameter_that_is_given_many_times_is_bounded(two):
    app = two.open("compare", methods=[f"method {n}" for n in range(500)])
    assert len(app.warning) == 3
    assert "Differences by task" in texts(app)


def test_a_run_of_another_suite_is_not_shown(two):
    other = two.submit("elsewhere", {"alien": [1.0]}, suite="atari100k", points=0)
    app = two.open("runs", run=f"{other.path.name}/alien-s0")
    assert widget(app, "A run in detail").value == "-"


def test_words_of_a_pattern_are_words(two):
    two.submit("dots.*", FULL)
    app = two.open("runs", find=".*")
    assert set(app.dataframe[0].value["Method"]) == {"dots.*"}
    assert "No run answers" in texts(two.open("runs", find="%' OR 1=1"))
