"""What is said when the database cannot be used: the cause and what to do.

A driver's error becomes a DatabaseError where the database is at fault; an error in
what was read or written (a broken constraint, a wrong value) passes through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy.exc import DatabaseError as DriverDatabaseError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

BUSY_SECONDS = 60
"""How long SQLite waits for another process to end its write."""

Purpose = Literal["reading", "writing"]

REMAKE = (
    "delete it (with its -wal and -shm files) and run `podium ingest`, which makes it "
    "again from the run files"
)


class DatabaseError(RuntimeError):
    """The database cannot be used; the message says what to do."""


class DatabaseMissing(DatabaseError):
    """There is no database yet."""


def database_is_at_fault(error: BaseException) -> bool:
    """True for an error of the database as a whole: gone, locked, full, damaged.

    SQLite's "file is not a database" and "malformed" are of the driver's base class;
    its other subclasses blame the statement or the values.
    """
    return isinstance(error, OperationalError) or type(error) is DriverDatabaseError


@contextmanager
def opening_explained(shown: str, purpose: Purpose) -> Iterator[None]:
    """Turns any driver's error while a database is opened into a DatabaseError.

    Args:
        shown: the database as messages name it, without its password.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseError(_explanation(shown, _reason(error), purpose)) from error


@contextmanager
def session_explained(shown: str, purpose: Purpose) -> Iterator[None]:
    """The same in a session, for errors that are the database's own."""
    try:
        yield
    except DBAPIError as error:
        if not database_is_at_fault(error):
            raise
        raise DatabaseError(_explanation(shown, _reason(error), purpose)) from error


def _reason(error: SQLAlchemyError) -> str:
    """The driver's words for the first error. A full disk ends SQLite's transaction,
    and then the way back to a savepoint fails as well: that is not what to report."""
    first, context = error, error.__context__
    while context is not None:
        if isinstance(context, DBAPIError) and database_is_at_fault(context):
            first = context
        context = context.__context__
    return str(first.orig if isinstance(first, DBAPIError) else first)


def _explanation(shown: str, reason: str, purpose: Purpose) -> str:
    if "not a database" in reason:
        return (
            f"{shown} is no SQLite database ({reason}); name another with --db, or if "
            f"it was your results database: {REMAKE}"
        )
    if "malformed" in reason or "disk image" in reason:
        return f"{shown} is damaged ({reason}): {REMAKE}"
    if "no such table" in reason or "no such column" in reason:
        return f"{shown} lacks a part of its schema ({reason}): {REMAKE}"
    if "locked" in reason:
        return (
            f"{shown} is being written by another process, for longer than the "
            f"{BUSY_SECONDS:g} s that were waited ({reason}): end that process "
            "(`fuser` on the file names it) or let it finish, and try again"
        )
    if "unable to open" in reason or "readonly" in reason:
        return f"{shown} cannot be opened for {purpose} ({reason})"
    return f"{shown} cannot be used for {purpose}: {reason}"
