import os

import pytest

from results_db.database import DatabaseError, check_database
from results_db.database_url import database_url, sqlite_file


@pytest.mark.parametrize("given", ["x.db", "sqlite:///x.db", "sqlite+pysqlite:///x.db"])
def test_a_file_is_a_path_or_an_sqlite_url(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    assert sqlite_file(database_url(given)) == tmp_path / "x.db"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("mysql://u@h/db", "SQLite or PostgreSQL"),
        ("://", "cannot read the database URL"),
        ("postgresql://u@h:abc/x", "a number for the port"),
        ("sqlite+foo:///x.db", r"SQLite or PostgreSQL \(got 'sqlite\+foo'\)"),
        ("sqlite://host/x.db", "three slashes"),
        ("sqlite:///file:x?mode=memory&uri=true", "no .options"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        (":memory:", "in memory"),
        ("/dev/null", "no regular file"),
        ("sqlite:////dev/null", "no regular file"),
        ("/tmp", "a folder"),
        ("", "a folder"),
        ("a\0b", "cannot name a file"),
        ("x" * 300, "cannot name a file"),
    ],
)
def test_what_no_database_can_be_is_refused(given, complaint):
    with pytest.raises(DatabaseError, match=complaint):
        database_url(given)


def test_no_piece_of_a_password_is_shown():
    with pytest.raises(DatabaseError) as error:
        database_url("postgresql://me:pa@ss:word@h/x")
    assert "word@h" not in str(error.value)


def test_a_folder_is_tried_and_nothing_left_in_it(tmp_path):
    check_database(str(tmp_path / "x.db"))
    assert list(tmp_path.iterdir()) == []
    for folder in ("/proc", tmp_path / "absent"):
        with pytest.raises(DatabaseError, match="cannot be made or written in"):
            check_database(f"{folder}/x.db")


def test_a_pipe_is_no_database(tmp_path):
    os.mkfifo(tmp_path / "x.db")
    with pytest.raises(DatabaseError, match="no regular file"):
        check_database(str(tmp_path / "x.db"))
