"""DMC from state against dm_control itself."""

import numpy as np
import pytest
from dm_control import suite as dm_suite
from dm_control.suite.wrappers import action_scale

from suites.registry import load_suite
from tests.suites.envs.conftest import random_actions

TASKS = load_suite("dmc-proprio").tasks


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_exists_with_the_sizes_of_the_suite(env, task):
    made = env("dmc-proprio", task.name)
    obs, _ = made.reset()
    assert obs.shape[1:] == task.observation.shape
    settings = task.protocol.settings
    original = dm_suite.load(settings.domain, settings.task)
    assert original.action_spec().shape == (task.actions.size,)
    assert original._step_limit == 1000


@pytest.mark.parametrize("name", ["cheetah_run", "finger_turn_hard", "reacher_easy"])
def test_equal_to_dm_control_with_rewards_summed_over_the_repeat(env, name):
    task = load_suite("dmc-proprio").task(name)
    settings = task.protocol.settings
    original = dm_suite.load(settings.domain, settings.task)
    scaled = action_scale.Wrapper(original, minimum=-1.0, maximum=1.0)
    ours = env("dmc-proprio", name, seeds=lambda row, episode: 42 + episode)
    obs, _ = ours.reset()
    original.task.random.seed(42)
    step = scaled.reset()
    for index, actions in enumerate(random_actions(ours, 500)):
        flat = np.concatenate([np.ravel(v) for v in step.observation.values()])
        assert (obs[0] == flat.astype(np.float32)).all()
        obs, reward, terminated, truncated, infos = ours.step(actions)
        total = 0.0
        for _ in range(2):
            step = scaled.step(actions[0].astype(np.float64))
            total += step.reward
        assert reward[0] == total
        assert not terminated[0]
        assert truncated[0] == (index == 499) == step.last()
        assert infos["env_frames"][0] == 2


def test_an_episode_does_not_depend_on_the_one_before(env):
    def second(seed):
        made = env("dmc-proprio", "finger_turn_hard")
        made.reset()
        for actions in random_actions(made, 500, seed=seed):
            obs, *_ = made.step(actions)
        seen = [obs.tobytes()]
        for actions in random_actions(made, 50, seed=9):
            obs, reward, *_ = made.step(actions)
            seen.append((obs.tobytes(), reward[0]))
        return seen

    assert second(1) == second(2)
