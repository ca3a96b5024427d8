"""The curves page."""

import base64
import json
import re

import numpy as np
import pytest

from tests.dashboard.conftest import texts, widget


def test_curves_of_all_complete_methods(two):
    app = two.open("curves")
    table = app.dataframe[0].value
    assert list(table["Method"]) == ["better", "steady"]
    assert "IQM, mean over training" in table
    assert "Every line is a run" in texts(app)


def test_the_aggregate_of_the_address_is_drawn(two):
    app = two.open("curves", aggregate="mean")
    assert "Mean at the end" in app.dataframe[0].value.columns


def test_an_incomplete_method_is_not_offered(two):
    two.submit("partial", {"catch": [1.0, 0.9]})
    assert "partial" not in widget(two.open("curves"), "Methods").options


def test_without_complete_methods_it_is_said(site):
    site.submit("partial", {"catch": [1.0, 0.9]})
    assert "No method has curves" in texts(site.open("curves"))


def test_no_method_chosen_draws_nothing(two):
    app = two.open("curves", methods="")
    assert widget(app, "Methods").value == []
    assert "Choose a method" in texts(app)


def test_curves_over_wall_time_name_those_that_lack_it(two):
    two.submit("old", timed=False)
    app = two.open("curves", axis="wall")
    assert list(app.dataframe[0].value["Method"]) == ["better", "steady"]
    assert "Without wall time" in texts(app)
    assert "old" in texts(app)
    assert "without evaluations" in texts(app)
    assert list(app.dataframe[0].value.columns) == ["Method", "IQM at the end", "Runs"]


def numbers(array):
    """A chart's numbers, which Plotly packs."""
    if not isinstance(array, dict):
        return array
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])


def test_the_axis_of_time_has_a_unit_that_suits_it(two):
    chart = json.loads(
        two.open("curves", axis="wall").get("plotly_chart")[0].proto.spec
    )
    assert chart["layout"]["xaxis2"]["title"]["text"] == "minutes of training"
    steady = next(one for one in chart["data"] if one.get("name") == "steady")
    # 60 and 66 seconds a point: from the slow run's first one to its end.
    assert min(numbers(steady["x"])) == pytest.approx(1.0)
    assert max(numbers(steady["x"])) == pytest.approx(3.3)


@pytest.mark.parametrize(
    ("axis", "said", "last"),
    [("steps", "agent steps", "2000"), ("wall", "minutes of training", "2")],
)
def test_panels_lie_over_what_was_chosen(two, axis, said, last):
    app = two.open("curves", axis=axis)
    assert f"score over {said}" in texts(app)
    panels = next(
        one.proto.body for one in app.get("html") if "podium-panels" in one.proto.body
    )
    numbers_below = re.findall(r'class="x"[^>]*>([^<]+)<', panels)
    assert numbers_below[-1] == last


def test_without_wall_time_nothing_is_drawn_and_it_is_said(site):
    site.submit("old", timed=False)
    app = site.open("curves", axis="wall")
    assert "Without wall time" in texts(app)
    assert not app.dataframe
