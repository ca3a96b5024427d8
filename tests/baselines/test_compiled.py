"""An update as a CUDA graph against the eager one; without a GPU, that it is eager."""

import warnings
from typing import NamedTuple

import numpy as np
import pytest
import torch

from baselines.parts.compiled import WARM_UP, Compiled
from benchmarks._updates import transitions
from suites.registry import load_suite
from tests.baselines.test_agents import build

CPU = torch.device("cpu")
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class Numbers(NamedTuple):
    numbers: np.ndarray


def numbers(size=3):
    return Numbers(np.arange(size, dtype=np.float32))


class Sum:
    """An update that adds its batch to a weight; `also` is called in it."""

    def __init__(self, device=CPU, also=lambda: None):
        self.weight, self.also = torch.zeros(3, device=device), also

    def __call__(self, batch):
        self.also()
        self.weight += torch.as_tensor(batch.numbers, device=self.weight.device)
        return self.weight.sum()


def beyond_the_warm_up(update, device, **settings):
    """An update that would be captured when it is called next."""
    compiled = Compiled(update, device, **settings)
    compiled._wanted, compiled._calls = True, WARM_UP
    return compiled


def test_on_a_cpu_an_update_gets_its_batch_as_it_is():
    seen = []
    compiled = Compiled(lambda batch: seen.append(batch) or torch.ones(1), CPU)
    batch = numbers()
    for _ in range(WARM_UP + 2):
        assert compiled(batch) == 1
    assert all(given is batch for given in seen)
    assert not compiled.captured


def test_a_capture_that_fails_is_told_once_and_updates_go_on_eagerly():
    """No GPU is here to capture with."""
    update, rng = Sum(), np.random.default_rng(0)
    compiled = beyond_the_warm_up(update, CPU, host=[rng])
    with pytest.warns(RuntimeWarning, match="updates are eager, .* captured as a CUDA"):
        assert compiled(numbers()) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [float(compiled(numbers())) for _ in range(2)] == [6, 9]
    assert update.weight.tolist() == [0, 3, 6]
    assert rng.random() == np.random.default_rng(0).random()


@gpu
def test_a_graph_adds_each_new_batch_and_refuses_another_shape():
    device = torch.device("cuda")
    update = Sum(device)
    compiled = Compiled(update, device)
    results = [
        float(compiled(Numbers(np.full(3, number, np.float32)))) for number in range(9)
    ]
    assert compiled.captured
    assert results == [3 * sum(range(number + 1)) for number in range(9)]
    with pytest.raises(ValueError, match="call restart"):
        compiled(numbers(1))


@gpu
def test_every_replay_draws_its_own_noise_as_an_eager_update_would():
    device = torch.device("cuda")

    def drawn(enabled):
        noise = torch.Generator(device).manual_seed(0)
        compiled = Compiled(
            lambda _: torch.randn(4, generator=noise, device=device),
            device,
            generators=[noise],
            enabled=enabled,
        )
        results = [compiled(numbers()).tolist() for _ in range(WARM_UP + 4)]
        assert compiled.captured == enabled
        return results, noise.get_state().tolist()

    assert drawn(True) == drawn(False)


@gpu
@pytest.mark.parametrize("kind", ["host numbers", "wait"])
def test_an_update_that_no_graph_can_hold_is_eager(kind):
    device, rng = torch.device("cuda"), np.random.default_rng(0)
    update = Sum(device)
    update.also = {
        "host numbers": rng.random,
        "wait": lambda: float(update.weight.sum()),
    }[kind]
    compiled = Compiled(update, device, host=[rng])
    for _ in range(WARM_UP):
        compiled(numbers())
    with pytest.warns(RuntimeWarning, match="updates are eager"):
        compiled(numbers())
    assert float(compiled(numbers())) == 3 * (WARM_UP + 2)
    other = np.random.default_rng(0)
    if kind == "host numbers":
        other.random(WARM_UP + 2)
    assert rng.random() == other.random()


PIXELS = {"start_steps": 10, "batch": 4, "filters": 4, "hidden": 32}
ATARI = {"start": 10, "batch": 4, "update_every": 1, "capacity": 400}
CASES = {
    "dqn": ("atari100k", "pong", ATARI),
    "der": ("atari100k", "pong", ATARI),
    "rainbow": ("atari100k", "pong", ATARI),
    "spr": ("atari100k", "pong", ATARI),
    "baselines.alix:AtariALIX": ("atari100k", "pong", ATARI),
    "srym": ("atari100k", "pong", ATARI),
    "sac": ("dmc-proprio", "cheetah_run", {"start_steps": 10, "batch_size": 8}),
    "gpl": (
        *("dmc-proprio", "cheetah_run"),
        {
            **{"start_steps": 10, "batch_size": 8, "critics": 2, "critic_width": 32},
            **{"updates_per_decision": 1, "policy_every": 2},
        },
    ),
    "drqv2": ("dmc-vision", "cheetah_run", PIXELS),
    "baselines.alix:ControlALIX": ("dmc-vision", "cheetah_run", PIXELS),
}
"""Off-policy agents: suite, task and settings for an update after a few steps."""


def trained(name, device, *, compile, restored=False):
    """An agent that has learnt from 40 transitions of noise, in the middle of which it
    was saved and restored or not."""
    suite, task, settings = CASES[name]
    suite = load_suite(suite)

    def make():
        agent, info = build(
            *(name, suite, suite.task(task)),
            device=device,
            compile=compile,
            **{"capacity": 400, **settings},
        )
        agent.prepare(None)
        return agent, transitions(info)

    agent, steps = make()
    for index in range(40):
        if index == 25 and restored:
            state, (agent, _) = agent.state_dict(resume=True), make()
            agent.load_state_dict(state)
        agent.record(next(steps), None)
        agent.learn()
    assert agent.compiled.captured == (compile and device == "cuda")
    return agent


def assert_same_weights(one, two):
    """Of all networks, the targets among them."""
    networks = [
        name for name, part in vars(one).items() if isinstance(part, torch.nn.Module)
    ]
    assert networks
    for name in networks:
        ours, theirs = (getattr(agent, name).state_dict() for agent in (one, two))
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


@gpu
@pytest.mark.parametrize("name", CASES)
def test_captured_updates_train_to_the_eager_weights(name):
    one, two = (trained(name, "cuda", compile=compile) for compile in (True, False))
    assert_same_weights(one, two)


@gpu
@pytest.mark.parametrize("name", CASES)
def test_a_restored_training_is_captured_again_and_goes_on(name):
    whole = trained(name, "cuda", compile=True)
    assert_same_weights(whole, trained(name, "cuda", compile=True, restored=True))


def test_on_a_cpu_the_setting_changes_nothing_and_restoring_neither():
    whole = trained("sac", "cpu", compile=True)
    assert_same_weights(whole, trained("sac", "cpu", compile=False, restored=True))
