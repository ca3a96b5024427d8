"""Every run of a suite, and what is recorded of one."""

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.ledger import RunRecord, differences, flat, ledger, run_record
from tests.results_db.conftest import FULL


@pytest.fixture
def session(writer, tmp_path):
    writer.submission("m", scores=FULL)
    writer.submission("n", scores={"catch": [1.0]}, planned=2)
    ingest(writer.runs, str(tmp_path / "podium.db"))
    engine = open_for_reading(str(tmp_path / "podium.db"))
    with read_session(engine) as opened:
        yield opened
    engine.dispose()


def test_all_runs_with_their_states(session):
    rows = ledger(session, "toy@1")
    assert len(rows) == 8
    assert [row.state for row in rows if row.method == "n"] == ["finished", "planned"]
    assert ledger(session, "atari100k@1") == []


def test_a_run_has_its_provenance_attempts_and_events(session):
    row = ledger(session, "toy@1")[0]
    found = run_record(session, row.run_id)
    assert found.facts["task"] == row.task
    assert found.provenance["packages"] == {"numpy": "1"}
    assert [one["outcome"] for one in found.attempts] == ["finished"]
    assert [one["event"] for one in found.events] == ["planned"]


def test_a_run_that_is_gone_is_none(session):
    assert run_record(session, 10_000) is None


def test_nested_fields_are_flat():
    assert flat({"a": {"b": {"c": 1}}, "d": None}) == {"a.b.c": "1", "d": ""}


def test_only_what_differs_is_named():
    first = RunRecord({"seed": 0, "task": "t"}, {"lr": 1}, {}, (), ())
    second = RunRecord({"seed": 1, "task": "t"}, {}, {}, (), ())
    assert differences(first, second) == [
        ("run.seed", "0", "1"),
        ("config.lr", "1", ""),
    ]
