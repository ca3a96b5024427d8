"""PPO with a core: whole sequences, stored states, last action and last reward."""

import numpy as np
import pytest
import torch

from baselines.ppo import PPO
from baselines.ppo_settings import PPOConfig
from harness.agent import Step
from harness.task_info import build_config, task_info
from suites.registry import load_suite
from tests.baselines.test_agents import build

TOY = load_suite("toy")
SMALL = {"num_envs": 6, "rollout_steps": 10, "minibatches": 3, "core_size": 8}


def made(core="lstm", task=TOY.tasks[0], **overrides):
    return build("ppo", TOY, task, core=core, **{**SMALL, **overrides})


def walk(agent, info, count, seed=0, state=None):
    """Acts and records as StepAgent.train does, on random observations and ends;
    returns the state after."""
    rng = np.random.default_rng(seed)
    size = agent.config.num_envs
    shape = (size, *info.observation_space.shape)
    obs = rng.normal(size=shape).astype(np.float32)
    first = np.ones(size, bool)
    state = agent.initial_state(size) if state is None else state
    for _ in range(count):
        action, state, extras = agent.act(obs, first, state, explore=True)
        reward = rng.normal(size=size)
        state = agent.rewarded(state, reward)
        following = rng.normal(size=shape).astype(np.float32)
        terminated, truncated = rng.random((2, size)) < 0.1
        shown = rng.random(size) < 0.5
        step = Step(
            *(obs, action, reward, terminated, truncated & ~terminated),
            *(following, shown, first),
        )
        agent.record(step, extras)
        agent.learn()
        obs, first = following, terminated | truncated
    return state


@pytest.mark.parametrize("task", TOY.tasks[:2], ids=lambda task: task.name)
@pytest.mark.parametrize("core", ["lstm", "gru"])
def test_what_was_said_step_by_step_is_what_an_update_computes_again(core, task):
    agent, info = made(core, task, learning_rate=0.0)
    state = walk(agent, info, 10)  # the second rollout begins in the middle of things
    walk(agent, info, 9, seed=1, state=state)
    agent.learn = lambda: None
    walk(agent, info, 1, seed=2, state=state)
    parts = list(agent._minibatches(agent._batch()))
    assert len(parts) == 3
    for part in parts:
        output, _ = agent._output(part["obs"], part)
        log_prob = agent.network.log_prob(output.policy, part["action"])
        assert (log_prob - part["log_prob"]).abs().max() < 1e-5
        assert (output.value - part["value"]).abs().max() < 1e-5
    assert parts[0]["last_reward"].abs().max() > 0


def test_minibatches_are_whole_sub_environments_from_their_stored_states():
    agent, info = made(minibatches=4)  # 6 in parts of 2
    agent.learn = lambda: None
    walk(agent, info, 10)
    batch = agent._batch()
    batch["which"] = torch.arange(60)  # t * 6 + b
    seen = []
    for part in agent._minibatches(batch):
        times, rows = part["which"].view(10, -1) // 6, part["which"].view(10, -1) % 6
        assert (times == torch.arange(10)[:, None]).all()
        assert (rows == rows[0]).all()
        assert torch.equal(part["state"], batch["state"][rows[0]])
        seen += rows[0].tolist()
    assert sorted(seen) == list(range(6))


def test_a_cut_episode_is_worth_what_the_core_says_after_its_last_step():
    agent, info = made(num_envs=3, minibatches=1, reward_discount=None)
    obs = np.ones((3, *info.observation_space.shape), np.float32)
    state = agent.initial_state(3)
    action, state, extras = agent.act(obs, np.ones(3, bool), state, explore=True)
    cut = np.array([False, True, True])
    reward = np.array([0.0, 0.5, 0.0])
    valid = np.array([True, True, False])
    ends = np.zeros(3, bool), cut
    step = Step(obs, action, reward, *ends, obs * 2, valid, np.ones(3, bool))
    agent.record(step, extras)
    state = agent.rewarded(state, reward)
    _, _, (_, value, _, _) = agent.act(obs * 2, np.zeros(3, bool), state, explore=True)
    worth = agent.config.discount * value[1]
    assert agent.rollout["reward"][0] == pytest.approx([0, 0.5 + worth, 0], abs=1e-6)
    forgetful = agent._values(obs * 2, agent.initial_state(3))[1]
    assert abs(forgetful - value[1]) > 1e-4


def says(agent, first, **changed):
    """Values of the same observation, with a state that was changed."""
    obs = np.ones((2, *agent.task.observation_space.shape), np.float32)
    state = {**agent.initial_state(2), **changed}
    *_, (_, value, _, _) = agent.act(obs, np.array(first), state, explore=True)
    return value


@pytest.mark.parametrize(
    "changed",
    [
        {"last_action": np.array([2, 2])},
        {"last_reward": np.ones(2, np.float32)},
        {"state": np.ones((2, 16), np.float32)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_last_step_counts_but_where_an_episode_starts(changed):
    agent, _ = made()
    plain = says(agent, [True, True])
    assert plain[0] == plain[1]
    one, other = says(agent, [True, False], **changed)
    assert one == plain[0]
    assert abs(other - says(agent, [True, False])[1]) > 1e-4


def test_a_reward_counts_up_to_one():
    agent, _ = made()
    one, many = (
        says(agent, [False, False], last_reward=np.full(2, reward, np.float32))
        for reward in (1.0, 50.0)
    )
    assert (one == many).all()


def test_learning_rate_zero_changes_nothing():
    agent, info = made(learning_rate=0.0)
    before = {k: v.clone() for k, v in agent.network.state_dict().items()}
    walk(agent, info, 10)
    assert agent.rollout.filled == 0
    after = agent.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("core", ["lstm", "gru"])
def test_a_loaded_state_trains_on_to_the_same_bits(core):
    agent, info = made(core)
    before = {k: v.clone() for k, v in agent.network.state_dict().items()}
    state = walk(agent, info, 15)
    other, _ = made(core)
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        walk(one, info, 15, seed=7, state=state)
    a, b = (one.network.state_dict() for one in (agent, other))
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not any(torch.equal(a[name], before[name]) for name in a)


def test_the_frozen_policy_keeps_the_state_and_is_told_rewards():
    agent, info = made(sample_in_evaluation=False)
    rng = np.random.default_rng(0)
    obs = rng.normal(size=(5, 2, *info.observation_space.shape)).astype(np.float32)
    first = np.array([[True, True], *[[False, False]] * 2, [True, False], [False] * 2])
    policy, state = agent.policy(seed=0), agent.initial_state(2)
    for t in range(5):
        expected, state, _ = agent.act(obs[t], first[t], state, explore=False)
        assert (policy.act(obs[t], first[t]) == expected).all()
        assert (state["last_action"] == expected).all()
        state = agent.rewarded(state, np.array([t, -t]))
        policy.rewarded(np.array([t, -t]))
        for name, values in state.items():
            assert np.array_equal(policy._state[name], values), name


def test_memory_maze_has_a_core_and_the_others_have_none():
    for name in ("memory-maze", "toy-memory", "atari100k", "procgen-easy", "toy"):
        suite = load_suite(name)
        config = build_config(PPO, task_info(suite, suite.tasks[0]), {})
        assert config.core == ("lstm" if "memory" in name else "none")


def test_more_minibatches_than_sub_environments_are_refused_with_a_core():
    with pytest.raises(ValueError, match=r"must be 1 .. num_envs = 4 .got 8"):
        PPOConfig(num_envs=4, minibatches=8, core="lstm")
    PPOConfig(num_envs=4, minibatches=8)
