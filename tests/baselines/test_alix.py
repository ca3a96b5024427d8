"""A-LIX: on DrQ-v2 (with tests/baselines/test_drqv2.py) and on DER."""

from dataclasses import asdict, fields

import numpy as np
import pytest
import torch

from baselines import alix
from baselines.alix import ALIX, AtariALIX, AtariConfig, ControlALIX, MixingConfig
from baselines.rainbow_settings import EFFICIENT
from harness.check_agent import check_agent
from harness.task_info import build_config, task_info, unsupported
from suites.registry import all_suites, load_suite
from tests.baselines.frames import catch_in_frames
from tests.baselines.test_agents import build
from tests.baselines.test_drqv2 import begun as begun_control
from tests.baselines.test_drqv2 import feed
from tests.baselines.test_value_learning import play_made_up
from tests.baselines.weights import same, weights

CONTROL, ATARI, EITHER = (
    "baselines.alix:ControlALIX",
    "baselines.alix:AtariALIX",
    "baselines.alix:ALIX",
)
TOY = load_suite("toy")
SMALL = {
    **{"encoder": "data_efficient", "hidden": 8, "batch": 4, "start": 20},
    **{"target_every": 15, "evaluation_epsilon": 0.0},
}


def begun(**overrides):
    """A small agent for `catch` in frames, ready to train."""
    agent, info = build(ATARI, TOY, catch_in_frames(), **{**SMALL, **overrides})
    agent.prepare(None)
    return agent, info


def test_it_keeps_the_contract_on_der():
    rules = list(check_agent(AtariALIX, TOY, catch_in_frames(), SMALL, steps=60))
    assert [rule for rule in rules if not rule.ok] == []
    assert len(rules) == 11


def test_learning_rates_of_zero_change_nothing():
    agent, info = begun(learning_rate=0.0, radius_learning_rate=0.0)
    before = weights(agent, "network")
    play_made_up(agent, info, 40)
    assert agent.updates == 20
    assert same(weights(agent, "network"), before)
    assert agent.mixing.radius.item() == 0.5
    control = begun_control(CONTROL, radius_learning_rate=0.0)
    feed(control, 20)
    assert control.mixing.radius.item() == 0.5


def test_a_loaded_state_trains_on_to_the_same_bits():
    (agent, info), (other, _) = begun(), begun()
    play_made_up(agent, info, 40)
    other.load_state_dict(agent.state_dict(resume=True))
    for one in (agent, other):
        play_made_up(one, info, 15, seed=7)
    assert same(weights(agent, "network"), weights(other, "network"))
    assert torch.equal(agent.mixing.radius, other.mixing.radius)


def test_with_nothing_to_mix_it_is_der():
    """Radius 0: DER's losses; noise 0, for the offsets draw from the same generator."""
    still = {"radius_learning_rate": 0.0, "learning_rate": 0.0, "noise": 0.0}
    agent, info = begun(radius=0.0, **still)
    der, _ = build(
        *("baselines.rainbow:DER", TOY, catch_in_frames()), **{**SMALL, "noise": 0.0}
    )
    play_made_up(agent, info, 30)
    der.network.load_state_dict(agent.network.state_dict())
    der.target.load_state_dict(agent.target.state_dict())
    batch = agent.replay.sample(4, np.random.default_rng(0))
    for got, expected in zip(agent.losses(batch), der.losses(batch), strict=True):
        torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("made", [begun, lambda: (begun_control(CONTROL), None)])
def test_updates_mix_and_acting_does_not(made):
    agent, _ = made()
    obs = np.random.default_rng(0).integers(
        *(0, 256, (3, *agent.task.observation_space.shape)), dtype=np.uint8
    )
    frames = agent._input(obs)
    network = (agent.network,) if hasattr(agent, "network") else ()
    one, other = (agent.encoded(*network, frames) for _ in range(2))
    assert not torch.allclose(one, other)
    acts = [agent.act(obs, np.ones(3, bool), (), explore=False)[0] for _ in range(2)]
    assert (acts[0] == acts[1]).all()


def test_the_radius_follows_the_critics_gradients_alone():
    agent = begun_control(CONTROL)
    feed(agent, 20)
    score, radius = agent.mixing.score.item(), agent.mixing.radius.item()
    assert 0 < score < 3
    assert radius != 0.5
    obs = agent.encoded(agent._input(agent.replay.sample(8, agent.rng).obs))
    agent._descend(agent.actor_optimiser, agent.actor_loss(obs.detach()))
    assert agent.mixing.score.item() == score


def test_metrics_tell_the_radius_and_the_score():
    metrics = feed(begun_control(CONTROL), 115)
    assert {"critic_loss", "radius", "score"} <= set(metrics)


@pytest.mark.parametrize(
    ("suite", "made"),
    [
        ("atari100k", AtariALIX),
        ("dmc-vision", ControlALIX),
        ("procgen-easy", AtariALIX),
    ],
)
def test_its_name_fits_every_suite_of_frames(suite, made):
    suite = load_suite(suite)
    task = suite.tasks[0]
    agent, _ = build(EITHER, suite, task, radius=0.25)
    assert type(agent) is made
    assert agent.config.radius == 0.25
    assert agent.mixing.radius.item() == 0.25
    assert isinstance(agent.config, made.Config)
    policy = agent.policy(seed=0)
    obs = np.zeros((2, *agent.task.observation_space.shape), np.uint8)
    assert len(policy.act(obs, np.ones(2, bool))) == 2


def test_what_it_supports():
    supported = {
        suite.name
        for suite in all_suites()
        for task in suite.tasks
        if unsupported(ALIX, task_info(suite, task)) is None
    }
    assert {"atari100k", "dmc-vision"} <= supported
    assert not {"toy", "dmc-proprio"} & supported
    for task in ("catch", "reach"):
        reason = unsupported(ALIX, task_info(TOY, TOY.task(task)))
        assert reason.startswith("needs ")
        assert "state vectors" in reason


def test_on_atari_it_has_ders_settings_but_for_the_convolutions():
    suite = load_suite("atari100k")
    config = asdict(build_config(ALIX, task_info(suite, suite.tasks[0]), {}))
    ours = {name: value for name, value in config.items() if name in asdict(EFFICIENT)}
    assert ours == {**asdict(EFFICIENT), "encoder": "nature"}
    added = {name: value for name, value in config.items() if name not in ours}
    assert added == asdict(MixingConfig(longest=0.5))


def test_every_number_has_a_range():
    assert {field.name for field in fields(MixingConfig)} == set(alix.RANGES)
    with pytest.raises(ValueError, match="radius must be 0 .. 1 .got 1.5"):
        MixingConfig(radius=1.5)
    with pytest.raises(ValueError, match="n_step must be 1 or more"):
        AtariConfig(n_step=0)
    with pytest.raises(ValueError, match="radius must be 0 .. 1 .got -1"):
        AtariConfig(radius=-1)
