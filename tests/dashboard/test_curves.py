"""The curves page."""

from tests.dashboard.conftest import texts, widget


def test_curves_of_all_complete_methods(two):
    app = two.open("curves")
    table = app.dataframe[0].value
    assert list(table["Method"]) == ["better", "steady"]
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
