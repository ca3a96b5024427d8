"""DrQ-v2's own promises; A-LIX on it keeps those that are its too."""

from dataclasses import fields, replace
from itertools import islice

import numpy as np
import pytest
import torch

from baselines.drqv2 import DrQv2
from baselines.drqv2_settings import RANGES, DrQv2Config
from benchmarks._updates import transitions
from harness.agent import Step
from harness.check_agent import check_agent
from harness.load_agent import load_agent
from harness.task_info import build_config, task_info, unsupported
from suites.registry import all_suites, load_suite
from tests.baselines.pixel_reach import reach_in_frames
from tests.baselines.test_agents import build
from tests.baselines.weights import same, weights

NAME, ALIX = "baselines.drqv2:DrQv2", "baselines.alix:ControlALIX"
AGENTS = (NAME, ALIX)
TOY = load_suite("toy")
VISION = load_suite("dmc-vision")
PARTS = ("encoder", "actor", "critic", "target")
SMALL = {
    **{"filters": 4, "features": 8, "hidden": 16, "batch": 8, "start_steps": 10},
    **{"shift": 2, "update_every": 1},
}


def begun(name=NAME, **overrides):
    """A small agent for `reach` in frames, ready to train."""
    agent, _ = build(name, TOY, reach_in_frames(), **{**SMALL, **overrides})
    agent.prepare(None)
    return agent


def feed(agent, count, seed=0):
    """Feeds random transitions with an end now and then; returns the last metrics."""
    rng = np.random.default_rng(seed)
    shape, metrics = (agent.config.num_envs, 1, 24, 24, 3), None

    def draw():
        return rng.integers(0, 256, shape, dtype=np.uint8)

    obs, first = draw(), np.ones(shape[0], bool)
    for _ in range(count):
        action, _, extras = agent.act(obs, first, (), explore=True)
        following, cut = draw(), rng.random(shape[0]) < 0.1
        step = Step(
            obs=obs,
            action=action,
            reward=rng.normal(size=shape[0]),
            terminated=cut & False,
            truncated=cut,
            next_obs=following,
            next_obs_valid=~cut | True,
            first=first,
        )
        agent.record(step, extras)
        metrics = agent.learn() or metrics
        obs, first = following, cut
    return metrics


@pytest.mark.parametrize("name", AGENTS)
def test_it_keeps_the_contract(name):
    overrides = {**SMALL, "noise_steps": 50}
    task = reach_in_frames()
    rules = list(check_agent(load_agent(name), TOY, task, overrides, steps=60))
    assert [rule for rule in rules if not rule.ok] == []
    assert len(rules) == 11


@pytest.mark.parametrize("name", AGENTS)
def test_learning_rates_of_zero_change_nothing(name):
    agent = begun(name, learning_rate=0.0, actor_learning_rate=0.0)
    before = weights(agent, *PARTS)
    feed(agent, 30)
    assert agent.updates == 20
    assert same(weights(agent, *PARTS), before)


@pytest.mark.parametrize("name", AGENTS)
def test_updates_change_every_network_and_return_finite_metrics(name):
    agent = begun(name)
    before = weights(agent, *PARTS)
    metrics = feed(agent, 115)
    assert {"critic_loss", "actor_loss", "sigma"} <= set(metrics)
    assert np.isfinite(list(metrics.values())).all()
    for part, value in weights(agent, *PARTS).items():
        assert not torch.equal(value, before[part]), part


@pytest.mark.parametrize("name", AGENTS)
def test_a_loaded_state_trains_on_to_the_same_bits(name):
    agent, other = begun(name), begun(name)
    feed(agent, 25)
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        feed(one, 10, seed=7)
    assert same(weights(agent, *PARTS), weights(other, *PARTS))


@pytest.mark.parametrize("name", AGENTS)
def test_the_frozen_policy_plays_the_mean_on_frames_as_they_are(name):
    agent = begun(name)
    feed(agent, 20)
    policy = agent.policy(seed=0)
    obs = np.random.default_rng(0).integers(0, 256, (5, 1, 24, 24, 3), dtype=np.uint8)
    action = policy.act(obs, np.ones(5, bool))
    frames = torch.from_numpy(obs[:, 0]).permute(0, 3, 1, 2) / 255 - 0.5
    with torch.no_grad():
        expected = agent.actor(agent.encoder(frames)).numpy()
    assert action == pytest.approx(expected, abs=1e-5)
    feed(agent, 20)
    assert (policy.act(obs, np.ones(5, bool)) == action).all()


def test_the_losses_by_hand():
    """Computed again sample by sample from what the update drew."""
    still = {"learning_rate": 0.0, "actor_learning_rate": 0.0, "target_rate": 0.0}
    agent = begun(**still, shift=0, noise=(0.4, 0.4))
    feed(agent, 30)
    with torch.no_grad():  # else they are the critics
        for weight in agent.target.parameters():
            weight.mul_(1.5)
    batch = agent.replay.sample(8, np.random.default_rng(0))
    batch = batch._replace(discount=np.array([0.0] + [0.97] * 7, np.float32))
    drawn = agent.generator.get_state()
    critic_loss, actor_loss = agent._update(batch).tolist()
    agent.generator.set_state(drawn)

    def policy(features):
        noise = 0.4 * torch.randn((8, 2), generator=agent.generator)
        return (agent.actor(features) + noise.clamp(-0.3, 0.3)).clamp(-1, 1)

    obs, next_obs = (
        agent.encoder(agent._input(o)) for o in (batch.obs, batch.next_obs)
    )
    values = agent.target(next_obs, policy(next_obs))
    expected = 0.0
    for row in range(8):
        target = batch.reward[row] + batch.discount[row] * min(values[:, row])
        for q in agent.critic(obs[[row]], torch.from_numpy(batch.action[[row]])):
            expected += (q - target) ** 2 / 8
    assert critic_loss == pytest.approx(expected.item(), rel=1e-4)
    judged = agent.critic(obs, policy(obs))
    expected = -torch.minimum(judged[0], judged[1]).mean()
    assert actor_loss == pytest.approx(expected.item(), rel=1e-4)


def test_the_encoder_learns_from_the_critics_alone():
    agent = begun()
    feed(agent, 20)
    obs = agent.encoder(agent._input(agent.replay.sample(8, agent.rng).obs))
    before = weights(agent, "encoder", "critic")
    agent._descend(agent.actor_optimiser, agent.actor_loss(obs.detach()))
    assert same(weights(agent, "encoder", "critic"), before)


def test_target_critics_move_by_tau():
    agent = begun(target_rate=0.25)
    feed(agent, 15)
    before = weights(agent, "target")
    feed(agent, 1)
    critics, moved = weights(agent, "critic"), weights(agent, "target")
    for name, old in before.items():
        goal = critics[name.replace("target", "critic")]
        torch.testing.assert_close(moved[name], old + 0.25 * (goal - old))


def test_updates_see_frames_moved_by_other_offsets_and_actors_do_not():
    agent = begun()
    feed(agent, 20)
    frames = agent._input(agent.replay.sample(8, agent.rng).obs)
    one, other = agent.encoded(frames), agent.encoded(frames)
    assert not torch.allclose(one, other)
    assert torch.equal(agent.encoder(frames), agent.encoder(frames))


def test_actions_are_uniform_first_then_the_policys_with_decaying_noise():
    agent = begun(start_steps=200, noise=(1.0, 0.1), noise_steps=400)
    assert feed(agent, 200) is None
    actions = agent.replay._rows["action"][agent.replay._rows["kind"] != 0][:180]
    assert actions.std() == pytest.approx(3**-0.5, rel=0.1)
    sigmas = []
    for steps in (0, 200, 400, 4_000):
        agent.steps = steps
        sigmas.append(agent.sigma)
    assert sigmas == pytest.approx([1.0, 0.55, 0.1, 0.1])
    obs = np.zeros((2_000, 1, 24, 24, 3), np.uint8)
    noisy, _, _ = agent.act(obs, np.ones(2_000, bool), (), explore=True)
    mean, _, _ = agent.act(obs, np.ones(2_000, bool), (), explore=False)
    assert abs(noisy).max() <= 1
    assert (noisy - mean).std() == pytest.approx(0.1, rel=0.1)


def test_gradients_pass_where_noise_leads_out_of_the_range():
    agent = begun()
    mean = torch.full((50, 2), 0.99, requires_grad=True)
    action = agent._noisy(mean, agent.sigma, clip=0.3)
    assert (action == 1.0).any()
    assert action.max() <= 1.0
    action.sum().backward()
    assert (mean.grad == 1.0).all()


@pytest.mark.parametrize("num_envs", [1, 3])
def test_updates_keep_step_with_the_decisions_of_all_sub_environments(num_envs):
    agent = begun(num_envs=num_envs, start_steps=12, update_every=2)
    feed(agent, 12)
    assert agent.updates == (12 * num_envs - 12) // 2


def test_shrunk_frames_are_means_of_squares_in_acting_and_replay():
    task = VISION.task("cartpole_balance")
    agent, info = build(NAME, VISION, task, **{**SMALL, "shrink": 2, "capacity": 50})
    agent.prepare(None)
    shape = (1, *info.observation_space.shape)
    obs = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    small = agent._shrunk(obs)
    assert (small.shape, small.dtype) == ((1, 3, 42, 42, 3), np.uint8)
    for place in np.ndindex(3, 42, 42, 3):
        stack, row, column, colour = place
        square = obs[0, stack, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert abs(int(small[0][place]) - square[..., colour].mean()) <= 0.5
    yes, no = np.ones(1, bool), np.zeros(1, bool)
    for first in (yes, no, no, no, no):
        action, _, _ = agent.act(obs, first, (), explore=False)
        agent.record(Step(obs, action, np.ones(1), no, no, obs, yes, first), None)
    assert (agent.replay.sample(1, agent.rng).obs == small).all()


def test_frames_that_shrink_too_far_are_refused():
    with pytest.raises(ValueError, match=r"frames of 12x12 .* shrink"):
        begun(shrink=2)


@pytest.mark.parametrize(
    "name", ["baselines.drqv2:ReducedDrQv2", "baselines.alix:ReducedALIX"]
)
def test_the_reduced_profile_learns_from_small_maps(name):
    settings = {"start_steps": 5, "batch": 2, "capacity": 100}
    agent, info = build(name, VISION, VISION.task("cartpole_balance"), **settings)
    agent.prepare(None)
    assert agent.observation == (3, 42, 42, 3)
    assert agent.encoder.size == 16 * 14 * 14
    for step in islice(transitions(info), 10):
        agent.record(step, None)
        agent.learn()
    assert agent.updates == 5


def test_the_network_has_the_sizes_of_the_paper():
    agent, _ = build(NAME, VISION, VISION.task("cheetah_run"))
    assert agent.encoder.size == 32 * 35 * 35
    shapes = [tuple(weight.shape) for weight in agent.actor.parameters()]
    assert shapes[0] == (50, 39_200)
    assert shapes[-2] == (6, 1_024)
    assert agent.critic.values.trunk.layers[0].weight.shape == (2, 56, 1_024)


def config_of(task, name=NAME):
    return build_config(load_agent(name), task_info(VISION, VISION.task(task)), {})


@pytest.mark.parametrize("name", AGENTS)
def test_settings_by_task_are_those_of_the_code(name):
    easy, medium = config_of("cartpole_balance", name), config_of("cheetah_run", name)
    assert (easy.noise_steps, medium.noise_steps) == (100_000, 500_000)
    assert replace(easy, noise_steps=500_000) == medium
    assert (medium.n_step, medium.batch) == (3, 256)
    assert medium.learning_rate == medium.actor_learning_rate == 1e-4
    for task in ("walker_run", "walker_walk", "walker_stand"):
        walker = config_of(task, name)
        assert (walker.n_step, walker.batch) == (1, 512)
    assert config_of("walker_run", name).noise_steps == 500_000
    assert config_of("walker_walk", name).noise_steps == 100_000
    assert config_of("quadruped_run", name).capacity == 100_000


def test_noise_falls_along_a_budget_that_is_shorter_than_the_schedule():
    planet = load_suite("dmc-planet-100k")
    info = task_info(planet, planet.task("cartpole_swingup"))
    assert build_config(DrQv2, info, {}).noise_steps == info.budget_agent_steps


def test_it_supports_continuous_actions_from_pixels_and_says_so():
    supported = {
        suite.name
        for suite in all_suites()
        for task in suite.tasks
        if unsupported(DrQv2, task_info(suite, task)) is None
    }
    assert supported == {"dmc-vision", "dmc-planet-100k", "dmc-planet-500k"}
    reason = unsupported(DrQv2, task_info(TOY, TOY.task("reach")))
    assert reason == "needs stacks of colour frames (this task shows state vectors)"
    reason = unsupported(DrQv2, task_info(TOY, TOY.task("catch")))
    assert reason == "needs continuous actions (this task's are discrete)"


def test_every_number_has_a_range():
    assert {field.name for field in fields(DrQv2Config)} - {"compile"} == set(RANGES)
    with pytest.raises(ValueError, match="update_every must be 1 or more .got 0"):
        DrQv2Config(update_every=0)
    with pytest.raises(ValueError, match="noise must be 0 or more"):
        DrQv2Config(noise=(1.0, -0.1))
