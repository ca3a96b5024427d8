"""The pages on a PostgreSQL server, started for this test."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InternalError

from dashboard import data
from results_db.database import open_for_writing, write_session
from results_db.ingest import ingest
from tests.dashboard.conftest import BETTER
from tests.results_db.test_postgres import postgres  # noqa: F401

VIEWS = ("compare", "curves", "task", "runs", "export")


def shown(site):
    table = site.open().dataframe[0].value
    return dict(zip(table["Method"], table["IQM"], strict=True))


@pytest.fixture
def on_postgres(two, monkeypatch, postgres):  # noqa: F811
    """The results of `two` on a server, and what SQLite shows of them."""
    two.shown = shown(two)
    assert not ingest(two.runs, postgres).problems
    two.database = postgres
    monkeypatch.setenv("PODIUM_DB", postgres)
    return two


def test_the_pages_read_postgresql_alone_and_one_whole_state(on_postgres):
    site = on_postgres
    assert shown(site) == site.shown
    for view in VIEWS:
        assert not site.open(view).warning
    with (
        pytest.raises((DBAPIError, InternalError), match="read-only"),
        data.session_of(site.database) as session,
    ):
        session.execute(text("DELETE FROM runs"))
    engine = open_for_writing(site.database)
    with pytest.raises(ZeroDivisionError), write_session(engine) as writing:
        writing.execute(text("UPDATE methods SET name = 'half'"))
        writing.flush()
        at = data.version()
        assert set(shown(site)) == {"better", "steady"}
        assert data.version() == at
        1 / 0  # noqa: B018
    engine.dispose()
    site.submit("third", BETTER)
    assert set(shown(site)) == {"better", "steady", "third"}
