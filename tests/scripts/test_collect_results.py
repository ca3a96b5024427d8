"""What the shipped bundle keeps of a submission."""

import json
import shutil

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from results_db.submission_files import SubmissionFolder
from scripts.collect_results import collect
from suites.registry import load_suite
from tests.results_db.conftest import Writer


@pytest.fixture
def target(tmp_path):
    (tmp_path / "results").mkdir()

    def of(source):
        return SubmissionFolder(tmp_path / "results" / source.path.name)

    return of


def test_planned_runs_without_a_result_stay_planned(target, tmp_path):
    source = Writer(tmp_path / "runs").submission(
        scores={task: [0.0] * 3 for task in ("catch", "reach", "hurry")}, planned=5
    )
    assert collect(source, target(source)) == 9
    ingest(tmp_path / "results", str(tmp_path / "x.db"))
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        (row,) = leaderboard(session, load_suite("toy"), resamples=10).rows
    assert (row.runs, row.runs_planned) == (9, 15)


def test_plans_of_several_machines_are_merged(target, tmp_path):
    one = Writer(tmp_path / "one").submission(scores={"catch": [0.0]}, planned=2)
    two = Writer(tmp_path / "two").submission(scores={"catch": [0.0]}, planned=3)
    shutil.rmtree(two.run("catch", 0).path)
    Writer(tmp_path / "two").submission(scores={"reach": [-1.0]})
    for source in (two, one):
        collect(source, target(source))
    plan = target(one).plan
    assert [(cell.task, cell.seed) for cell in plan.cells] == [
        ("catch", 0),
        ("reach", 0),
        ("catch", 1),
        ("catch", 2),
    ]


def test_recorded_commands_lose_the_folders_of_their_machine(target, tmp_path):
    source = Writer(tmp_path / "runs").submission(scores={"catch": [0.0, 1.0]})
    commands = {
        0: "podium submit der --runs '/home/me/my runs' --seeds 2 --db=/tmp/a.db",
        1: "podium submit der --set 'runs=--run' --seeds 2",
    }
    for seed, command in commands.items():
        file = source.run("catch", seed).path / "attempts.jsonl"
        provenance = {"event": "provenance", "provenance": {"command": command}}
        file.write_text(file.read_text() + json.dumps(provenance) + "\n")
    for _ in range(2):  # again is the same
        collect(source, target(source))
    found = {}
    for seed in commands:
        run = target(source).run("catch", seed).path
        lines = (run / "attempts.jsonl").read_text().splitlines()
        found[seed] = json.loads(lines[-1])["provenance"]["command"]
    assert found == {0: "podium submit der --seeds 2", 1: commands[1]}


def test_other_folders_of_the_machine_are_refused(target, tmp_path):
    source = Writer(tmp_path / "runs").submission(scores={"catch": [0.0]})
    file = source.run("catch", 0).path / "attempts.jsonl"
    before = file.read_text()
    for command in ("podium run /scratch/pong-s0.json", "podium submit a --x=/home/me"):
        provenance = {"event": "provenance", "provenance": {"command": command}}
        file.write_text(before + json.dumps(provenance) + "\n")
        with pytest.raises(SystemExit, match="a folder of its machine"):
            collect(source, target(source))
        assert not target(source).run("catch", 0).path.exists()
    mine = Writer(tmp_path / "more").submission(
        "mine", agent="/home/me/agent.py:Agent", scores={"catch": [0.0]}
    )
    with pytest.raises(SystemExit, match="no installed agent"):
        collect(mine, target(mine))
    assert not target(mine).path.exists()
