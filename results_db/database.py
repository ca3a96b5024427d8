"""Opening the results database: SQLite by default, PostgreSQL by URL.

Only ingest writes (`write_session`); everything else reads. A newer schema is refused,
an older one is upgraded after a backup, a foreign database is left alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

VERSION_TABLE = "podium_schema"
HEAD = "0001"
"""The newest migration (tests/results_db/test_database.py holds it to the files)."""

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 60
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse.sshfs", "lustre", "gpfs", "beegfs")


class DatabaseError(RuntimeError):
    """The database cannot be used; the message says what to do."""


class DatabaseMissing(DatabaseError):
    """There is no database yet."""


def database_url(text_or_path: str) -> URL:
    """A URL from what users give: a file's path, or `postgresql+psycopg://...`.

    Raises:
        DatabaseError: a URL of another database, or one that cannot be parsed.
    """
    if "://" not in text_or_path:
        return URL.create("sqlite", database=str(Path(text_or_path).absolute()))
    try:
        url = make_url(text_or_path)
    except ArgumentError as error:
        raise DatabaseError(f"cannot read the database URL: {error}") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(
            f"results are kept in SQLite or PostgreSQL (got {url.drivername!r}); use "
            "a file's path or postgresql+psycopg://USER@HOST/NAME"
        )
    return url


def open_for_reading(database: str) -> Engine:
    """An engine for reading a database of the current schema.

    Raises:
        DatabaseMissing: nothing has been ingested yet.
        DatabaseError: foreign, unreadable, of a newer or an older schema.
    """
    url = database_url(database)
    file = _file(url)
    if file is not None and not file.exists():
        raise DatabaseMissing(
            f"There is no database {file} yet. `podium submit` or `podium ingest` "
            "makes one; --db or PODIUM_DB names another."
        )
    engine = _engine(url)
    with _explained(url), engine.connect() as connection:
        version = _version(connection, url)
    if version is None:
        raise DatabaseMissing(f"{_shown(url)} is empty: `podium ingest` fills it.")
    _refuse_newer(version, url)
    if version != HEAD:
        raise DatabaseError(
            f"{_shown(url)} has the older schema {version}: `podium ingest` upgrades "
            "it (after a backup)."
        )
    return engine


def open_for_writing(database: str) -> Engine:
    """An engine for ingest: creates or upgrades the schema first.

    Raises:
        DatabaseError: foreign, unreadable, not writable, or of a newer schema.
    """
    url = database_url(database)
    file = _file(url)
    if file is not None and not file.parent.is_dir():
        raise DatabaseError(f"{file.parent} is no folder: the database cannot be made")
    engine = _engine(url)
    with _explained(url):
        with engine.connect() as connection:
            version = _version(connection, url)
        if version is not None:
            _refuse_newer(version, url)
        if version != HEAD:
            if version is not None and file is not None:
                _back_up(file, version)
            _upgrade(engine)
        elif file is not None and not os.access(file, os.W_OK):
            raise DatabaseError(f"{file} cannot be written by this user")
    return engine


def check_database(database: str) -> None:
    """Raises DatabaseError when ingest could not use the database; makes nothing."""
    url = database_url(database)
    file = _file(url)
    if file is not None and not file.exists():
        if not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
            raise DatabaseError(f"a database cannot be made in {file.parent}")
        return
    engine = _engine(url)
    with _explained(url), engine.connect() as connection:
        version = _version(connection, url)
    if version is not None:
        _refuse_newer(version, url)
    if file is not None and not os.access(file, os.W_OK):
        raise DatabaseError(f"{file} cannot be written by this user")
    engine.dispose()


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """One transaction that nobody else writes beside; rolled back on any error."""
    with engine.connect() as connection:
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
    """Reads that belong together: one consistent state of the database."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
        with Session(bind=connection) as session:
            yield session


def checkpoint(engine: Engine) -> None:
    """Moves SQLite's write-ahead log into the file, so that copies of it are whole."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        try:
            return create_engine(url, pool_pre_ping=True)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise DatabaseError(
                f"PostgreSQL needs its driver ({error}). Install it with: "
                "pip install 'podium-rl[postgres]'"
            ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    journal = "DELETE" if _on_network(_file(url)) else "WAL"

    # pysqlite begins transactions by itself and late; here BEGIN is said by us.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    engine = engine.execution_options(podium_journal=journal)
    return engine


def _file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def _version(connection: Connection, url: URL) -> str | None:
    """The schema's version; None for an empty database."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        versions = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        version = versions.scalar()
        return None if version is None else str(version)
    if tables:
        shown = ", ".join(sorted(tables)[:5])
        raise DatabaseError(
            f"{_shown(url)} is another program's database (it holds {shown}); name "
            "another with --db"
        )
    return None


def _refuse_newer(version: str, url: URL) -> None:
    if version > HEAD:
        raise DatabaseError(
            f"{_shown(url)} has schema {version}, newer than {HEAD} of this Podium: "
            "upgrade Podium, or name another database with --db"
        )


def _upgrade(engine: Engine, scripts: Path = MIGRATIONS) -> None:
    """Brings the schema to the newest version, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            journal = engine.get_execution_options()["podium_journal"]
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


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Turns a driver's error into one that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(_explanation(url, str(error.orig))) from error
    except SQLAlchemyError as error:
        raise DatabaseError(_explanation(url, str(error))) from error


def _explanation(url: URL, reason: str) -> str:
    if "not a database" in reason or "malformed" in reason:
        return f"{_shown(url)} is no SQLite database ({reason}); name another with --db"
    if "unable to open" in reason or "readonly" in reason:
        return f"{_shown(url)} cannot be opened for writing ({reason})"
    return f"{_shown(url)} cannot be used: {reason}"


def _shown(url: URL) -> str:
    file = _file(url)
    return str(file) if file else url.render_as_string(hide_password=True)


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
