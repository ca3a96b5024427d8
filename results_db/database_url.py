"""Where the results database is: what users give for --db, understood and checked."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from results_db.database_errors import DatabaseError

SQLITE_DRIVERS = ("sqlite", "sqlite+pysqlite")
ALLOWED = "use a file's path or postgresql+psycopg://USER@HOST:PORT/NAME"


def database_url(text_or_path: str) -> URL:
    """A URL from what users give: a file's path, or `postgresql+psycopg://...`.

    Raises:
        DatabaseError: a URL of another database or one that cannot be parsed, a
            database in memory, or a path where something else than a file is.
    """
    if "://" not in text_or_path:
        return _sqlite_url(text_or_path)
    try:
        url = make_url(text_or_path)
    except (ArgumentError, ValueError) as error:
        # Without the parser's words: they can hold a piece of the password.
        raise DatabaseError(
            f"cannot read the database URL; {ALLOWED}, with a number for the port and "
            "%2F, %3A, %40 for /, :, @ in a password"
        ) from error
    if url.get_backend_name() == "postgresql":
        return url
    if url.drivername not in SQLITE_DRIVERS:
        raise DatabaseError(
            f"results are kept in SQLite or PostgreSQL (got {url.drivername!r}); "
            f"{ALLOWED}"
        )
    if url.host or url.query:
        raise DatabaseError(
            "SQLite takes a file's path and nothing else: sqlite:///FILE, with three "
            f"slashes and no ?options (got {text_or_path!r})"
        )
    return _sqlite_url(url.database or ":memory:")


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def shown(url: URL) -> str:
    """A database as messages name it, without its password."""
    file = sqlite_file(url)
    return str(file) if file else url.render_as_string(hide_password=True)


def _sqlite_url(path: str) -> URL:
    if path == ":memory:":
        raise DatabaseError(
            f"a database in memory is gone when the command ends (got {path!r}); name "
            "a file"
        )
    file = Path(path).absolute()
    try:
        other = file.exists() and not file.is_file()
    except OSError as error:
        raise DatabaseError(f"{path!r} cannot name a file: {error.strerror}") from error
    if "\0" in path:
        raise DatabaseError(f"{path!r} cannot name a file: it holds a null character")
    if other:
        kind = "a folder" if file.is_dir() else "no regular file"
        raise DatabaseError(f"{file} is {kind}; a database is a file: name another")
    return URL.create("sqlite", database=str(file))
