"""Opening the results database: SQLite by default, PostgreSQL by URL.

Only ingest writes (`write_session`); everything else reads. A newer schema is refused,
an older one is upgraded after a backup, a foreign database is left alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from results_db.database_errors import (
    REMAKE,
    DatabaseError,
    DatabaseMissing,
    Purpose,
    opening_explained,
    session_explained,
)
from results_db.database_url import database_url, shown, sqlite_file
from results_db.engines import journal_mode, make_engine
from results_db.writable import try_to_write

__all__ = [
    "DatabaseError",
    "DatabaseMissing",
    "check_database",
    "checkpoint",
    "open_for_reading",
    "open_for_writing",
    "read_session",
    "write_session",
]

VERSION_TABLE = "podium_schema"
MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """The schemas that this Podium knows, oldest first: the names of its migrations."""
    return sorted(p.name[:4] for p in (MIGRATIONS / "versions").glob("0*.py"))


def open_for_reading(database: str) -> Engine:
    """An engine for reading a database of the current schema.

    Raises:
        DatabaseMissing: nothing has been ingested yet.
        DatabaseError: foreign, unreadable, of a newer or an older schema.
    """
    url = database_url(database)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise DatabaseMissing(
            f"There is no database {file} yet. `podium submit` or `podium ingest` "
            "makes one; --db or PODIUM_DB names another."
        )
    with _opening(url, "reading") as engine:
        with engine.connect() as connection:
            version = _version(connection, url)
        if version is None:
            raise DatabaseMissing(f"{shown(url)} is empty: `podium ingest` fills it.")
        if version != revisions()[-1]:
            raise DatabaseError(
                f"{shown(url)} has the older schema {version}: `podium ingest` "
                "upgrades it (after a backup)."
            )
    return engine


def open_for_writing(database: str) -> Engine:
    """An engine for ingest: creates or upgrades the schema first.

    Raises:
        DatabaseError: foreign, unreadable, not writable, or of a newer schema.
    """
    url = database_url(database)
    file = sqlite_file(url)
    if file is not None and not file.parent.is_dir():
        raise DatabaseError(f"{file.parent} is no folder: the database cannot be made")
    with _opening(url, "writing") as engine:
        with engine.connect() as connection:
            version = _version(connection, url)
        if version != revisions()[-1]:
            if version is not None and file is not None:
                _back_up(file, version)
            _upgrade(engine)
        elif file is not None:
            _refuse_read_only(file)
    return engine


def check_database(database: str) -> None:
    """Raises DatabaseError when ingest could not use the database; makes nothing."""
    url = database_url(database)
    file = sqlite_file(url)
    if file is not None:
        try:
            # SQLite writes its log beside the file, so the folder counts also later.
            try_to_write(file.parent)
        except OSError as error:
            raise DatabaseError(
                f"a database cannot be made or written in {file.parent} "
                f"({error.strerror}); name another place with --db"
            ) from error
        if not file.exists():
            return
        _refuse_read_only(file)
    with _opening(url, "writing") as engine:
        with engine.connect() as connection:
            _version(connection, url)
        engine.dispose()


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """One transaction that nobody else writes beside; rolled back on any error.

    Raises:
        DatabaseError: locked, damaged, full or gone; not for what a statement or a
            value is to blame for.
    """
    explained = session_explained(shown(engine.url), "writing")
    with explained, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            key = int.from_bytes(b"podium", "big") % (1 << 31)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        with Session(bind=connection, expire_on_commit=False) as session:
            yield session
            session.flush()
        connection.commit()


@contextmanager
def read_session(engine: Engine) -> Iterator[Session]:
    """Reads that belong together: one consistent state of the database.

    Raises:
        DatabaseError: as write_session.
    """
    explained = session_explained(shown(engine.url), "reading")
    with explained, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
        with Session(bind=connection) as session:
            yield session


def checkpoint(engine: Engine) -> None:
    """Moves SQLite's write-ahead log into the file, so that copies of it are whole.
    Raises DatabaseError as write_session."""
    if engine.dialect.name == "sqlite":
        explained = session_explained(shown(engine.url), "writing")
        with explained, engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _opening(url: URL, purpose: Purpose) -> Iterator[Engine]:
    """An engine whose first errors are explained; closed when it is refused."""
    engine = make_engine(url, purpose)
    try:
        with opening_explained(shown(url), purpose):
            yield engine
    except BaseException:
        engine.dispose()
        raise


def _version(connection: Connection, url: URL) -> str | None:
    """The schema's version, one that this Podium knows; None for an empty database.

    Raises:
        DatabaseError: another program's database, or of an unknown schema.
    """
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if not tables:
            return None
        holds = ", ".join(sorted(tables)[:5])
        raise DatabaseError(
            f"{shown(url)} is another program's database (it holds {holds}); name "
            "another with --db"
        )
    query = text(f"SELECT version_num FROM {VERSION_TABLE}")
    found = connection.execute(query).scalar()
    if found is None and tables == {VERSION_TABLE}:
        return None
    known = revisions()
    if found in known:
        return str(found)
    if found is not None and str(found) > known[-1]:
        raise DatabaseError(
            f"{shown(url)} has schema {found}, newer than {known[-1]} of this Podium: "
            "upgrade Podium, or name another database with --db"
        )
    raise DatabaseError(
        f"{shown(url)} has schema {found!r}, which no Podium wrote (known: "
        f"{', '.join(known)}): name another with --db, or {REMAKE}"
    )


def _refuse_read_only(file: Path) -> None:
    if not os.access(file, os.W_OK):
        raise DatabaseError(f"{file} cannot be written by this user")


def _upgrade(engine: Engine) -> None:
    """Brings the schema to the newest version, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            journal = journal_mode(engine.url)
            connection.exec_driver_sql(f"PRAGMA journal_mode={journal}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        config.attributes["version_table"] = VERSION_TABLE
        command.upgrade(config, "head")
        connection.commit()


def _back_up(file: Path, version: str) -> Path:
    """Copies a database beside itself before its schema changes."""
    backup = file.with_name(f"{file.name}.schema-{version}.backup")
    with sqlite3.connect(file) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    return backup
