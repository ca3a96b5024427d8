"""What every adapter promises, on every simulator."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from suites.envs.make import REQUIREMENTS, SimulatorMissing, require_simulator
from tests.suites.envs.conftest import random_actions, roll

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
    from tests.suites.envs.conftest import row_seed

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
