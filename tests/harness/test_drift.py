"""A simulator that does not play as recorded stops a run, or marks it."""

import json
from dataclasses import replace

import pytest

from harness.agent_source import code_digest
from harness.load_agent import load_agent
from harness.plan import Request, plan_runs
from harness.train import Execution, train_and_evaluate
from harness.worker import describe_error
from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from suites.envs import fingerprint
from suites.envs.fingerprint import RECORDED, SimulatorDrifted, read_recorded
from suites.registry import load_suite


@pytest.fixture
def _drifted(tmp_path, monkeypatch):
    """The toy catch is on record as another game."""
    document = json.loads(RECORDED.read_text())
    document["tasks"]["toy@1/catch"]["dynamics"] = "0" * 16
    path = tmp_path / "fingerprints.json"
    path.write_text(json.dumps(document))
    monkeypatch.setattr(fingerprint, "RECORDED", path)
    read_recorded.cache_clear()
    yield
    read_recorded.cache_clear()


def run_catch(folder, **execution):
    request = Request("random", "toy", tasks="catch", seeds="1")
    (spec,) = plan_runs(request, describe_seconds=60).specs
    # In this process the tests count as the agent's source, too.
    digest = code_digest(load_agent("random"))
    spec = replace(spec, method=replace(spec.method, code_digest=digest))
    folder.mkdir()
    told = {}
    train_and_evaluate(spec, folder, Execution(**execution), told.update)
    return told["fingerprint"]


@pytest.mark.usefixtures("_drifted")
def test_a_drift_stops_a_run_before_it_trains(tmp_path):
    with pytest.raises(SimulatorDrifted, match=r"toy@1/catch .* --accept-drift"):
        run_catch(tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.usefixtures("_drifted")
def test_a_stopped_run_records_the_fingerprint_that_it_played(tmp_path):
    with pytest.raises(SimulatorDrifted) as caught:
        run_catch(tmp_path / "run")
    recorded = describe_error(caught.value)["fingerprint"]
    assert recorded["status"] == "drifted"
    assert len(recorded["found"]["dynamics"]) == 16
    assert "fingerprint" not in describe_error(RuntimeError("another"))


@pytest.mark.usefixtures("_drifted")
def test_an_accepted_drift_stands_in_the_provenance(tmp_path):
    found = run_catch(tmp_path / "run", accept_drift=True)
    assert found["status"] == "drifted"
    assert found["found"]["dynamics"] != "0" * 16


def test_a_run_stores_the_fingerprint_that_it_played(tmp_path):
    assert run_catch(tmp_path / "run")["status"] == "same"


def test_the_leaderboard_says_which_runs_drifted(podium):
    podium("submit", "random", "--suite", "toy", "--seeds", "2")
    runs = podium.folder / "runs"
    (attempts,) = runs.glob("*/catch-s1/attempts.jsonl")
    text = attempts.read_text()
    assert '"status":"same"' in text
    attempts.write_text(text.replace('"status":"same"', '"status":"drifted"'))
    database = str(podium.folder / "again.db")
    ingest(runs, database)
    with read_session(open_for_reading(database)) as session:
        board = leaderboard(session, load_suite("toy"), resamples=10)
    assert any("random: 1 of 6 runs on a simulator" in note for note in board.notes)
