"""What an ingest computes so that no reader waits."""

import shutil

import pytest

from results_db.ahead import store_statistics
from results_db.comparison import compare
from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer

BETTER = {"catch": [0.5, 0.8], "reach": [-3.0, -2.0], "hurry": [0.9, 0.95]}
BEST = {task: [score + 0.05 for score in scores] for task, scores in BETTER.items()}


class Stored:
    """Results of two methods, and the cache that an ingest filled."""

    def __init__(self, folder):
        self.runs, self.database = folder / "runs", str(folder / "podium.db")
        self.cache = folder / "cache"
        writer = Writer(self.runs)
        writer.submission("steady", scores=FULL)
        writer.submission("better", scores=BETTER)
        self.ingest()

    def ingest(self):
        assert not ingest(self.runs, self.database).problems
        store_statistics(self.database)

    def files(self):
        return {path.name for path in self.cache.rglob("*.json")}

    def read(self):
        """What readers ask for."""
        suite = load_suite("toy")
        with read_session(open_for_reading(self.database)) as session:
            board = as_records(leaderboard(session, suite))
            names = [record["method"] for record in board]
            return board, compare(session, suite, names).rank_sets


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("PODIUM_CACHE", str(tmp_path / "cache"))
    return Stored(tmp_path)


def test_after_an_ingest_readers_compute_nothing(kept):
    before = kept.files()
    assert before
    kept.read()
    assert kept.files() == before


def test_an_ingest_leaves_no_old_number(kept, monkeypatch):
    old = kept.read()
    shutil.rmtree(kept.runs)
    writer = Writer(kept.runs)
    writer.submission("steady", scores=BEST)
    writer.submission("better", scores=BETTER)
    kept.ingest()
    new = kept.read()
    assert new != old
    monkeypatch.setenv("PODIUM_CACHE", "")
    assert kept.read() == new


def test_every_suite_with_submissions_is_named(kept):
    named = []
    store_statistics(kept.database, named.append)
    assert [suite.name for suite in named] == ["toy"]


def test_without_a_cache_nothing_is_computed(kept, monkeypatch):
    monkeypatch.setenv("PODIUM_CACHE", "")
    named = []
    store_statistics(kept.database, named.append)
    assert named == []
