"""What becomes of a database that breaks while it is used."""

import sqlite3

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from results_db import engines
from results_db.database import (
    DatabaseError,
    open_for_reading,
    open_for_writing,
    read_session,
    write_session,
)
from results_db.ingest import ingest, ingest_submission
from results_db.models import Base, SubmissionRow
from tests.results_db.conftest import FULL


@pytest.fixture
def filled(writer, tmp_path):
    """A database with rows, as one file."""
    file = tmp_path / "x.db"
    writer.submission(scores=FULL)
    ingest(writer.runs, str(file))
    assert not (tmp_path / "x.db-wal").exists()
    return file


def read(engine):
    with read_session(engine) as session:
        for table in Base.metadata.sorted_tables:
            session.execute(table.select()).all()


def test_a_damaged_page_tells_how_to_make_the_database_again(filled):
    engine = open_for_reading(str(filled))
    engine.dispose()
    content = bytearray(filled.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    filled.write_bytes(content)
    with pytest.raises(DatabaseError, match="damaged .*delete it .*podium ingest"):
        read(engine)
    with pytest.raises(DatabaseError, match="damaged .*podium ingest"):
        open_for_writing(str(filled))


@pytest.mark.parametrize("session", [read_session, write_session])
def test_a_file_that_changed_into_something_else_is_explained(filled, session):
    engine = open_for_writing(str(filled))
    engine.dispose()
    filled.write_bytes(b"nonsense" * 1000)
    explained = pytest.raises(DatabaseError, match="no SQLite database .*podium ingest")
    with explained, session(engine) as opened:
        opened.execute(text("SELECT * FROM runs"))


def test_a_table_that_is_gone_is_explained_to_readers_and_to_ingest(filled, writer):
    with sqlite3.connect(filled) as connection:
        connection.execute("DROP TABLE evaluations")
        connection.execute("UPDATE runs SET source_digest = ''")
    with pytest.raises(DatabaseError, match="lacks a part .*no such table"):
        read(open_for_reading(str(filled)))
    with pytest.raises(DatabaseError, match="lacks a part .*podium ingest"):
        ingest(writer.runs, str(filled))


def test_a_locked_database_says_so_and_what_to_do(filled, writer, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="another process.*fuser"):
        ingest(writer.runs, str(filled))
    holder.close()


def test_a_disk_that_fills_up_stops_ingest_with_its_reason(filled, writer):
    with sqlite3.connect(filled) as connection:
        connection.execute("UPDATE runs SET source_digest = ''")
    engine = open_for_writing(str(filled))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    folder = writer.submission("other", scores={"catch": [0.5] * 40})
    with pytest.raises(DatabaseError, match="cannot be used for writing.*full"):
        ingest_submission(engine, folder)


def test_readers_are_not_told_about_writing(filled, tmp_path):
    filled.unlink()
    engine = open_for_writing(str(filled))
    engine.dispose()
    filled.unlink()
    filled.mkdir()
    with pytest.raises(DatabaseError, match="cannot be opened for reading"):
        read(engine)


def test_what_the_values_are_to_blame_for_passes_through(filled):
    engine = open_for_writing(str(filled))
    with pytest.raises(IntegrityError), write_session(engine) as session:
        session.execute(insert(SubmissionRow).values(name="x"))
    with pytest.raises(ProgrammingError), write_session(engine) as session:
        session.connection().exec_driver_sql("SELECT ?", (1, 2))
