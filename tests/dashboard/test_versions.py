"""Older versions of a protocol stay selectable where they have results."""

import pytest

from tests.dashboard.conftest import texts, widget
from tests.versions import add_newer_toy


@pytest.fixture
def versions(site, monkeypatch):
    """Results under toy@1, while `toy` is toy@2 by now."""
    site.submit("steady")
    add_newer_toy(monkeypatch)
    return site


VIEWS = ("compare", "curves", "task", "export")  # each asks in words of its own


@pytest.mark.parametrize("view", VIEWS)
def test_an_older_version_is_shown_on_every_page(versions, view):
    versions.submit("better", suite="toy@1")
    app = versions.open(view, suite="toy@1")
    suite = widget(app, "Suite")
    assert suite.value == "toy@1"
    (older,) = (one for one in suite.options if "an older version" in one)
    assert older.startswith("toy@1")
    assert "Nothing was measured" not in texts(app)
    assert app.query_params["suite"] == "toy@1"


def test_the_newest_is_meant_by_the_name(versions):
    app = versions.open("leaderboard", suite="toy")
    assert "Nothing was measured on toy@2" in texts(app)
    assert "podium submit random --suite toy" in texts(app)


def test_a_version_without_results_is_not_offered(site, monkeypatch):
    add_newer_toy(monkeypatch)
    site.submit("steady", suite="toy@2")
    suite = widget(site.open("leaderboard", suite="toy@1"), "Suite")
    assert suite.value != "toy@1"
    assert not any("an older version" in one for one in suite.options)
