"""The digest of what a database holds."""

import shutil

import pytest

from results_db.data_version import data_version
from results_db.database import open_for_reading, read_session
from results_db.imports import import_file
from results_db.ingest import ingest
from tests.results_db.conftest import FULL, Writer
from tests.results_db.imports import SCORES, TOY


@pytest.fixture
def version(writer, tmp_path):
    """The version after an ingest of what the writer has written."""

    def of_now():
        ingest(writer.runs, str(tmp_path / "podium.db"))
        engine = open_for_reading(str(tmp_path / "podium.db"))
        try:
            with read_session(engine) as session:
                return data_version(session)
        finally:
            engine.dispose()

    return of_now


def test_an_ingest_without_news_leaves_it(writer, version):
    writer.submission("m", scores=FULL)
    assert version() == version()


def test_new_runs_and_changed_runs_change_it(writer, version):
    writer.submission("m", scores=FULL)
    first = version()
    writer.submission("n", scores=FULL)
    second = version()
    shutil.rmtree(writer.runs)
    again = Writer(writer.runs)
    again.submission("m", scores={**FULL, "catch": [0.9, 0.9]})
    again.submission("n", scores=FULL)
    assert len({first, second, version()}) == 3


def test_planned_runs_change_it(writer, version):
    writer.submission("m", scores=FULL)
    first = version()
    writer.submission("m", scores=FULL, planned=4)
    assert version() != first


def test_imports_change_it(writer, version, tmp_path):
    first = version()
    (tmp_path / "theirs.csv").write_text(SCORES)
    import_file(
        tmp_path / "theirs.csv",
        TOY,
        runs=writer.runs,
        database=str(tmp_path / "podium.db"),
        unit="raw",
    )
    assert version() != first
