"""The leaderboard page."""

import pytest

from dashboard.selection import token
from tests.dashboard.conftest import texts, widget
from tests.results_db.conftest import FULL
from tests.results_db.hostile import HOSTILE


def test_ranked_methods_are_shown_with_what_they_rest_on(two):
    app = two.open()
    table = app.dataframe[0].value
    assert list(table["Method"]) == ["better", "steady"]
    assert table["Rank"].iloc[0].startswith("1")
    assert "Measurement" in texts(app)
    assert "Methods are ranked by the interquartile mean" in texts(app)
    assert "after 2,000 agent steps of training" in texts(app)


def test_without_a_database_the_way_to_one_is_shown(site):
    app = site.open()
    assert "podium submit" in app.warning[0].value
    assert "podium submit random --suite toy" in app.code[0].value


def test_an_empty_suite_shows_how_to_start(two):
    app = two.open(suite="memory-maze")
    assert "podium submit random --suite memory-maze" in app.code[0].value


@pytest.mark.parametrize("name", ["nonsense", "<script>", "x" * 5000])
def test_an_unknown_suite_in_the_address_is_said_and_replaced(two, name):
    app = two.open(suite=name)
    assert widget(app, "Suite").value == "toy"
    assert "there is no" in app.warning[0].value
    assert "<script>" not in app.warning[0].value


def test_it_opens_at_a_suite_that_has_runs(two):
    assert widget(two.open(suite=None), "Suite").value == "toy"


def test_a_method_in_the_address_is_shown_in_detail(two):
    app = two.open(method="steady")
    assert [one.value for one in app.subheader] == ["steady"]
    assert list(app.dataframe[1].value["Task"]) == ["catch", "hurry", "reach"]


def test_a_choice_is_written_into_the_address(two):
    app = two.open()
    widget(app, "A method in detail").select("better").run()
    assert app.query_params["method"] == "better"
    assert "better" in [one.value for one in app.subheader]


def test_filters_keep_the_ranks_among_all(two):
    app = two.open(name="STEA")
    table = app.dataframe[0].value
    assert list(table["Method"]) == ["steady"]
    assert not table["Rank"].iloc[0].startswith("1")


def test_a_filter_that_nothing_answers_to_is_said(two):
    assert "No method answers" in texts(two.open(name="zzz"))


def test_incomplete_methods_follow_the_chosen_policy(two):
    two.submit("partial", {"catch": [1.0, 0.9]})
    refused = two.open().dataframe[0].value
    common = two.open(missing="common").dataframe[0].value
    assert dict(zip(refused["Method"], refused["Rank"], strict=True))["partial"] == "–"
    assert dict(zip(common["Method"], common["Rank"], strict=True))["partial"] != "–"


def test_published_results_can_be_switched_off(site):
    site.submit("m", {"alien": [200.0]}, suite="atari100k", points=0)
    on = site.open(suite="atari100k").dataframe[0].value
    off = site.open(suite="atari100k", reported="0").dataframe[0].value
    assert "reported" in set(on["Origin"])
    assert "reported" not in set(off["Origin"])


def test_names_are_text_whatever_they_hold(site):
    for name in HOSTILE:
        site.writer.submission(name, scores=FULL)
    site.ingest()
    app = site.open()
    shown = list(app.dataframe[0].value["Method"])
    assert len(set(shown)) == len(HOSTILE)
    assert max(map(len, shown)) < 45
    assert not any(char in "".join(shown) for char in "\x00\x1b\n\t\u202e\u200b")
    assert "<script>" not in texts(app)


@pytest.mark.parametrize("name", HOSTILE[:14], ids=range(14))
def test_a_hostile_method_opens_in_detail(site, name):
    site.submit(name)
    app = site.open(method=token(name))
    assert len(app.subheader) == 1
    assert not any(mark in texts(app) for mark in ("<script>", "](", "\x1b"))
