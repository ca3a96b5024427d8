"""What the pages show, read from the database through results_db, read-only."""

from typing import Any

from results_db.database import DatabaseError, open_for_reading, read_session
from results_db.export.tables import caption
from results_db.leaderboard import as_records, leaderboard
from results_db.query import suites_submitted_to
from suites.registry import all_suites, load_suite


def suite_names() -> list[str]:
    """The suites, benchmarks first."""
    return [suite.name for suite in all_suites()]


def first_with_runs(database: str) -> str | None:
    """The first suite that something was submitted to; None without any."""
    try:
        engine = open_for_reading(database)
        try:
            with read_session(engine) as session:
                submitted = suites_submitted_to(session)
        finally:
            engine.dispose()
    except DatabaseError:
        return None
    return next((suite.name for suite in all_suites() if suite.id in submitted), None)


def board(database: str, suite: str) -> tuple[list[dict[str, Any]], str]:
    """A suite's leaderboard as records, and its caption in plain text.

    Raises:
        DatabaseError: no usable database; the message says what to do.
    """
    engine = open_for_reading(database)
    try:
        with read_session(engine) as session:
            found = leaderboard(session, load_suite(suite))
    finally:
        engine.dispose()
    return as_records(found), caption(found)
