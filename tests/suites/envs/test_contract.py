"""What every adapter promises, on every simulator."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from suites.envs.make import REQUIREMENTS, SimulatorMissing, require_simulator
from tests.conftest import ROOT
from tests.suites.envs.conftest import random_actions, roll, row_seed

CASES = {
    "toy": ("toy", "catch", 100),
    "dmc": ("dmc-proprio", "cartpole_swingup", 600),
    "atari": ("atari100k", "breakout", 400),
    "procgen": ("procgen-easy", "leaper", 600),
    "memory_maze": ("memory-maze", "9x9", 30),
}
EACH = pytest.mark.parametrize(("suite", "task", "steps"), CASES.values(), ids=CASES)
FAST = pytest.mark.parametrize(
    ("suite", "task", "steps"),
    [case for name, case in CASES.items() if name != "memory_maze"],
    ids=[name for name in CASES if name != "memory_maze"],
)


@EACH
def test_spaces_shapes_and_types(env, suite, task, steps):
    made = env(suite, task, num_envs=2)
    obs, _ = made.reset()
    assert made.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    space = made.single_observation_space
    (actions,) = random_actions(made, 1)
    obs, reward, terminated, truncated, infos = made.step(actions)
    assert obs.shape == (2, *space.shape)
    assert obs.dtype == space.dtype
    assert reward.dtype == np.float64
    assert terminated.dtype == truncated.dtype == bool
    assert infos["env_frames"].shape == (2,)


@EACH
def test_same_seed_same_trajectory_also_with_more_sub_environments(
    env, suite, task, steps
):
    alone = roll(env(suite, task, num_envs=1), steps)
    again = roll(env(suite, task, num_envs=1), steps)
    assert alone.digest == again.digest
    if task != "9x9":
        together = roll(env(suite, task, num_envs=3), steps)
        assert together.digest == alone.digest


@pytest.mark.parametrize("seed", [-1, -7, 2**31])
@EACH
def test_a_seed_that_a_simulator_would_misunderstand_is_refused(
    env, suite, task, steps, seed
):
    made = env(suite, task, seeds=lambda row, episode: seed)
    with pytest.raises(ValueError, match=rf"0 .. 2147483647 \(got {seed}\)"):
        made.reset()


@FAST
def test_different_seeds_differ(env, suite, task, steps):
    one = roll(env(suite, task), steps)
    two = roll(env(suite, task, seeds=lambda row, episode: 77 + episode), steps)
    assert one.digest != two.digest


@FAST
def test_rows_differ(env, suite, task, steps):
    made = env(suite, task, num_envs=2)
    assert roll(made, steps, row=0).digest != roll(made, steps, row=1).digest


@FAST
def test_an_episode_of_an_evaluation_does_not_depend_on_the_one_before(
    env, suite, task, steps
):
    one = roll(env(suite, task, split="evaluation"), steps, seed=1)
    two = roll(env(suite, task, split="evaluation"), steps, seed=2)
    shared = min(len(one.first_obs), len(two.first_obs))
    assert shared >= 2
    assert one.first_obs[:shared] == two.first_obs[:shared]
    if task != "breakout":  # its first frame is always the same
        assert one.first_obs[0] != one.first_obs[1]


@FAST
def test_begin_starts_a_stream_over(env, suite, task, steps):
    made = env(suite, task, split="evaluation")
    first = roll(made, steps)
    made.begin(lambda row, episode: 5 + row + episode)
    other = roll(made, steps)
    made.begin(row_seed)
    assert roll(made, steps).digest == first.digest != other.digest


@FAST
def test_final_observations_are_dense_and_say_whether_they_are_true(
    env, suite, task, steps
):
    made = env(suite, task, num_envs=2)
    made.reset()
    ends = 0
    for actions in random_actions(made, steps):
        obs, _, terminated, truncated, infos = made.step(actions)
        ended = terminated | truncated
        assert ("final_obs" in infos) == bool(ended.any())
        if ended.any():
            ends += 1
            assert infos["final_obs"].shape == obs.shape
            valid = infos["final_obs_valid"]
            true = truncated if suite == "procgen-easy" else ended
            assert (valid == true).all()
            assert not (
                infos["final_obs"][ended & valid] == obs[ended & valid]
            ).all() or (not (ended & valid).any())
    assert ends >= 1


@FAST
def test_observations_are_the_callers_to_keep(env, suite, task, steps):
    made = env(suite, task)
    obs, _ = made.reset()
    kept, before = obs, obs.copy()
    for actions in random_actions(made, 10):
        made.step(actions)
    assert (kept == before).all()


@pytest.mark.parametrize("name", ["toy", "dmc", "atari"])
def test_next_step_autoreset_shows_the_last_observation_then_the_first(env, name):
    suite, task, steps = CASES[name]
    same = env(suite, task, num_envs=1)
    following = env(suite, task, num_envs=1, autoreset="next_step")
    assert following.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    same.reset()
    following.reset()
    ends = 0
    for actions in random_actions(same, steps):
        obs, reward, terminated, truncated, infos = same.step(actions)
        other = following.step(actions)
        assert other[1] == reward
        assert (other[2], other[3]) == (terminated, truncated)
        if terminated[0] or truncated[0]:
            ends += 1
            assert (other[0] == infos["final_obs"]).all()
            # The ignored step: no reward, no frames, the new episode's first frame.
            other = following.step(actions)
            assert other[1] == 0
            assert other[4]["env_frames"].sum() == 0
        assert (other[0] == obs).all()
    assert ends >= 1


def test_procgen_cannot_wait_and_says_so(env):
    with pytest.raises(ValueError, match="next_step"):
        env("procgen-easy", "coinrun", autoreset="next_step")


def test_a_missing_package_names_the_extra(monkeypatch):
    from suites.envs import make

    for simulator, requirement in REQUIREMENTS.items():
        if requirement.packages:
            changed = requirement._replace(packages=("no_such_package",))
            monkeypatch.setitem(make.REQUIREMENTS, simulator, changed)
            with pytest.raises(SimulatorMissing, match=rf"\[{requirement.extra}\]"):
                require_simulator(simulator)


SIMULATORS = {
    "atari": ("atari100k", "breakout", 300, {}),
    "atari_sticky": ("atari100k", "breakout", 300, {"sticky_probability": 0.25}),
    "dmc": ("dmc-proprio", "cartpole_swingup", 510, {}),
    "procgen": ("procgen-easy", "maze", 1100, {}),
    "memory_maze": ("memory-maze", "9x9", 8, {"episode_agent_steps": 6}),
}
"""Suite, task, decisions that see an episode end, settings."""
SIMULATOR = pytest.mark.parametrize("name", SIMULATORS)


def watch(made, actions):
    """A digest of all that each sub-environment showed, true last frames included."""
    totals = [hashlib.sha256() for _ in range(made.num_envs)]
    obs, _ = made.reset()
    for row, total in enumerate(totals):
        total.update(obs[row].tobytes())
    for batch in actions:
        obs, reward, terminated, truncated, infos = made.step(batch)
        valid = infos.get("final_obs_valid", np.zeros(made.num_envs, bool))
        for row, total in enumerate(totals):
            ends = np.array([terminated[row], truncated[row], valid[row]])
            total.update(obs[row].tobytes() + reward[row].tobytes() + ends.tobytes())
            if valid[row]:
                total.update(infos["final_obs"][row].tobytes())
    return [total.hexdigest() for total in totals]


ELSEWHERE = """
import json, sys
from dataclasses import replace
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite
from tests.suites.envs.conftest import random_actions, row_seed
from tests.suites.envs.test_contract import watch

suite, task, steps, settings, count = json.loads(sys.argv[1])
task = load_suite(suite).task(task)
protocol = task.protocol
protocol = replace(protocol, settings=replace(protocol.settings, **settings))
options = resolve_options(EnvOptions(num_envs=count), protocol.options)
task = replace(task, protocol=protocol)
made = make_env(task, options, seeds=row_seed, threads=2)
print(json.dumps(watch(made, random_actions(made, steps))))
made.close()
"""


@SIMULATOR
def test_another_process_with_other_threads_sees_the_same(env, name):
    suite, task, steps, settings = SIMULATORS[name]
    count = 1 if name == "memory_maze" else 2  # a second maze costs seconds
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, json.dumps([*SIMULATORS[name], count])],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert told.returncode == 0, told.stderr
    made = env(suite, task, num_envs=count, settings=settings)
    assert watch(made, random_actions(made, steps)) == json.loads(told.stdout)


@SIMULATOR
def test_every_simulator_hears_its_seed(env, name):
    suite, task, steps, settings = SIMULATORS[name]
    seen = set()
    for first in (0, 77):
        made = env(suite, task, settings=settings, seeds=lambda r, e, f=first: f + e)
        seen |= set(watch(made, random_actions(made, steps)))
        made.close()
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("atari", None),
        ("atari", "evaluation"),
        ("atari_sticky", None),
        ("atari_sticky", "evaluation"),
        ("dmc", None),
        ("memory_maze", None),
    ],
)
def test_a_row_is_as_an_environment_of_its_own(env, name, split):
    suite, task, steps, settings = SIMULATORS[name]
    count = 2 if name == "memory_maze" else 3
    made = env(suite, task, num_envs=count, settings=settings, split=split)
    actions = random_actions(made, steps)
    for row, seen in enumerate(watch(made, actions)):
        alone = env(
            suite,
            task,
            settings=settings,
            split=split,
            seeds=lambda _, episode, row=row: row_seed(row, episode),
        )
        assert watch(alone, [batch[row : row + 1] for batch in actions]) == [seen]
        alone.close()


def test_procgens_rows_are_the_same_at_any_number_of_them(env):
    # One seed begins all its rows, so a row cannot be had alone.
    few, more = (env("procgen-easy", "leaper", num_envs=n) for n in (3, 5))
    seen = watch(few, random_actions(few, 600))
    assert watch(more, random_actions(more, 600))[:3] == seen


@SIMULATOR
def test_an_episode_does_not_depend_on_the_actions_of_the_one_before(env, name):
    suite, task, steps, settings = SIMULATORS[name]

    def episodes(before):
        made = env(suite, task, settings=settings, split="evaluation")
        made.reset()
        first = hashlib.sha256()
        for actions in random_actions(made, 2000, seed=before):
            obs, _, terminated, truncated, _ = made.step(actions)
            if terminated[0] or truncated[0]:
                break
            first.update(obs.tobytes())
        second = [(obs.tobytes(), 0.0)]
        for actions in random_actions(made, steps // 2, seed=9):
            obs, reward, *_ = made.step(actions)
            second.append((obs.tobytes(), reward[0]))
        made.close()
        return first.digest(), second

    (first, second), (other, also_second) = episodes(1), episodes(2)
    assert first != other
    assert second == also_second
