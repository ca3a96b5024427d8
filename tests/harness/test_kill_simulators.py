"""kill -9 at random moments on real simulators changes no number."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest

from harness import train
from harness.checkpoint import read_newest
from harness.train import Execution
from results_db.run_files import RunFolder, read_lines
from suites.registry import load_suite
from tests.conftest import ROOT
from tests.harness import small
from tests.harness.test_resume import REPLAYS, attempt, cell, here, outcome

KILLS = 3
SAC = "baselines.sac:SAC"
NARROW = ("actor_width=32", "critic_width=32")


def start(run, suite, share, execution):
    """A worker process on a shrunk suite, as the launcher starts it."""
    arguments = [suite, str(share), str(run), json.dumps(asdict(execution))]
    return subprocess.Popen(
        [sys.executable, "-P", small.__file__, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def kill_after_a_checkpoint(process, run, wait_seconds):
    """Lets a worker write a checkpoint of its own, waits a little, and kills it."""
    before = newest_number(run)
    while process.poll() is None and newest_number(run) == before:
        time.sleep(0.002)
    time.sleep(wait_seconds)
    assert process.poll() is None, process.stderr.read().decode()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()


def newest_number(run):
    try:
        return max(int(n) for n in os.listdir(run / "checkpoint") if n.isdigit())
    except (FileNotFoundError, ValueError):
        return 0


def slow(*case):
    """One that the three others and test_resume.py cover for every test run."""
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("agent", "task", "share", "overrides"),
    [
        slow("ppo", "cartpole_swingup", 0.05, ("rollout_steps=32",)),
        (SAC, "cartpole_swingup", 0.04, ("start_steps=100", "batch_size=32", *NARROW)),
        slow("ppo", "jumper", 0.25, ("num_envs=4", "rollout_steps=8")),
        slow("ppo", "seaquest", 0.1, ("num_envs=4", "rollout_steps=16", "features=32")),
        slow(REPLAYS, "seaquest", 0.04, ("num_envs=1", "capacity=250")),
        (
            "baselines.rainbow:DER",
            "seaquest",
            0.04,
            # Greedy games of an agent that has learnt little last half an hour.
            (
                *("capacity=250", "batch=8", "hidden=32", "start=1", "n_step=1"),
                *("learning_rate=0.01", "evaluation_epsilon=0.5"),
            ),
        ),
    ],
)
def test_kills_lose_nothing_and_repeat_one_step(
    tmp_path, monkeypatch, agent, task, share, overrides
):
    """With a checkpoint before every step, an attempt repeats one vector step at most.
    One that started over, or from an older checkpoint, fails here."""
    suite = small.shrunk(load_suite("practice"), share)
    monkeypatch.setattr(train, "load_suite", lambda name: suite)
    spec = cell(agent, task, suite="practice", overrides=overrides)
    spec = replace(spec, measurement_hash=suite.measurement_hash)
    whole = attempt(here(spec), tmp_path / "whole")

    run, rng = tmp_path / "killed", random.Random(f"{agent} {task}")
    folder = RunFolder(run)
    folder.create(spec)
    often = Execution(checkpoint_seconds=1e-6)
    stood = []
    for _ in range(KILLS):
        process = start(run, "practice", share, often)
        kill_after_a_checkpoint(process, run, rng.uniform(0, 0.4))
        stood.append(read_newest(run)["agent_steps"])
    last = start(run, "practice", share, Execution())
    assert last.wait(timeout=300) == 0, last.stderr.read().decode()
    last.stderr.close()

    assert outcome(run, without_attempt(folder)) == outcome(tmp_path / "whole", whole)
    attempts = folder.attempts()
    assert [row["outcome"] for row in attempts] == ["lost"] * KILLS + ["finished"]
    begun = [row["from_agent_steps"] for row in attempts]
    assert begun == [0, *stood]
    assert begun == sorted(set(begun)), "an attempt came no further"
    envs = 4 if "num_envs=4" in overrides else 8 if agent == "ppo" else 1
    for number, row in enumerate(attempts[1:], start=1):
        for name in ("episodes", "evaluations"):
            for line in read_lines(run / "attempts" / str(number) / f"{name}.jsonl"):
                assert line["agent_steps"] - row["from_agent_steps"] <= envs
    assert not (run / "checkpoint").exists()


def without_attempt(folder):
    ignored = {"attempt", "peak_memory_bytes"}
    return {k: v for k, v in folder.summary().items() if k not in ignored}
