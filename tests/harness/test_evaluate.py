from collections import deque

import numpy as np
import pytest

from harness.actions import BadAction
from harness.evaluate import FINAL, Evaluator, play
from harness.seeding import Role, episode_seeds
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite

TOY = load_suite("toy")


class Constant:
    """Plays one action, and remembers what it was shown."""

    def __init__(self, action=0):
        self.action = action
        self.batches = []

    def act(self, obs, first):
        self.batches.append((len(obs), first.copy()))
        return np.full(len(obs), self.action)


def make(task, num_envs, seed=0, point=FINAL):
    found = TOY.task(task)
    options = resolve_options(EnvOptions(num_envs=num_envs), found.protocol.options)
    seeds = episode_seeds("toy", task, seed, role=Role.EVALUATION, key=(point, 0))
    return make_env(found, options, seeds=seeds, split="evaluation")


def first_finished(env, episodes):
    """The usual mistake: the returns of whichever episodes finish first."""
    env.reset()
    returns, running = [], np.zeros(env.num_envs)
    while len(returns) < episodes:
        _, reward, terminated, truncated, _ = env.step(np.zeros(env.num_envs, int))
        running += reward
        for row in np.flatnonzero(terminated | truncated):
            returns.append(running[row])
            running[row] = 0
    return np.mean(returns)


def test_short_episodes_are_not_over_represented():
    # Short episodes score 0, long ones 1, half of each: the truth is 0.5.
    seeds = range(8)
    ours = [np.mean(play(Constant(), make("hurry", 64, s), 64).returns) for s in seeds]
    usual = [first_finished(make("hurry", 64, s), 64) for s in seeds]
    assert np.mean(ours) == pytest.approx(0.5, abs=0.06)
    assert np.mean(usual) < 0.3


def test_every_sub_environment_plays_its_quota():
    result = play(Constant(), make("hurry", 4), 20)
    seeds = episode_seeds("toy", "hurry", 0, role=Role.EVALUATION, key=(FINAL, 0))
    expected = [
        float(np.random.default_rng(seeds(row, episode)).integers(2))
        for row in range(4)
        for episode in range(5)
    ]
    assert result.returns == expected
    assert result.lengths == [40 if value else 4 for value in expected]


def test_the_batch_is_constant_and_first_marks_starts():
    policy = Constant()
    play(policy, make("hurry", 4), 8)
    assert {size for size, _ in policy.batches} == {4}
    assert policy.batches[0][1].all()
    assert not policy.batches[1][1].any()


def test_an_episode_does_not_depend_on_the_policy_of_the_one_before():
    idle = play(Constant(1), make("catch", 2), 10)
    moving = deque()

    class Last(Constant):
        """Behaves differently until the last episode of each row."""

        def act(self, obs, first):
            moving.append(first[0])
            episode = sum(moving)
            return np.full(len(obs), 1 if episode == 5 else 0)

    other = play(Last(), make("catch", 2), 10)
    assert [idle.returns[4], idle.returns[9]] == [other.returns[4], other.returns[9]]


def test_bad_actions_of_a_policy_are_named():
    with pytest.raises(BadAction):
        play(Constant(9), make("catch", 2), 2)


def test_points_and_seeds_give_different_episodes_and_methods_the_same():
    def returns(seed, point, action):
        evaluator = Evaluator(TOY, TOY.task("hurry"), seed, EnvOptions(), threads=1)
        rows = evaluator.evaluate(lambda _: Constant(action), point)
        evaluator.close()
        return rows[0]["returns"]

    base = returns(0, FINAL, 0)
    assert returns(0, FINAL, 1) == base
    assert returns(1, FINAL, 0) != base
    assert returns(0, 1, 0) != base[:20]


def test_an_evaluator_can_be_used_again_and_gives_the_same():
    evaluator = Evaluator(TOY, TOY.task("catch"), 3, EnvOptions(), threads=1)
    rows = [evaluator.evaluate(lambda _: Constant(), p) for p in (1, 2, 1)]
    evaluator.close()
    assert rows[0][0]["returns"] == rows[2][0]["returns"] != rows[1][0]["returns"]
    assert rows[0][0]["split"] == "evaluation"
    assert len(rows[0][0]["returns"]) == 20


def test_a_policy_that_asks_is_told_what_its_steps_brought():
    told = []

    class Asking(Constant):
        def rewarded(self, reward):
            told.append(reward.copy())
            reward[:] = 99.0  # its copy

    result = play(Asking(), make("catch", 2), 8)
    assert len(told) == sum(result.lengths) / 2
    assert sum(told).sum() == sum(result.returns)
