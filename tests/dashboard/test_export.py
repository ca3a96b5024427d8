"""The export page."""

import pytest

from tests.dashboard.conftest import texts, widget


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ({}, ("--table", "latex")),
        ({"format": "csv"}, ("--table", "csv")),
        ({"what": "tasks", "format": "md"}, ("--table", "md", "--per-task")),
        ({"what": "scores"}, ("--scores",)),
        ({"what": "protocol"}, ("--protocol", "latex")),
        ({"methods": "steady"}, ("--table", "latex", "--methods", "steady")),
    ],
)
def test_the_page_writes_what_podium_export_writes(two, podium, query, options):
    printed = podium("export", "toy", *options, "--db", two.database)
    assert printed.code == 0
    assert two.open("export", **query).code[0].value.strip() == printed.out.strip()


def test_a_figure_is_drawn_with_its_caption(two):
    app = two.open("export", what="figure", figure="improvement")
    assert "Probability that a run" in texts(app)


def test_curves_can_lie_over_training_time_too(two):
    app = two.open("export", what="figure", figure="curves", axis="wall")
    assert "over the wall time of training" in texts(app)
    steps = two.open("export", what="figure", figure="curves")
    assert "over agent steps" in texts(steps)


def test_a_figure_that_cannot_be_drawn_says_why(site):
    site.submit("alone")
    app = site.open("export", what="figure", figure="improvement")
    assert "A pair needs two methods" in app.warning[0].value


def test_only_methods_of_the_suite_are_offered(two):
    assert widget(two.open("export"), "Methods").options == ["better", "steady"]
