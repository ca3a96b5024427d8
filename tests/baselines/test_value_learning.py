"""What DQN, Rainbow and DER promise."""

from dataclasses import fields

import numpy as np
import pytest
import torch

from baselines import dqn, rainbow, rainbow_settings
from harness.agent import Step
from harness.load_agent import load_agent
from harness.state_files import load_state, save_state
from harness.task_info import task_info, unsupported
from suites.registry import all_suites, load_suite
from tests.baselines.frames import catch_in_frames
from tests.baselines.gates import judge
from tests.baselines.test_agents import build
from tests.baselines.training import trained
from tests.baselines.weights import same, weights

TOY = load_suite("toy")
DQN, RAINBOW, DER = (
    "baselines.dqn:DQN",
    "baselines.rainbow:Rainbow",
    "baselines.rainbow:DER",
)
AGENTS = (DQN, RAINBOW, DER)


def play_made_up(agent, info, count, seed=0):
    """Random transitions with ends and cuts; the agent learns where it may."""
    rng = np.random.default_rng(seed)
    size, shape = agent.config.num_envs, info.observation_space.shape
    pixels = info.observation_space.dtype == np.uint8

    def draw():
        if pixels:
            return rng.integers(0, 256, (size, *shape), dtype=np.uint8)
        return rng.normal(size=(size, *shape)).astype(np.float32)

    obs, first = draw(), np.ones(size, bool)
    for _ in range(count):
        action, _, extras = agent.act(obs, first, (), explore=True)
        how, following = rng.random(size), draw()
        step = Step(
            obs=obs,
            action=action,
            reward=rng.normal(size=size),
            terminated=how < 0.1,
            truncated=how > 0.95,
            next_obs=following,
            next_obs_valid=how < 0.98,
            first=first,
        )
        agent.record(step, extras)
        agent.learn()
        obs, first = following, step.terminated | step.truncated


def begun(name, **overrides):
    settings = {"start": 20, "target_every": 15, **overrides}
    agent, info = build(name, TOY, TOY.task("catch"), **settings)
    agent.prepare(None)
    return agent, info


@pytest.mark.parametrize("name", AGENTS)
def test_continuous_actions_are_refused_with_the_reason(name):
    agent = load_agent(name)
    for suite in all_suites():
        for task in suite.tasks:
            continuous = task.actions.__class__.__name__ == "Continuous"
            expected = "needs discrete actions" if continuous else None
            assert unsupported(agent, task_info(suite, task)) == expected


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    ("suite", "task", "shape"),
    [
        ("atari100k", "pong", (4, 84, 84)),
        ("procgen-easy", "coinrun", (64, 64, 3)),
        ("practice", "9x9", (64, 64, 3)),
    ],
)
def test_it_learns_from_frames_of_every_form(name, suite, task, shape):
    suite = load_suite(suite)
    settings = {"start": 24, "update_every": 4, "capacity": 200, "batch": 4}
    agent, info = build(name, suite, suite.task(task), **settings)
    assert info.observation_space.shape == shape
    agent.prepare(None)
    before = weights(agent, "network")
    play_made_up(agent, info, 48)
    assert agent.updates == 6
    assert not same(before, weights(agent, "network"))


@pytest.mark.parametrize("name", AGENTS)
def test_an_update_follows_every_few_steps_from_the_start_on(name):
    agent, info = begun(name, update_every=3)
    play_made_up(agent, info, 20)
    assert agent.updates == 0
    play_made_up(agent, info, 30)
    assert agent.updates == 10


@pytest.mark.parametrize("name", AGENTS)
def test_several_sub_environments_get_the_same_updates(name):
    agent, info = begun(name, num_envs=4, update_every=2)
    play_made_up(agent, info, 30)
    assert agent.updates == (120 - 20) // 2


@pytest.mark.parametrize("name", AGENTS)
def test_the_target_network_is_copied_now_and_then(name):
    agent, info = begun(name, target_every=15, update_every=1)
    play_made_up(agent, info, 20 + 15)
    old = weights(agent, "target")
    play_made_up(agent, info, 1)
    new = weights(agent, "target")
    assert not same(old, new)
    play_made_up(agent, info, 14)
    assert same(new, weights(agent, "target"))
    assert not same(agent.target.state_dict(), agent.network.state_dict())


@pytest.mark.parametrize("name", AGENTS)
def test_learning_rate_zero_changes_nothing(name):
    agent, info = begun(name, learning_rate=0.0)
    before = weights(agent, "network")
    play_made_up(agent, info, 60)
    assert agent.updates > 0
    assert same(before, weights(agent, "network"))


@pytest.mark.parametrize("name", AGENTS)
def test_a_loaded_state_trains_on_to_the_same_bits(name):
    agent, info = begun(name, num_envs=2)
    play_made_up(agent, info, 50)
    other, _ = begun(name, num_envs=2)
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        play_made_up(one, info, 60, seed=7)
    assert agent.updates == other.updates > 60
    assert same(weights(agent, "network"), weights(other, "network"))


@pytest.mark.parametrize("name", AGENTS)
def test_a_state_from_files_trains_on_frames_to_the_same_bits(tmp_path, name):
    """Files keep no memory format, and a fused optimiser goes by raw memory."""
    task, settings = catch_in_frames(), {"start": 10, "batch": 4}
    agent, info = build(name, TOY, task, **settings)
    agent.prepare(None)
    play_made_up(agent, info, 20)
    save_state(tmp_path / "state", agent.state_dict(resume=True))
    other, _ = build(name, TOY, task, **settings)
    other.prepare(None)
    other.load_state_dict(load_state(tmp_path / "state"))
    for one in (agent, other):
        play_made_up(one, info, 3, seed=7)
    assert agent.updates == other.updates == 13
    assert same(weights(agent, "network"), weights(other, "network"))


@pytest.mark.parametrize("name", AGENTS)
def test_the_frozen_policy_is_untouched_by_further_learning(name):
    agent, info = begun(name)
    policy = agent.policy(seed=0)
    before = weights(policy._agent, "network")
    play_made_up(agent, info, 60)
    assert same(before, weights(policy._agent, "network"))
    assert not same(before, weights(agent, "network"))


@pytest.mark.parametrize("name", [RAINBOW, DER])
def test_noise_is_for_training_only(name):
    agent, info = begun(name)
    obs = np.random.default_rng(0).normal(size=(200, 36)).astype(np.float32)
    first = np.ones(200, bool)
    policy, other = agent.policy(seed=0), agent.policy(seed=1)
    frozen = policy.act(obs, first)
    assert (frozen == other.act(obs, first)).mean() > 0.97
    explored = [agent.act(obs, first, (), explore=True)[0] for _ in range(4)]
    assert all((frozen != actions).any() for actions in explored)
    assert (explored[0] != explored[1]).any()


@pytest.mark.parametrize("name", AGENTS)
def test_evaluation_leaves_the_best_action_at_chance_epsilon(name):
    agent, _ = begun(name, evaluation_epsilon=1.0)
    obs = np.ones((3_000, 36), np.float32)
    actions = agent.policy(seed=0).act(obs, np.ones(3_000, bool))
    assert np.bincount(actions) / 3_000 == pytest.approx(1 / 3, abs=0.04)


def test_dqn_acts_at_random_until_it_learns_and_less_and_less_then():
    agent, _ = begun(DQN, start=100, epsilon=0.1, epsilon_steps=1_000)
    expected = {0: 1.0, 99: 1.0, 100: 0.91, 500: 0.55, 1_000: 0.1, 9_000: 0.1}
    for agent.steps, epsilon in expected.items():
        assert agent._epsilon() == pytest.approx(epsilon)


def test_double_q_learning_is_another_training():
    one, info = begun(DQN, double=False)
    two, _ = begun(DQN, double=True)
    for agent in (one, two):
        play_made_up(agent, info, 80)
    assert not same(weights(one, "network"), weights(two, "network"))


def only_one_reward(name, reward, **overrides):
    """An agent that has learnt from an endless game with one reward, or one step."""
    agent, info = build(
        name,
        TOY,
        TOY.task("catch"),
        **{"start": 0, "learning_rate": 3e-3, "target_every": 30, **overrides},
    )
    agent.prepare(None)
    obs, going = np.ones((1, 36), np.float32), np.zeros(1, bool)
    rng = np.random.default_rng(0)
    for index in range(40):
        step = Step(
            obs=obs,
            action=rng.integers(3, size=1),
            reward=np.array([reward]),
            terminated=going,
            truncated=going,
            next_obs=obs,
            next_obs_valid=~going,
            first=going if index else ~going,
        )
        agent.replay.add(step)
    for update in range(240):
        if update % agent.config.target_every == 0:
            agent.target.load_state_dict(agent.network.state_dict())
        agent._update()
    tensor = torch.from_numpy(obs)
    if name == DQN:
        return agent.network(tensor).detach().numpy()
    return agent.network.values(tensor, None).detach().numpy()


@pytest.mark.parametrize("name", [DQN, DER])
def test_it_learns_the_value_of_a_known_game(name):
    """A reward of 0.5 for ever, discounted by 0.5 a step, is worth 1."""
    settings = {"discount": 0.5, "n_step": 1}
    assert only_one_reward(name, 0.5, **settings) == pytest.approx(1.0, abs=0.1)


def test_an_update_that_is_not_finite_ends_the_training_with_its_number():
    agent, info = begun(DER)
    play_made_up(agent, info, 30)
    with torch.no_grad():
        agent.network.value.bias.fill_(float("nan"))
    agent.steps += 1
    metrics = agent.learn()
    assert np.isnan(metrics["cross_entropy"])
    assert np.isfinite(agent.replay._priority).all()


def test_settings_are_those_of_the_cards():
    full, short = rainbow_settings.FULL, rainbow_settings.EFFICIENT
    kaixhin = rainbow_settings.KAIXHIN
    assert (full.learning_rate, full.adam_epsilon) == (6.25e-5, 1.5e-4)
    assert (full.n_step, full.start, full.update_every) == (3, 20_000, 4)
    assert (full.capacity, full.hidden, full.noise) == (1_000_000, 512, 0.5)
    assert full.target_every * full.update_every == 8_000
    assert (full.atoms, full.support, full.batch) == (51, 10.0, 32)
    assert (full.priority_exponent, full.beta, full.max_gradient_norm) == (0.5, 0.4, 10)
    assert (short.encoder, short.hidden, short.n_step) == ("data_efficient", 256, 10)
    assert (short.learning_rate, short.start, short.update_every) == (1e-4, 1_600, 1)
    assert (short.target_every, short.capacity >= 100_000) == (2_000, True)
    assert (kaixhin.n_step, kaixhin.noise) == (20, 0.1)
    for name, settings in (("Rainbow", full), ("DER", short), ("KaixhinDER", kaixhin)):
        assert getattr(rainbow, name).settings == settings


@pytest.mark.parametrize("name", AGENTS)
def test_only_atari_sees_clipped_rewards_and_lost_lives(name):
    for suite_name in ("atari100k", "atari57", "procgen-easy", "memory-maze", "toy"):
        suite = load_suite(suite_name)
        _, info = build(name, suite, suite.tasks[0])
        assert info.options.clip_rewards == suite_name.startswith("atari")
        assert info.options.life_loss_ends == (suite_name == "atari100k")


@pytest.mark.parametrize(
    ("module", "config"),
    [(dqn, dqn.DQNConfig), (rainbow_settings, rainbow_settings.RainbowConfig)],
)
def test_every_number_has_a_range(module, config):
    numbers = {
        field.name
        for field in fields(config)
        if not isinstance(field.default, bool | str)
    }
    assert numbers == set(module.RANGES)
    for field in fields(config):
        if field.name in numbers:
            with pytest.raises(ValueError, match=f"{field.name} must be "):
                config(**{field.name: float("nan")})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_der_learns_catch_from_frames(tmp_path, seed):
    # 0.95 and 1.00 were measured.
    settings = {"hidden": 256, "learning_rate": 5e-4}
    _, score = trained(DER, catch_in_frames(), 3_000, tmp_path, seed, **settings)
    gate = "mean return of Catch from frames after 3,000 steps"
    judge("der", gate, seed=seed, measured=score, at_least=0.65)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("name", "budget"), [(DQN, 4_000), (RAINBOW, 2_000)])
def test_the_others_learn_catch_from_its_board(tmp_path, name, budget, seed):
    # DQN: 1.00 and 1.00 were measured; Rainbow: 0.90 and 1.00.
    _, score = trained(name, TOY.task("catch"), budget, tmp_path, seed)
    agent = {DQN: "dqn", RAINBOW: "rainbow"}[name]
    gate = f"mean return of Catch from its board after {budget:,} steps"
    judge(agent, gate, seed=seed, measured=score, at_least=0.65)
