"""Procgen: levels, time-outs, threads."""

import numpy as np
import pytest

from suites.envs.procgen import ProcgenGym3Env
from suites.registry import load_suite
from tests.suites.envs.conftest import random_actions, roll


@pytest.mark.parametrize(
    "task", load_suite("procgen-easy").tasks, ids=lambda task: task.name
)
def test_every_game_exists_with_its_sizes(env, task):
    made = env("procgen-easy", task.name)
    obs, _ = made.reset()
    assert obs.shape == (1, 64, 64, 3)
    assert made._engine.ac_space.eltype.n == task.actions.n == 15


def levels(made, steps):
    """Level seeds met, by sub-environment."""
    made.reset()
    met = [[info["level_seed"]] for info in made._engine.get_info()]
    for actions in random_actions(made, steps, seed=steps):
        _, _, terminated, truncated, _ = made.step(actions)
        for row in np.flatnonzero(terminated | truncated):
            met[row].append(made._engine.get_info()[row]["level_seed"])
    return met


def test_training_plays_the_first_200_levels_and_evaluation_all(env):
    def met(split):
        made = env("procgen-easy", "leaper", num_envs=16, split=split)
        return [level for row in levels(made, 300) for level in row]

    assert max(met(None)) < 200
    assert max(met("train_levels")) < 200
    assert len(set(met(None))) > 20
    assert min(met("all_levels")) > 200


def test_levels_depend_on_seed_row_and_episode_alone(env):
    one = levels(env("procgen-easy", "leaper", num_envs=4), 600)
    two = levels(env("procgen-easy", "leaper", num_envs=4), 700)
    for a, b in zip(one, two, strict=True):
        shared = min(len(a), len(b))
        assert shared > 1
        assert a[:shared] == b[:shared]


def test_a_time_out_is_a_truncation_and_a_death_a_termination(env):
    made = env("procgen-easy", "leaper", num_envs=8)
    made.reset()
    lengths, ends = np.zeros(8, int), []
    for _ in range(1100):
        # Action 4 does nothing: the agent waits at the start until time is out.
        _, _, terminated, truncated, infos = made.step(np.full(8, 4))
        lengths += 1
        for row in np.flatnonzero(terminated | truncated):
            ends.append((lengths[row], bool(truncated[row])))
            assert not infos["final_obs_valid"][row]
            lengths[row] = 0
    assert ends
    assert {length for length, cut in ends if cut} <= {500}
    assert all(length < 500 for length, cut in ends if not cut)
    assert any(cut for _, cut in ends)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_nothing(env, threads):
    one = roll(env("procgen-easy", "starpilot", num_envs=4), 200)
    more = roll(env("procgen-easy", "starpilot", num_envs=4, threads=threads), 200)
    assert one.digest == more.digest


def test_equal_to_the_engine_itself(env):
    made = env("procgen-easy", "bigfish", num_envs=2, seeds=lambda row, episode: 11)
    engine = ProcgenGym3Env(
        num=2,
        env_name="bigfish",
        distribution_mode="easy",
        num_levels=200,
        start_level=0,
        rand_seed=11,
        num_threads=0,
    )
    obs, _ = made.reset()
    for actions in random_actions(made, 300):
        reward, expected, first = engine.observe()
        assert (obs == expected["rgb"]).all()
        engine.act(actions)
        obs, ours, terminated, truncated, _ = made.step(actions)
        reward, _, first = engine.observe()
        assert (ours == reward).all()
        assert ((terminated | truncated) == first).all()
    engine.close()


def test_the_agent_is_never_told_the_level(env):
    made = env("procgen-easy", "coinrun")
    _, infos = made.reset()
    assert infos == {}
    *_, infos = made.step(np.array([4]))
    assert set(infos) == {"env_frames"}
