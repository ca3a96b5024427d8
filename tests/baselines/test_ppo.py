"""PPO's own promises."""

from dataclasses import fields

import numpy as np
import pytest
import torch

from baselines.ppo import PPO
from baselines.ppo_settings import PRACTICE, PRESETS, RANGES, PPOConfig
from harness.agent import BudgetSpent, Step
from harness.evaluate import play
from harness.meter import MeteredEnv
from harness.recorder import Recorder
from harness.seeding import Role, episode_seeds
from suites.envs.make import make_env
from suites.registry import load_suite
from suites.settings import AtariSettings
from tests.baselines.test_agents import build

TOY = load_suite("toy")


def steps(agent, info, count, seed=0):
    """Feeds random transitions, with an end now and then."""
    rng = np.random.default_rng(seed)
    size = agent.config.num_envs
    shape = (size, *info.observation_space.shape)
    obs = rng.normal(size=shape).astype(np.float32)
    for _ in range(count):
        action, _, extras = agent.act(obs, np.ones(size, bool), (), explore=True)
        following = rng.normal(size=shape).astype(np.float32)
        cut = rng.random(size) < 0.1
        yield agent.record(
            Step(
                obs,
                action,
                rng.normal(size=size),
                cut & False,
                cut,
                following,
                np.ones(size, bool),
                np.zeros(size, bool),
            ),
            extras,
        )
        obs = following


@pytest.mark.parametrize("task", TOY.tasks[:2], ids=lambda task: task.name)
def test_the_first_ratio_is_one(task):
    """What was stored while acting is what the update computes again."""
    agent, info = build("ppo", TOY, task)
    for _ in steps(agent, info, agent.config.rollout_steps):
        pass
    batch = agent._batch()
    output = agent.network(agent._stored_to_input(batch["obs"]))
    log_prob = agent.network.log_prob(output.policy, batch["action"])
    assert (log_prob - batch["log_prob"]).abs().max() < 1e-5
    assert (output.value - batch["value"]).abs().max() < 1e-5


def test_the_first_ratio_is_one_with_normalised_observations():
    task = load_suite("dmc-proprio").task("cartpole_swingup")
    agent, info = build("ppo", load_suite("dmc-proprio"), task, rollout_steps=64)
    for _ in steps(agent, info, 64):
        pass
    batch = agent._batch()
    output = agent.network(agent._stored_to_input(batch["obs"]))
    log_prob = agent.network.log_prob(output.policy, batch["action"])
    assert (log_prob - batch["log_prob"]).abs().max() < 1e-4


def test_a_cut_episode_is_worth_its_last_value_and_an_unseen_one_nothing():
    agent, info = build("ppo", TOY, TOY.tasks[0], num_envs=3)
    shape = (3, *info.observation_space.shape)
    obs = np.ones(shape, np.float32)
    action, _, extras = agent.act(obs, np.ones(3, bool), (), explore=True)
    step = Step(
        obs=obs,
        action=action,
        reward=np.zeros(3),
        terminated=np.array([True, False, False]),
        truncated=np.array([False, True, True]),
        next_obs=obs * 2,
        next_obs_valid=np.array([True, True, False]),
        first=np.ones(3, bool),
    )
    agent.record(step, extras)
    value = agent._values(obs * 2)[0] * agent.config.discount
    assert agent.rollout["reward"][0] == pytest.approx([0.0, value, 0.0], abs=1e-6)


def test_learning_rate_zero_changes_nothing():
    agent, info = build("ppo", TOY, TOY.tasks[0], learning_rate=0.0)
    before = {k: v.clone() for k, v in agent.network.state_dict().items()}
    for _ in steps(agent, info, agent.config.rollout_steps):
        pass
    assert agent.learn() is not None
    after = agent.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_an_update_returns_finite_metrics_and_empties_the_rollout():
    agent, info = build("ppo", TOY, TOY.tasks[1])
    for index, _ in enumerate(steps(agent, info, agent.config.rollout_steps)):
        if index < agent.config.rollout_steps - 1:
            assert agent.learn() is None
    metrics = agent.learn()
    assert set(metrics) == {"policy_loss", "value_loss", "entropy", "approximate_kl"}
    assert all(np.isfinite(value) for value in metrics.values())
    assert agent.rollout.filled == 0


def test_the_learning_rate_falls_to_zero_along_the_budget():
    agent, info = build("ppo", TOY, TOY.tasks[0], anneal=True)
    rates = []
    for _ in steps(agent, info, 200):
        if agent.learn():
            rates.append(agent.optimiser.param_groups[0]["lr"])
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == agent.config.learning_rate
    used = 11 * agent.config.rollout_steps * agent.config.num_envs
    left = 1 - used / info.budget_agent_steps
    assert rates[11] == pytest.approx(agent.config.learning_rate * left)


def test_a_loaded_state_trains_on_to_the_same_bits():
    agent, info = build("ppo", TOY, TOY.tasks[0])
    size = agent.config.rollout_steps
    for _ in steps(agent, info, size + 5):
        agent.learn()
    other, _ = build("ppo", TOY, TOY.tasks[0])
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        for _ in steps(one, info, size, seed=7):
            one.learn()
    a, b = (one.network.state_dict() for one in (agent, other))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_the_frozen_policy_is_untouched_by_further_learning():
    agent, info = build("ppo", TOY, TOY.tasks[0])
    policy = agent.policy(seed=0)
    weights = policy._agent.network.policy_head.weight
    before = weights.detach().clone()
    for _ in steps(agent, info, agent.config.rollout_steps):
        agent.learn()
    assert torch.equal(weights, before)
    assert not torch.equal(agent.network.policy_head.weight, before)


def train(task, budget, tmp_path, seed=0, **overrides):
    """Trains under the meter with a larger budget; returns the mean evaluation."""
    from dataclasses import replace

    bigger = replace(task, protocol=replace(task.protocol, budget_agent_steps=budget))
    agent, info = build("ppo", TOY, bigger, **overrides)
    key = ("toy", task.name, seed)
    env = make_env(bigger, info.options, seeds=episode_seeds(*key, role=Role.TRAINING))
    recorder = Recorder(tmp_path)
    with pytest.raises(BudgetSpent):
        agent.train(
            MeteredEnv(env, info.options, budget_agent_steps=budget, recorder=recorder)
        )
    recorder.close()
    seeds = episode_seeds(*key, role=Role.EVALUATION)
    final = make_env(bigger, info.options, seeds=seeds, split="evaluation")
    return float(np.mean(play(agent.policy(seed=1), final, 80).returns))


@pytest.mark.parametrize("seed", [0, 1])
def test_it_learns_catch(tmp_path, seed):
    assert train(TOY.task("catch"), 12_000, tmp_path, seed) >= 0.7


@pytest.mark.parametrize("seed", [0, 1])
def test_it_learns_to_reach(tmp_path, seed):
    # Uniform actions give about -15.
    reached = train(
        TOY.task("reach"), 12_000, tmp_path, seed, sample_in_evaluation=False
    )
    assert reached >= -7.5


def test_settings_are_those_of_the_card():
    procgen, atari, dmc = (PRESETS[name] for name in ("procgen", "atari", "dmc"))
    assert (procgen.num_envs, procgen.rollout_steps) == (64, 256)
    assert (procgen.minibatches, procgen.epochs) == (8, 3)
    assert (procgen.discount, procgen.gae_lambda, procgen.clip) == (0.999, 0.95, 0.2)
    assert (procgen.learning_rate, procgen.entropy_bonus) == (5e-4, 0.01)
    assert (atari.num_envs, atari.rollout_steps, atari.clip) == (8, 128, 0.1)
    assert (atari.learning_rate, atari.anneal, atari.epochs) == (2.5e-4, True, 4)
    assert dmc.num_envs * dmc.rollout_steps == 2048
    assert (dmc.epochs, dmc.normalise_observations) == (10, True)
    assert set(PRACTICE) <= set(PRESETS)


def test_only_atari_sees_clipped_rewards_and_lost_lives():
    for suite_name in ("atari100k", "dmc-proprio", "procgen-easy", "memory-maze"):
        suite = load_suite(suite_name)
        _, info = build("ppo", suite, suite.tasks[0])
        atari = isinstance(suite.tasks[0].protocol.settings, AtariSettings)
        assert info.options.clip_rewards == info.options.life_loss_ends == atari


def test_it_is_the_class_that_is_installed():
    from harness.load_agent import load_agent

    assert load_agent("ppo") is PPO


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("discount", 1.5, "0 .. 1"),
        ("discount", float("nan"), "0 .. 1"),
        ("reward_discount", -0.1, "0 .. 1"),
        ("learning_rate", -1.0, "0 or more"),
        ("learning_rate", float("inf"), "0 or more"),
        ("clip", 0.0, "above 0"),
        ("epochs", 0, "1 or more"),
        ("hidden", (64, 0), "1 or more"),
    ],
)
def test_a_value_out_of_its_range_is_refused(field, value, allowed):
    with pytest.raises(ValueError, match=f"{field} must be {allowed} .got") as error:
        PPOConfig(**{field: value})
    assert repr(value) in str(error.value)


def test_every_number_has_a_range():
    numbers = {
        field.name
        for field in fields(PPOConfig)
        if not isinstance(field.default, bool | str)
    }
    assert numbers == set(RANGES)


@pytest.mark.parametrize(("rollout_steps", "minibatches"), [(8, 16), (10, 4), (1, 1)])
def test_no_minibatch_is_a_single_row(rollout_steps, minibatches):
    with pytest.raises(ValueError, match="2 rows or more"):
        PPOConfig(num_envs=1, rollout_steps=rollout_steps, minibatches=minibatches)
    sizes = [len(part) for part in torch.arange(rollout_steps).chunk(minibatches)]
    assert min(sizes) == 1


def test_edges_of_the_ranges_are_allowed():
    PPOConfig(discount=1.0, gae_lambda=0.0, reward_discount=None, learning_rate=0.0)
    PPOConfig(num_envs=1, rollout_steps=2, minibatches=1, hidden=(), clip=1e-9)
