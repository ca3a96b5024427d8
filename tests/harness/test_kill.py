"""Workers and launchers are killed at random moments; nothing is lost or doubled."""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from harness.checkpoint import read_newest
from results_db.run_files import RunFolder
from tests.harness.test_resume import outcome

SUBMIT = (
    *"submit ppo --suite toy --tasks reach,hurry --seeds 1".split(),
    *"--checkpoint-every 0.005 --set rollout_steps=8 --set epochs=40".split(),
)
"""Two runs of some seconds each, with a checkpoint every 0.3 s."""


def workers(podium):
    """Process ids of the attempts that are under way."""
    found = []
    for run in podium.runs():
        attempts = RunFolder(run).attempts()
        if attempts and attempts[-1]["outcome"] is None:
            found.append(attempts[-1]["pid"])
    return found


def checkpoints(podium):
    """Those that are there: another set as soon as a run goes on."""
    return {path.name for path in podium.runs("*/*/checkpoint/*")}


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def submit_and_kill(podium, rng, *, whom, arguments=SUBMIT):
    """Starts the command and kills somebody a while after a worker began; says whether
    somebody was killed."""
    process = podium.start(*arguments)
    killed = False
    try:
        deadline = time.monotonic() + 60
        before = checkpoints(podium)
        while process.poll() is None and checkpoints(podium) == before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 0.6))
        if whom == "launcher" and process.poll() is None:
            process.kill()
            killed = True
        elif whom == "worker":
            killed = sum(map(kill, workers(podium))) > 0
    finally:
        process.communicate(timeout=120)
    return killed


def results(podium):
    return {
        run.name: outcome(run, RunFolder(run).summary())
        for run in podium.runs()
        if RunFolder(run).done
    }


@pytest.mark.parametrize(
    "whom", ["worker", pytest.param("launcher", marks=pytest.mark.slow)]
)
def test_killed_runs_give_the_numbers_of_the_uninterrupted(
    podium, whom, tmp_path_factory
):
    rng = random.Random(whom)
    kills = sum(submit_and_kill(podium, rng, whom=whom) for _ in range(3))
    last = podium(*SUBMIT)
    assert last.code == 0, last.out + last.err
    assert kills >= 2
    again = type(podium)(tmp_path_factory.mktemp("whole"))
    assert again(*SUBMIT).code == 0
    for mine, whole in zip(
        results(podium).values(), results(again).values(), strict=True
    ):
        assert without_attempt(mine) == without_attempt(whole)
    first_steps = [
        attempt.get("from_agent_steps", 0)
        for run in podium.runs()
        for attempt in RunFolder(run).attempts()[1:]
    ]
    assert max(first_steps, default=0) > 0, "every attempt started from zero"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_random_kills_lose_and_double_nothing(podium, tmp_path_factory):
    """Whoever is killed, whenever: at its start, while it trains, writes, ends."""
    rng = random.Random(50)
    several = " ".join(SUBMIT).replace("--seeds 1", "--seeds 4")
    several = several.replace("epochs=40", "epochs=120").split()
    kills, process = 0, podium.start(*several)
    while kills < 50:
        time.sleep(rng.uniform(0.1, 6.0))
        whom = rng.choice(["worker", "launcher", "both"])
        if whom != "launcher":
            kills += sum(map(kill, workers(podium)))
        if whom != "worker" and process.poll() is None:
            process.kill()
            kills += 1
        if process.poll() is not None:
            # Whether it was killed or has tried every run: again.
            process.communicate()
            process = podium.start(*several)
    process.kill()
    process.communicate()
    attempts = [len(RunFolder(run).attempts()) for run in podium.runs()]
    assert sum(n - 1 for n in attempts if n) >= 10, "hardly anything was interrupted"
    assert not all(RunFolder(run).done for run in podium.runs()), "through too soon"
    assert podium(*several, timeout=1200).code == 0
    assert podium("ingest").code == 0
    again = type(podium)(tmp_path_factory.mktemp("whole"))
    assert again(*several, timeout=1200).code == 0
    mine, whole = results(podium), results(again)
    assert list(mine) == list(whole)
    for name in whole:
        assert without_attempt(mine[name]) == without_attempt(whole[name])
    tables = [rows_of(one.folder / "podium.db") for one in (podium, again)]
    assert tables[0] == tables[1]


def rows_of(database):
    """What the database says of evaluations and their episodes."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT task, seed, point, split, evaluations.agent_steps, number, "
            "episode_return FROM episodes JOIN evaluations ON evaluations.id = "
            "evaluation_id JOIN runs ON runs.id = run_id ORDER BY 1, 2, 3, 4, 6"
        ).fetchall()


def without_attempt(result):
    *rest, counts = result
    ignored = {"attempt", "peak_memory_bytes"}
    return rest, {k: v for k, v in counts.items() if k not in ignored}


def test_a_slice_ends_at_a_checkpoint_and_a_finished_run_has_none(podium):
    first = podium(*SUBMIT, "--slice", "0.5")
    assert first.code == 1, "the runs were through within the slice"
    assert "The time slice is over" in first.out
    states = [read_newest(run) for run in podium.runs()]
    assert any(state and state["agent_steps"] > 0 for state in states)
    assert podium("resume").code == 0
    assert all(RunFolder(run).done for run in podium.runs())
    assert not podium.runs("*/*/checkpoint")


def test_resume_names_what_it_cannot_do(podium):
    assert "nothing in runs is unfinished" in podium("resume").err
    podium("submit", "random", "--suite", "toy", "--tasks", "catch", "--seeds", "1")
    result = podium("resume", "toy@1-nobody")
    assert result.code == 2
    assert "Unknown submission" in result.err


def test_a_changed_agent_is_not_resumed(podium, tmp_path):
    agent = podium.folder / "mine.py"
    text = (
        "from baselines.random_agent import Random\n"
        "class Mine(Random):\n"
        "    def train(self, env):\n"
        "        raise RuntimeError('stop')\n"
    )
    agent.write_text(text)
    podium("submit", "mine.py:Mine", "--suite", "toy", "--seeds", "1")
    agent.write_text(text + "# changed\n")
    result = podium("resume")
    assert result.code == 2
    assert "changed since" in result.err


def test_a_loop_that_cannot_be_saved_starts_over_and_says_so(podium):
    agent = podium.folder / "mine.py"
    agent.write_text(
        "import os, signal\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from baselines.random_agent import Random\n"
        "class Mine(Random):\n"
        "    def train(self, env):\n"
        "        env.reset()\n"
        "        for step in range(100):\n"
        "            env.step(np.zeros(1, int))\n"
        "        if not Path('/proc/self/cwd/once').exists():\n"
        "            Path('/proc/self/cwd/once').touch()\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    arguments = "submit mine.py:Mine --suite toy -t catch --seeds 1".split()
    assert podium(*arguments).code == 1
    assert podium(*arguments).code == 0
    (run,) = podium.runs()
    first, second = RunFolder(run).attempts()
    assert (first["outcome"], second["outcome"]) == ("killed", "finished")
    assert second["from_agent_steps"] == 0
    kept = run / "attempts" / "1" / "episodes.jsonl"
    assert len(kept.read_text().splitlines()) == 20
    assert len(list(RunFolder(run).rows("episodes"))) == 20
