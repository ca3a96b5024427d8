"""SAC's own promises."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from baselines.sac_settings import NETWORKS, RANGES, SACConfig, settings
from harness.agent import BudgetSpent, Step
from harness.evaluate import play
from harness.meter import MeteredEnv
from harness.recorder import Recorder
from harness.seeding import Role, episode_seeds
from harness.task_info import task_info, unsupported
from suites.envs.make import make_env
from suites.registry import all_suites, load_suite
from tests.baselines.test_agents import build
from tests.baselines.weights import same, weights

NAME = "baselines.sac:SAC"
TOY = load_suite("toy")
REACH = TOY.task("reach")
PARTS = ("actor", "critics", "targets", "temperature")
SMALL = {"actor_width": 16, "critic_width": 16, "batch_size": 8, "start_steps": 10}


def toy(**overrides):
    """A small agent for `reach`, ready to train."""
    agent, _ = build(NAME, TOY, REACH, **{**SMALL, **overrides})
    agent.prepare(None)
    return agent


def feed(agent, count, seed=0):
    """Feeds random transitions with an end now and then; returns the last metrics."""
    rng = np.random.default_rng(seed)
    size, metrics = agent.config.num_envs, None
    obs, first = rng.normal(size=(size, 4)).astype(np.float32), np.ones(size, bool)
    for _ in range(count):
        action, _, extras = agent.act(obs, first, (), explore=True)
        following = rng.normal(size=(size, 4)).astype(np.float32)
        cut, reward = rng.random(size) < 0.1, rng.normal(size=size)
        valid = np.ones(size, bool)
        agent.record(
            Step(obs, action, reward, cut & False, cut, following, valid, first), extras
        )
        metrics = agent.learn() or metrics
        obs, first = following, cut
    return metrics


@pytest.mark.parametrize("network", NETWORKS)
def test_learning_rate_zero_changes_nothing(network):
    agent = toy(network=network, learning_rate=0.0)
    before = weights(agent, *PARTS)
    assert feed(agent, 20) is not None
    assert same(weights(agent, *PARTS), before)


@pytest.mark.parametrize("network", NETWORKS)
def test_an_update_changes_every_network_and_returns_finite_metrics(network):
    agent = toy(network=network)
    before = weights(agent, *PARTS)
    metrics = feed(agent, 20)
    assert set(metrics) == {"critic_loss", "actor_loss", "entropy", "temperature"}
    assert np.isfinite(list(metrics.values())).all()
    for name, value in weights(agent, *PARTS).items():
        assert not torch.equal(value, before[name]), name


@pytest.mark.parametrize(("target", "rises"), [(50.0, True), (-50.0, False)])
def test_the_temperature_rises_while_the_entropy_is_below_its_target(target, rises):
    agent = toy(target_entropy=target)
    feed(agent, 30)
    start = agent.settings.initial_temperature
    assert (agent.temperature().item() > start) == rises


@pytest.mark.parametrize(("tau", "every"), [(0.25, 1), (0.25, 2), (1.0, 1)])
def test_target_networks_move_by_tau_every_so_many_updates(tau, every):
    agent = toy(target_rate=tau, target_every=every)
    feed(agent, 9)
    expected = weights(agent, "targets")
    for count in range(1, 5):
        feed(agent, 1, seed=count)
        if count % every == 0:
            for name, target in expected.items():
                critic = weights(agent, "critics")[name.replace("targets", "critics")]
                expected[name] = target + tau * (critic - target)
        for name, value in weights(agent, "targets").items():
            torch.testing.assert_close(value, expected[name])
    assert agent.updates == 4


def test_the_critics_descend_to_the_soft_value_by_hand():
    """The losses, computed again term by term from what the update drew."""
    agent = toy(target_every=1_000, learning_rate=0.0, num_envs=2)
    feed(agent, 30)
    batch = agent.replay.sample(8, np.random.default_rng(0))
    terminal = np.array([True] + [False] * 7)
    batch = batch._replace(discount=np.where(terminal, 0, batch.discount))
    drawn = agent.generator.get_state()
    got = agent._update(batch).tolist()
    agent.generator.set_state(drawn)
    obs, next_obs, action = map(
        torch.from_numpy, (batch.obs, batch.next_obs, batch.action)
    )
    alpha = agent.temperature()
    next_action, log_prob = agent.actor(next_obs).sample(agent._noise(8))
    q1, q2 = agent.targets(next_obs, next_action)
    loss = 0.0
    for row in range(8):
        value = min(q1[row], q2[row]) - alpha * log_prob[row]
        target = batch.reward[row] + (0.95 * value if row else 0.0)
        for q in agent.critics(obs[[row]], action[[row]]):
            loss += (q - target) ** 2 / 8
    assert got[0] == pytest.approx(loss.item(), rel=1e-4)
    chosen, log_prob = agent.actor(obs).sample(agent._noise(8))
    q1, q2 = agent.critics(obs, chosen)
    actor_loss = (alpha * log_prob - torch.minimum(q1, q2)).mean()
    assert got[1] == pytest.approx(actor_loss.item(), rel=1e-4)
    assert got[2] == pytest.approx(-log_prob.mean().item(), rel=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_loaded_state_trains_on_to_the_same_bits(network):
    agent, other = toy(network=network), toy(network=network)
    feed(agent, 31)
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        feed(one, 20, seed=7)
    assert same(weights(agent, *PARTS), weights(other, *PARTS))
    assert agent.moments.mean.tolist() == other.moments.mean.tolist()


def test_observation_statistics_follow_training_and_rest_in_evaluation():
    agent = toy(network="simba")
    feed(agent, 50)
    obs = np.full((3, 4), 9.0, np.float32)
    policy = agent.policy(seed=0)
    before = agent.state_dict(resume=True)["moments"]
    action = policy.act(obs, np.ones(3, bool))
    assert policy._agent.moments.state_dict()["count"] == before["count"]
    assert agent.moments.state_dict()["count"] == before["count"] == 50.0001
    agent.act(obs, np.ones(3, bool), (), explore=True)
    assert agent.moments.count == 53.0001
    assert (policy.act(obs, np.ones(3, bool)) == action).all()


def test_the_replay_holds_raw_observations():
    agent = toy(network="simba")
    feed(agent, 50)
    shown = agent.replay.sample(64, np.random.default_rng(0)).obs
    rng = np.random.default_rng(0)
    raw = {rng.normal(size=(1, 4)).astype(np.float32).tobytes()}
    for _ in range(50):
        raw.add(rng.normal(size=(1, 4)).astype(np.float32).tobytes())
        rng.random(1), rng.normal(size=1)
    assert {row[None].tobytes() for row in shown} <= raw


def test_the_frozen_policy_plays_the_mean_and_is_untouched_by_learning():
    agent = toy()
    feed(agent, 20)
    policy = agent.policy(seed=0)
    obs = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    first = np.ones(5, bool)
    action = policy.act(obs, first)
    with torch.no_grad():
        mean = agent.actor(torch.from_numpy(obs)).mean.tanh().numpy()
    assert action == pytest.approx(mean)
    feed(agent, 20)
    assert (policy.act(obs, first) == action).all()
    assert not (agent.policy(seed=0).act(obs, first) == action).all()


def test_first_decisions_are_uniform_and_nothing_is_learnt():
    agent = toy(start_steps=300)
    assert feed(agent, 299) is None
    actions = agent.replay._rows["action"][:250]
    assert abs(actions.mean()) < 0.1
    assert actions.std() == pytest.approx(3**-0.5, rel=0.1)
    assert feed(agent, 1) is not None


@pytest.mark.parametrize("start_steps", [0, 1])
@pytest.mark.parametrize("num_envs", [1, 3])
def test_it_can_learn_from_the_first_transitions_on(num_envs, start_steps):
    agent = toy(num_envs=num_envs, start_steps=start_steps, updates_per_decision=2)
    feed(agent, 4)
    assert agent.updates == 3 * num_envs * 2


def test_networks_have_the_settings_of_their_sources():
    small, large, simba = (NETWORKS[name] for name in ("256x2", "1024x2", "simba"))
    assert (small.batch_size, small.learning_rate) == (256, 3e-4)
    assert (large.batch_size, large.learning_rate) == (1024, 1e-4)
    assert replace(large, batch_size=256, learning_rate=3e-4) == replace(
        small, actor_width=1024, critic_width=1024
    )
    assert (small.initial_temperature, small.target_entropy) == (0.1, -1.0)
    assert (small.log_std, small.target_every, small.critics) == ((-5.0, 2.0), 2, 2)
    assert (simba.initial_temperature, simba.target_entropy) == (0.01, -0.5)
    assert (simba.weight_decay, simba.learning_rate) == (1e-2, 1e-4)
    assert (simba.updates_per_decision, simba.critics) == (2, 1)
    assert (simba.actor_width, simba.actor_depth) == (128, 1)
    assert (simba.critic_width, simba.critic_depth) == (512, 2)


def test_what_the_configuration_says_goes_before_the_network():
    own = settings(SACConfig(network="simba"))
    assert own == NETWORKS["simba"]
    said = settings(SACConfig(network="simba", critics=2, learning_rate=0.0))
    assert said == replace(own, critics=2, learning_rate=0.0)


def test_it_supports_continuous_actions_from_state_and_says_so():
    supported = {
        suite.name
        for suite in all_suites()
        for task in suite.tasks
        if unsupported(type(toy()), task_info(suite, task)) is None
    }
    assert supported == {"dmc-proprio", "practice", "toy"}
    vision = load_suite("dmc-vision")
    reason = unsupported(type(toy()), task_info(vision, vision.tasks[0]))
    assert reason == "needs state vectors (this task shows pixels)"
    reason = unsupported(type(toy()), task_info(TOY, TOY.task("catch")))
    assert reason == "needs continuous actions (this task's are discrete)"


def test_every_number_has_a_range():
    names = {field.name for field in fields(SACConfig)} - {"network", "compile"}
    assert names == set(RANGES)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("discount", 1.5, "0 .. 1"),
        ("initial_temperature", 0.0, "above 0"),
        ("critics", 0, "1 or more"),
        ("learning_rate", float("nan"), "0 or more"),
    ],
)
def test_a_value_out_of_its_range_is_refused(field, value, allowed):
    with pytest.raises(ValueError, match=f"{field} must be {allowed} .got"):
        SACConfig(**{field: value})


def train(suite, task, tmp_path, seed, *, name=NAME, **overrides):
    """Trains under the meter; returns the mean evaluation."""
    agent, info = build(name, suite, task, seed=seed, **overrides)
    key = (suite.name, task.name, seed)
    env = make_env(task, info.options, seeds=episode_seeds(*key, role=Role.TRAINING))
    recorder, budget = Recorder(tmp_path), task.protocol.budget_agent_steps
    with pytest.raises(BudgetSpent):
        agent.train(
            MeteredEnv(env, info.options, budget_agent_steps=budget, recorder=recorder)
        )
    recorder.close()
    seeds = episode_seeds(*key, role=Role.EVALUATION)
    final = make_env(
        task, replace(info.options, num_envs=5), seeds=seeds, split="evaluation"
    )
    episodes = task.protocol.evaluation.final_episodes
    return float(np.mean(play(agent.policy(seed=1), final, episodes).returns))


def cut(task, budget):
    protocol = replace(task.protocol, budget_agent_steps=budget)
    return replace(task, protocol=protocol)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_learns_to_reach(tmp_path, seed):
    # Uniform actions give about -15, the best ones about -3.
    assert train(TOY, cut(REACH, 1_000), tmp_path, seed) >= -7.5
