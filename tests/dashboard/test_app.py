"""The leaderboard page, run by Streamlit's own test driver."""

import pytest
from streamlit.testing.v1 import AppTest

from results_db.ingest import ingest
from tests.conftest import ROOT
from tests.results_db.conftest import FULL, Writer

APP = str(ROOT / "dashboard" / "app.py")


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Runs the page on a database, with a suite in the URL."""

    def run(suite="toy"):
        monkeypatch.setenv("PODIUM_DB", str(tmp_path / "podium.db"))
        app = AppTest.from_file(APP, default_timeout=60)
        if suite is not None:
            app.query_params["suite"] = suite
        app.run()
        assert not app.exception
        return app

    return run


def test_ranked_methods_are_shown_with_what_they_rest_on(page, tmp_path):
    writer = Writer(tmp_path / "runs")
    writer.submission("steady", scores=FULL)
    writer.submission("<b>evil</b>", scores={"catch": [1.0]}, planned=2)
    ingest(writer.runs, str(tmp_path / "podium.db"))
    app = page()
    table = app.dataframe[0].value
    assert list(table["method"]) == ["steady", "<b>evil</b>"]
    assert table["rank"].tolist()[0] == 1
    assert "Measurement" in app.caption[0].value
    assert "<b>" not in app.caption[0].value


def test_without_a_database_the_way_to_one_is_shown(page):
    assert "podium submit" in page().warning[0].value


def test_an_empty_suite_shows_how_to_start(page, tmp_path):
    writer = Writer(tmp_path / "runs")
    writer.submission("m", scores=FULL)
    ingest(writer.runs, str(tmp_path / "podium.db"))
    app = page("atari100k")
    assert any("podium submit random" in info.value for info in app.info)


def test_an_unknown_suite_in_the_url_falls_back_to_the_first(page):
    assert page("<script>").selectbox[0].value == "atari100k"


def test_it_opens_at_a_suite_that_has_runs(page, tmp_path):
    writer = Writer(tmp_path / "runs")
    writer.submission("m", scores=FULL)
    ingest(writer.runs, str(tmp_path / "podium.db"))
    assert page(None).selectbox[0].value == "toy"
