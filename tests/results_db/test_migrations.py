"""Databases of every older schema, upgraded with what they hold."""

import sqlite3

import pytest
from alembic import command
from alembic.config import Config

from results_db import database
from results_db.database import DatabaseError, open_for_reading, open_for_writing
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL
from tests.results_db.imports import SCORES, TOY, Importer


def make_old(file, revision):
    """An empty database as the Podium of that schema made it."""
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    engine = database.make_engine(database.database_url(str(file)), "writing")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = database.VERSION_TABLE
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def tables(file):
    with sqlite3.connect(file) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return {name for (name,) in connection.execute(query)}


def test_a_database_without_imports_gets_room_for_them(tmp_path, writer):
    file = tmp_path / "x.db"
    make_old(file, "0001")
    with sqlite3.connect(file) as connection:
        connection.execute(
            "INSERT INTO methods VALUES (7, 'd', 'kept', 'a', 'c', 'c', '{}', 'none')"
        )
    assert "imports" not in tables(file)
    with pytest.raises(DatabaseError, match="older schema 0001: `podium ingest`"):
        open_for_reading(str(file))
    writer.submission("m", scores=FULL)
    assert ingest(writer.runs, str(file)).problems == []
    assert {"imports", "imported_methods", "imported_runs", "imported_points"} <= (
        tables(file)
    )
    with sqlite3.connect(file) as connection:
        names = connection.execute("SELECT name FROM methods ORDER BY id").fetchall()
    assert names == [("kept",), ("m",)]
    backup = tmp_path / "x.db.schema-0001.backup"
    assert "imports" not in tables(backup)
    with sqlite3.connect(backup) as connection:
        assert connection.execute("SELECT name FROM methods").fetchall() == [("kept",)]


def go_back(file, revision):
    engine = open_for_writing(str(file))
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = database.VERSION_TABLE
        command.downgrade(config, revision)
        connection.commit()
    engine.dispose()


def times(file):
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            "SELECT mean_return, training_seconds FROM evaluations ORDER BY id"
        )
        return list(zip(*rows, strict=True))


def test_older_evaluations_have_no_training_time(tmp_path, writer):
    file = tmp_path / "x.db"
    writer.submission("m", scores=FULL)
    ingest(writer.runs, str(file))
    returns, seconds = times(file)
    assert None not in seconds
    go_back(file, "0002")
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        times(file)
    with pytest.raises(DatabaseError, match="older schema 0002: `podium ingest`"):
        open_for_reading(str(file))
    report = ingest(writer.runs, str(file))
    assert (report.problems, report.changed) == ([], 0)
    assert times(file) == [returns, (None,) * len(returns)]
    assert (tmp_path / "x.db.schema-0002.backup").exists()


def test_an_import_upgrades_as_ingest_does(tmp_path):
    make_old(tmp_path / "x.db", "0001")
    importer = Importer(tmp_path)
    importer(SCORES)
    assert [method.label for method in importer.stored(TOY)] == ["theirs"]
    assert (tmp_path / "x.db.schema-0001.backup").exists()


def test_a_database_goes_back_and_forth(tmp_path):
    file = tmp_path / "x.db"
    go_back(file, "0001")
    assert "imports" not in tables(file)
    open_for_writing(str(file)).dispose()
    assert "imports" in tables(file)
    with database.read_session(open_for_reading(str(file))) as session:
        assert leaderboard(session, load_suite("toy"), resamples=10).rows == ()
