"""Databases that lie where this user cannot write."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from results_db.database import (
    DatabaseError,
    open_for_reading,
    open_for_writing,
    read_session,
)
from results_db.ingest import ingest
from results_db.models import RunRow
from tests.results_db.conftest import FULL

NOBODY = 65534


@pytest.fixture
def foreign(writer):
    """A filled database in a folder of somebody else's. Permissions do not bind root,
    who becomes nobody for the test."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    writer.submission(scores=FULL)
    ingest(writer.runs, str(folder / "it is #1?.db"))
    yield folder / "it is #1?.db"
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def delete_and_die(file):
    """Deletes two rows in a process that leaves its log behind."""
    code = (
        "import os, sqlite3, sys\n"
        "writing = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "writing.execute(\"DELETE FROM runs WHERE task = 'catch'\")\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=True)
    assert file.with_name(f"{file.name}-wal").stat().st_size > 0


def close_off(folder):
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.seteuid(NOBODY)


def count(file):
    engine = open_for_reading(str(file))
    try:
        with read_session(engine) as session:
            return session.scalar(select(func.count()).select_from(RunRow))
    finally:
        engine.dispose()


def test_a_database_in_a_read_only_folder_can_be_read(foreign):
    close_off(foreign.parent)
    assert count(foreign) == 6
    assert [file.name for file in foreign.parent.iterdir()] == [foreign.name]


def test_a_read_only_file_can_be_read(foreign):
    foreign.chmod(0o444)
    foreign.parent.chmod(0o777)
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    assert count(foreign) == 6


def test_what_stands_in_the_log_is_read_too(foreign):
    delete_and_die(foreign)
    close_off(foreign.parent)
    assert count(foreign) == 4


def test_a_log_without_its_index_is_not_passed_over(foreign):
    delete_and_die(foreign)
    foreign.with_name(f"{foreign.name}-shm").unlink()
    close_off(foreign.parent)
    with pytest.raises(DatabaseError, match="cannot be opened for reading"):
        count(foreign)


def test_such_a_database_is_not_written(foreign):
    close_off(foreign.parent)
    with pytest.raises(DatabaseError, match="cannot be (opened for )?writ"):
        open_for_writing(str(foreign))
