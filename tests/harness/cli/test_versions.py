"""`suite@version` selects an older protocol wherever a suite is named."""

import json

import pytest
from click.testing import CliRunner

from harness.cli.export import export
from harness.cli.leaderboard import leaderboard
from results_db.ingest import ingest
from suites.registry import known_as, load_suite
from tests.results_db.conftest import FULL, Writer
from tests.versions import add_newer_toy


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Results under toy@1, while `toy` is toy@2 by now."""
    writer = Writer(tmp_path / "runs")
    writer.submission("m", scores=FULL)
    ingest(writer.runs, str(tmp_path / "x.db"))
    add_newer_toy(monkeypatch)
    return str(tmp_path / "x.db")


def invoke(command, *arguments):
    result = CliRunner().invoke(command, [*arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_leaderboard_of_an_older_version(database):
    words = ("--db", database, "--format", "json")
    (row,) = json.loads(invoke(leaderboard, "toy@1", *words))
    assert (row["method"], row["protocol"]) == ("m", "toy@1")
    assert json.loads(invoke(leaderboard, "toy", *words)) == []
    assert "--suite toy" in invoke(leaderboard, "toy", "--db", database)


def test_exports_of_an_older_version(database):
    table = invoke(export, "toy@1", "--table", "md", "--db", database)
    assert "toy@1" in table


def test_a_suite_is_known_by_its_name_or_as_an_older_one_by_its_id(database):
    assert known_as(load_suite("toy@1")) == "toy@1"
    assert known_as(load_suite("toy@2")) == known_as(load_suite("toy")) == "toy"
