"""What is kept in memory, and what is never shown."""

import os
import shutil
import sqlite3

import pytest

from dashboard import data
from results_db.ingest import ingest
from tests.dashboard.conftest import BETTER
from tests.results_db.conftest import FULL, Writer


def shown(site):
    app = site.open()
    return dict(
        zip(
            app.dataframe[0].value["Method"], app.dataframe[0].value["IQM"], strict=True
        )
    )


def test_an_ingest_is_seen_at_once(two):
    before = shown(two)
    two.submit("third", BETTER)
    after = shown(two)
    assert set(after) - set(before) == {"third"}


def test_a_changed_score_is_seen_at_once(site):
    site.submit("m")
    before = shown(site)["m"]
    shutil.rmtree(site.runs)
    site.writer = Writer(site.runs)
    site.submit("m", BETTER)
    assert shown(site)["m"] != before


def test_a_database_made_anew_is_seen_at_once(site, tmp_path):
    site.submit("old")
    shown(site)
    for file in tmp_path.glob("podium.db*"):
        file.unlink()
    other = Writer(tmp_path / "others")
    other.submission("new", scores=FULL)
    ingest(other.runs, site.database)
    assert set(shown(site)) == {"new"}


def test_a_database_that_is_being_written_shows_its_last_whole_state(two):
    writing = sqlite3.connect(two.database, isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("DELETE FROM runs")
    assert set(shown(two)) == {"better", "steady"}
    writing.execute("ROLLBACK")
    writing.close()


def test_the_same_state_is_read_once(two):
    at = data.version()
    asked = (two.database, at, "toy", "refuse")
    assert data.suite_data(*asked) is data.suite_data(*asked)
    assert data.version() == at


def test_a_newer_database_is_refused_in_words(two):
    with sqlite3.connect(two.database) as connection:
        connection.execute("UPDATE podium_schema SET version_num = '9999'")
    app = two.open()
    assert "newer than" in app.warning[0].value
    assert "upgrade Podium" in app.warning[0].value


def test_a_file_that_is_no_database_is_said(site):
    with open(site.database, "w") as file:
        file.write("not a database at all, only words" * 40)
    assert "is no SQLite database" in site.open().warning[0].value


@pytest.mark.parametrize(
    "view", ["leaderboard", "compare", "curves", "task", "runs", "export"]
)
def test_no_page_writes_to_the_database(two, view):
    before = (os.stat(two.database).st_mtime_ns, os.stat(two.database).st_size)
    assert not two.open(view).warning
    assert (os.stat(two.database).st_mtime_ns, os.stat(two.database).st_size) == before


def test_after_an_ingest_no_page_computes_its_statistics(
    two, tmp_path, monkeypatch, podium
):
    cache = tmp_path / "cache"
    monkeypatch.setenv("PODIUM_CACHE", str(cache))
    done = podium("ingest", "--runs", two.runs, "--db", tmp_path / "again.db")
    assert "Computing statistics of toy@1" in done.err
    before = sorted(cache.rglob("*.json"))
    for view in ("leaderboard", "compare", "curves"):
        two.open(view)
    assert sorted(cache.rglob("*.json")) == before
    assert podium("ingest", "--runs", two.runs, "--db", tmp_path / "again.db").err == ""
