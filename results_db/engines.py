"""An engine for each kind of database: how SQLite and PostgreSQL are connected to."""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import NoSuchModuleError

from results_db.database_errors import BUSY_SECONDS, DatabaseError, Purpose
from results_db.database_url import sqlite_file
from results_db.writable import try_to_write

NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse.sshfs", "lustre", "gpfs", "beegfs")


def make_engine(url: URL, purpose: Purpose) -> Engine:
    """An engine; nothing is opened yet.

    Raises:
        DatabaseError: PostgreSQL's driver is not installed.
    """
    file = sqlite_file(url)
    if file is not None:
        return _sqlite(url, file, purpose)
    try:
        return create_engine(url, pool_pre_ping=True)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(
            f"PostgreSQL needs its driver ({error}). Install it with: "
            "pip install 'podium-rl[postgres]'"
        ) from error


def journal_mode(url: URL) -> str:
    """SQLite's journal for a new database: a write-ahead log where that is safe."""
    return "DELETE" if _on_network(sqlite_file(url)) else "WAL"


def _sqlite(url: URL, file: Path, purpose: Purpose) -> Engine:
    arguments: dict[str, Any] = {"timeout": BUSY_SECONDS}
    mode = _read_only_mode(file) if purpose == "reading" else None
    if mode is None:
        engine = create_engine(url, connect_args=arguments)
    else:
        arguments |= {"uri": True, "check_same_thread": False}
        name = f"file:{quote(str(file))}?{mode}"
        engine = create_engine(url, creator=lambda: sqlite3.connect(name, **arguments))

    # pysqlite begins transactions by itself and late; here BEGIN is said by us.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine


def _read_only_mode(file: Path) -> str | None:
    """How to read a database that this user cannot write beside; None if they can.

    SQLite wants to make a -wal and a -shm file for every reader. Where it cannot, the
    file alone is the database only if no log lies beside it.
    """
    try:
        try_to_write(file.parent)
        if os.access(file, os.W_OK, effective_ids=True):
            return None
    except OSError:
        pass
    logs = (file.with_name(f"{file.name}{end}") for end in ("-wal", "-journal"))
    return "mode=ro" if any(log.exists() for log in logs) else "immutable=1"


def _on_network(file: Path | None) -> bool:
    """True where SQLite's write-ahead log is unsafe."""
    if file is None:
        return False
    try:
        lines = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return False
    mounts = [line.split()[1:3] for line in lines]
    inside = [m for m in mounts if file.is_relative_to(m[0].replace("\\040", " "))]
    kind = max(inside, key=lambda m: len(m[0]), default=("", ""))[1]
    return kind.startswith(NETWORK_FILE_SYSTEMS)
