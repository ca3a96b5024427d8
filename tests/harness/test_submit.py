"""`podium submit` from outside: what runs, what is recorded, what is done again."""

import json
import shutil
import sqlite3

from tests.conftest import AGENTS, ROOT, TOYS, Podium
from tests.harness.looking import leaderboard, wait_for


def test_a_submission_runs_lands_in_the_database_and_is_a_no_op_again(podium):
    first = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert first.code == 0, first.out + first.err
    assert "6/6 runs have their result" in first.out
    assert len(podium.runs()) == 6
    files = {path: path.stat().st_mtime_ns for path in podium.runs("*/*-s*/*")}
    again = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert again.code == 0
    assert "6 done already" in again.out
    assert {p: p.stat().st_mtime_ns for p in podium.runs("*/*-s*/*")} == files
    (row,) = leaderboard(podium)
    assert (row["runs"], row["tasks"], row["rank"]) == (6, 3, 1)
    assert row["iqm_low"] <= row["iqm"] <= row["iqm_high"]


def test_more_seeds_extend_a_submission(podium):
    podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 1)
    result = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert "6 runs, 3 done already" in result.out
    assert len(podium.runs()) == 6
    assert len(list((podium.folder / "runs").iterdir())) == 1


def test_the_same_command_gives_the_same_numbers(podium, tmp_path_factory):
    other = Podium(tmp_path_factory.mktemp("other"))
    for where, jobs in ((podium, 1), (other, 2)):
        where("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 1, "-j", jobs)
    for name in ("episodes.jsonl",):
        ours = [(run / name).read_text() for run in podium.runs()]
        assert ours == [(run / name).read_text() for run in other.runs()]
    assert leaderboard(podium)[0]["data_digest"] == leaderboard(other)[0]["data_digest"]


def test_a_failed_run_is_tried_again_and_its_first_attempt_kept(podium, tmp_path):
    agent = tmp_path / "flaky.py"
    agent.write_text(
        "import os\nfrom pathlib import Path\n"
        "from harness.agent import StepAgent\n"
        "class Agent(StepAgent):\n"
        "    def act(self, obs, first, state, *, explore):\n"
        "        return self.rng.integers(3, size=len(obs)), state, None\n"
        "    def train(self, env):\n"
        "        env.reset()\n"
        "        for _ in range(50): env.step(self.rng.integers(3, size=1))\n"
        "        if not Path('mended').exists(): raise OSError('broken')\n"
    )
    command = [
        "submit",
        "flaky.py:Agent",
        "--suite",
        "toy",
        "-t",
        "catch",
        "--seeds",
        1,
    ]
    assert podium(*command).code == 1
    (tmp_path / "mended").touch()
    assert podium(*command).code == 0
    (run,) = podium.runs()
    kept = (run / "attempts" / "1" / "episodes.jsonl").read_text()
    assert len(kept.splitlines()) == 10
    assert (run / "episodes.jsonl").read_text() == kept
    status = json.loads(podium("status", "--format", "json").out)
    assert (status[0]["done"], status[0]["restarted"]) == (1, 1)


def test_a_submission_goes_on_from_another_folder(podium, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\nfrom tests.agents.toys import Learner\n"
        "class Agent(Learner):\n"
        "    def learn(self):\n"
        f"        assert Path({str(tmp_path / 'mended')!r}).exists()\n"
    )
    options = ("--suite", "toy", "--tasks", "catch", "--seeds", 1, "--runs")
    there = {"PYTHONPATH": str(ROOT)}
    assert podium("submit", "mine.py:Agent", *options, "runs", **there).code == 1
    (tmp_path / "mended").touch()
    (tmp_path / "deeper").mkdir()
    elsewhere = Podium(tmp_path / "deeper")
    again = elsewhere("submit", "../mine.py:Agent", *options, "../runs", **there)
    assert again.code == 0, again.out + again.err
    (run,) = podium.runs()
    assert '"agent": "../mine.py:Agent"' in (run / "spec.json").read_text()


def test_a_changed_agent_is_another_method_version(podium, tmp_path):
    agent = tmp_path / "mine.py"
    text = (AGENTS / "toys.py").read_text()
    agent.write_text(text)
    command = ["submit", "mine.py:Learner", "--suite", "toy", "--seeds", 1]
    podium(*command)
    agent.write_text(text + "\n# changed\n")
    result = podium(*command)
    assert "done already" not in result.out
    methods = [row["method"] for row in leaderboard(podium)]
    assert len(methods) == 2
    assert all(name.startswith("mine@") for name in methods)


def test_a_dry_run_shows_the_cells_and_writes_them_only_if_asked(podium):
    result = podium("submit", "random", "--suite", "toy", "--seeds", 2, "--dry-run")
    assert result.code == 0
    assert "6 runs: 3 tasks (catch, reach, hurry) x 2 seeds (0, 1)" in result.out
    assert "12,000 agent steps" in result.out
    assert "Hours: unknown" in result.out
    assert list(podium.folder.iterdir()) == []
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        2,
        "--dry-run",
        "--write",
        "cells",
    )
    assert len(list((podium.folder / "cells").glob("*-s*.json"))) == 6


def test_a_dry_run_warns_as_the_submission_does(podium):
    agent = podium.folder / "broken.py"
    agent.write_text("raise ValueError('bad [/tag] thing')\n")
    command = ("submit", f"{agent}:Agent", "--suite", "toy", "--tasks", "catch")
    dry, real = podium(*command, "--dry-run"), podium(*command)
    warnings = [
        [line for line in result.out.splitlines() if line.startswith("Warning: ")]
        for result in (dry, real)
    ]
    assert warnings[0] == warnings[1]
    assert "bad [/tag] thing" in warnings[0][0]
    assert (dry.code, real.code) == (1, 1)
    assert "3 runs: 1 tasks (catch)" in dry.out


def test_a_done_run_without_its_evaluations_is_no_result_and_can_be_had_again(podium):
    command = ("submit", "random", "--suite", "toy", "--tasks", "catch,reach")
    podium(*command, "--seeds", 1)
    broken, _ = podium.runs()
    (broken / "evaluations.jsonl").unlink()
    again = podium(*command, "--seeds", 1)
    assert again.code == 1
    assert "1/2 runs have their result." in again.out
    assert f"{broken.name}: it is done, but has no final evaluation" in again.out
    assert "Results are safe" not in again.out
    shutil.rmtree(broken)
    assert (
        "2/2 runs have their result, 1 finished." in podium(*command, "--seeds", 1).out
    )


def test_a_database_that_breaks_meanwhile_loses_no_result(podium):
    command = ("submit", f"{TOYS}:Slow", "--suite", "toy", "--tasks", "catch")
    process = podium.start(*command, "--seeds", 1)
    wait_for(lambda: podium.runs("*/*-s*/metrics.jsonl"))
    with sqlite3.connect(podium.folder / "podium.db") as connection:
        connection.execute("DROP TABLE evaluations")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "1/1 runs have their result" in out
    assert "could not be brought up to date" in out
    assert "no such table" in out
    assert "Results are safe in their files" in out
