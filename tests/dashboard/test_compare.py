"""The comparison page."""

from tests.dashboard.conftest import BETTER, texts, widget
from tests.results_db.conftest import FULL


def test_two_methods_are_compared_as_podium_compare_does(two, podium):
    app = two.open("compare")
    printed = podium(
        *("compare", "better", "steady", "--suite", "toy", "--format", "json"),
        *("--db", two.database),
    )
    pair = app.dataframe[0].value.iloc[0]
    assert printed.code == 0
    value = f'"improvement": {pair["P(first > second)"].split()[0].rstrip("0")}'
    assert (pair["first"], pair["second"]) == ("better", "steady")
    assert value in printed.out


def test_one_method_alone_is_told_what_is_needed(site):
    site.submit("alone")
    assert "needs two methods" in texts(site.open("compare"))


def test_methods_in_the_address_are_shown_and_unknown_ones_said(two):
    two.submit("third", BETTER)
    app = two.open("compare", methods=["third", "steady", "gone"])
    assert widget(app, "Methods").value == ["third", "steady"]
    assert any("there is no gone" in one.value for one in app.warning)


def test_the_second_of_a_pair_is_never_the_first(two):
    app = two.open("compare", first="steady")
    assert widget(app, "Second").value == "better"
    assert widget(app, "Second").options == ["better"]


def test_more_seeds_are_simulated_when_asked(two):
    assert len(two.open("compare").dataframe) == 1
    app = two.open("compare", seeds="1")
    assert "more seeds each" in app.dataframe[1].value.columns


def test_incomplete_methods_are_offered_under_another_policy(two):
    two.submit("partial", {"catch": [1.0, 0.9]})
    refused = widget(two.open("compare"), "Methods")
    common = widget(two.open("compare", missing="common"), "Methods")
    assert "partial" not in refused.options
    assert "partial" in common.options


def test_the_same_runs_under_two_names_are_not_told_apart(site):
    site.submit("one", FULL)
    site.submit("two", FULL)
    pair = site.open("compare").dataframe[0].value.iloc[0]
    assert pair["P(first > second)"].startswith("0.500")
