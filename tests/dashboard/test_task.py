"""The task page."""

from tests.dashboard.conftest import texts, widget


def test_a_task_of_the_address(two):
    app = two.open("task", task="reach")
    assert widget(app, "Task").value == "reach"
    assert "Episodes of the final evaluations" in texts(app)


def test_an_unknown_task_is_replaced_by_the_first(two):
    assert widget(two.open("task", task="../etc"), "Task").value == "catch"


def test_a_task_without_runs_is_said(site):
    site.submit("partial", {"catch": [1.0, 0.9]})
    assert "No method has runs of reach" in texts(site.open("task", task="reach"))


def test_incomplete_methods_are_shown_too(two):
    two.submit("partial", {"catch": [1.0, 0.9]})
    assert "partial" in widget(two.open("task", task="catch"), "Methods").options


def test_published_means_stand_beside_runs(site):
    site.submit("m", {"alien": [200.0]}, suite="atari100k", points=0)
    app = site.open("task", suite="atari100k", task="alien")
    assert widget(app, "Results of papers").value is True
