"""A run that is stopped anywhere goes on and gives the uninterrupted run's numbers."""

import json
import os
import subprocess
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from harness import train
from harness.agent_source import code_digest
from harness.checkpoint import Checkpoints, SliceOver, read_newest
from harness.load_agent import load_agent
from harness.plan import Request, plan_runs
from harness.train import Execution, train_and_evaluate
from results_db.run_files import RunFolder, read_lines
from suites.registry import load_suite
from tests.conftest import AGENTS, TOYS
from tests.harness.small import shrunk

REPLAYS = f"{AGENTS}/replays.py:Replays"
NOT_THE_SAME_TWICE = {"wall_seconds", "training_seconds", "energy_joules"}


def cell(agent, task, suite="toy", overrides=()):
    """A cell's spec, as a worker runs it."""
    request = Request(agent, suite, tasks=task, seeds="1", overrides=overrides)
    (spec,) = plan_runs(request, describe_seconds=60).specs
    return spec


def here(spec):
    """The same for this process, where tests are loaded beside the agent."""
    agent = spec.method.agent
    digest = code_digest(load_agent(agent))
    return replace(spec, method=replace(spec.method, code_digest=digest))


def planned(*arguments, **more):
    """A cell's spec that this process can run itself."""
    return here(cell(*arguments, **more))


def attempt(spec, folder, **execution):
    """One attempt at a run, as the worker makes it; its summary, None at its slice's
    end."""
    run = RunFolder(folder)
    run.create(spec)
    resume = read_newest(folder)
    run.set_aside(None if resume is None else resume["file_lengths"])
    run.start_attempt()
    try:
        return train_and_evaluate(spec, folder, Execution(**execution), resume=resume)
    except SliceOver:
        return None


def outcome(folder, summary):
    """All that must be equal: episodes, evaluations, digest, final weights."""
    rows = [
        [
            {k: v for k, v in row.items() if k not in NOT_THE_SAME_TWICE}
            for row in read_lines(folder / f"{name}.jsonl")
        ]
        for name in ("episodes", "evaluations")
    ]
    arrays = folder / "policy" / "arrays.npz"
    weights = {}
    if arrays.exists():
        with np.load(arrays) as saved:
            weights = {name: saved[name].tobytes() for name in saved}
    state = folder / "policy" / "state.json"
    plain = json.loads(state.read_text()) if state.exists() else None
    counts = {
        name: value
        for name, value in summary.items()
        if not name.endswith("_seconds") and name not in NOT_THE_SAME_TWICE
    }
    return rows, weights, plain, counts


def in_slices(spec, folder, seconds, **execution):
    """Runs a cell slice by slice; returns its summary and the number of slices."""
    for count in range(1, 200):
        summary = attempt(spec, folder, slice_seconds=seconds, **execution)
        if summary is not None:
            return summary, count
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize(
    ("agent", "task", "overrides"),
    [
        ("ppo", "catch", ()),
        ("ppo", "reach", ("normalise_observations=true",)),
        ("ppo", "hurry", ("life_loss_ends=true", "reward_discount=0.9")),
        ("ppo", "reach", ("core=lstm", "core_size=16")),
        (f"{TOYS}:Learner", "catch", ()),
        (REPLAYS, "catch", ()),
        (REPLAYS, "catch", ("capacity=300",)),
        ("examples/my_agent.py:Agent", "hurry", ()),
    ],
)
def test_slices_add_up_to_the_uninterrupted_run(tmp_path, agent, task, overrides):
    spec = planned(agent, task, overrides=overrides)
    whole = attempt(spec, tmp_path / "whole")
    seconds = whole["training_seconds"] / 6  # the machine may be faster later
    began = perf_counter()
    summary, slices = in_slices(spec, tmp_path / "sliced", seconds)
    took = perf_counter() - began
    assert slices >= 3
    expected = outcome(tmp_path / "whole", whole)
    assert outcome(tmp_path / "sliced", summary) == expected
    last = summary["wall_seconds"] - (slices - 1) * seconds
    assert last > 0, "the seconds of earlier slices were lost"
    assert summary["wall_seconds"] < took
    rows = read_lines(tmp_path / "sliced" / "evaluations.jsonl")
    clock = [row["training_seconds"] for row in rows]
    assert clock == sorted(clock), "a curve's time runs on over the slices"
    assert clock[0] > 0
    assert clock[-1] == summary["training_seconds"]


def test_checkpoints_change_no_number(tmp_path):
    spec = planned("ppo", "catch")
    without = attempt(spec, tmp_path / "without")
    often = attempt(spec, tmp_path / "often", checkpoint_seconds=1e-6)
    assert outcome(tmp_path / "often", often) == outcome(tmp_path / "without", without)
    assert len(list((tmp_path / "often" / "checkpoint").iterdir())) == 2


@pytest.mark.parametrize(
    ("agent", "task", "share", "overrides"),
    [
        ("ppo", "cartpole_swingup", 0.08, ("rollout_steps=32",)),
        ("ppo", "jumper", 0.2, ("num_envs=4",)),
        pytest.param(
            *("ppo", "seaquest", 0.1),
            ("num_envs=4", "rollout_steps=16", "features=32"),
            marks=pytest.mark.slow,  # test_kill_simulators.py has it in every run
        ),
    ],
)
def test_real_simulators_go_on_bit_for_bit(
    tmp_path, monkeypatch, agent, task, share, overrides
):
    small = shrunk(load_suite("practice"), share)
    monkeypatch.setattr(train, "load_suite", lambda name: small)
    spec = planned(agent, task, suite="practice", overrides=overrides)
    spec = replace(spec, measurement_hash=small.measurement_hash)
    whole = attempt(spec, tmp_path / "whole")
    seconds = whole["training_seconds"] / 5
    summary, slices = in_slices(spec, tmp_path / "sliced", seconds)
    assert slices >= 3
    assert outcome(tmp_path / "sliced", summary) == outcome(tmp_path / "whole", whole)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


# zipfile says so when it is collected after a write that failed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_leaves_the_last_checkpoint_and_names_the_cause(small_disk, capsys):
    checkpoints = Checkpoints(small_disk, every_seconds=0.0)
    checkpoints.write(lambda: {"agent_steps": 1, "numbers": np.zeros(1000)})
    assert capsys.readouterr().err == ""
    checkpoints.write(lambda: {"agent_steps": 2, "numbers": np.zeros(1_000_000)})
    assert "No space left on device" in capsys.readouterr().err
    assert read_newest(small_disk)["agent_steps"] == 1
    assert os.listdir(small_disk / "checkpoint") == ["1"]
    with pytest.raises(SliceOver) as end:  # else it would overwrite what 1 names
        checkpoints.write(lambda: {"numbers": np.zeros(1_000_000)}, needed=True)
    assert not end.value.written
    assert read_newest(small_disk)["agent_steps"] == 1
    checkpoints.write(lambda: {"agent_steps": 3, "numbers": np.zeros(1000)})
    assert read_newest(small_disk)["agent_steps"] == 3


def test_a_checkpoint_that_is_ahead_of_the_files_is_not_used(tmp_path, capsys):
    (tmp_path / "episodes.jsonl").write_text("{}\n")
    Checkpoints(tmp_path, every_seconds=0.0).write(lambda: {"agent_steps": 1})
    (tmp_path / "episodes.jsonl").write_text("")
    assert read_newest(tmp_path) is None
    assert "ahead of the run's files" in capsys.readouterr().err


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path):
    checkpoints = Checkpoints(tmp_path, every_seconds=0.0)
    for steps in (1, 2, 3):
        checkpoints.write(lambda steps=steps: {"agent_steps": steps})
    assert sorted(os.listdir(tmp_path / "checkpoint")) == ["2", "3"]
    (tmp_path / "checkpoint" / "3" / "state.json").write_text("{")
    assert read_newest(tmp_path)["agent_steps"] == 2
