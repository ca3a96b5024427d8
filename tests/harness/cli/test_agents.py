"""`podium agents`: what it shows for people and for scripts."""

import json
import shutil

import pytest

from tests.conftest import ROOT

BUNDLE = ROOT / "results"


@pytest.fixture
def shipped(podium):
    """A database with the shortest of the shipped results."""
    runs = podium.folder / "runs"
    runs.mkdir()
    shutil.copy(BUNDLE / "bundle.json", runs)
    for folder in BUNDLE.glob("memory-maze-10m@1-random-*"):
        shutil.copytree(folder, runs / folder.name)
    assert podium("ingest").code == 0
    return podium


def test_runs_at_full_protocol_are_counted_in_the_database(shipped):
    records = json.loads(shipped("agents", "--format", "json").out)
    results = {record["agent"]: record["results"] for record in records}
    assert results["random"] == [
        {"suite": "memory-maze-10m", "runs": 3, "earlier_runs": 0, "of": 6}
    ]
    assert results["ppo"] == []
    for record in records:
        for gate in record["gates"]:
            assert set(gate) == {
                *("gate", "threshold", "measured", "passed", "earlier_version"),
            }
    text = shipped("agents").out
    assert "full protocol  memory-maze-10m 3/6 runs" in text
    assert "differences    none. It trains not at all" in text


def test_without_a_database_gates_are_shown_and_runs_are_unknown(podium):
    result = podium("agents", "--format", "json")
    assert result.code == 0
    assert "not counted. There is no database" in result.err
    records = json.loads(result.out)
    assert {record["results"] for record in records} == {None}
    assert all("gates" in record for record in records)
