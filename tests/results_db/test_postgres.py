"""The same models on a real PostgreSQL server, started for this test."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL
from tests.results_db.imports import HEADER, SCORES
from tests.results_db.test_imports import Importer


def server_programs():
    """The folder of initdb and pg_ctl, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def unprivileged():
    """PostgreSQL refuses to run as root: the user to be instead."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """The URL of an empty database on a server of our own."""
    programs = server_programs()
    if programs is None:
        if os.environ.get("PODIUM_CI"):
            pytest.fail("PostgreSQL must be installed in CI")
        pytest.skip("no PostgreSQL server is installed")
    folder = Path("/tmp") / f"podium-postgres-{os.getpid()}"
    folder.mkdir(mode=0o755)
    user = unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program, *arguments):
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=user.pw_name if user else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    data = folder / "data"
    run("initdb", "-D", data, "-U", "podium", "--auth=trust", "-E", "UTF8")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    run("pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "podium", "podium")
        yield f"postgresql+psycopg://podium@127.0.0.1:{port}/podium"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_the_same_rows_and_the_same_numbers_as_sqlite(postgres, writer, tmp_path):
    from tests.results_db.test_ingest import contents

    writer.submission("a", scores=FULL)
    writer.submission("b", scores={"catch": [1.0]}, planned=2)
    sqlite = str(tmp_path / "x.db")
    importer = Importer(tmp_path)
    importer(f"{HEADER},agent_steps\nc,catch,0,0,500\nc,catch,0,1,2000\n")
    importer(SCORES)
    boards = []
    for database in (sqlite, postgres):
        assert ingest(writer.runs, database).changed == 8
        assert ingest(writer.runs, database).changed == 0
        with read_session(open_for_reading(database)) as session:
            board = leaderboard(session, load_suite("toy"), resamples=100)
        boards.append(as_records(board))
    assert boards[0] == boards[1]
    assert [record["origin"] for record in boards[0]].count("imported") == 2
    assert contents(postgres) == contents(sqlite)
