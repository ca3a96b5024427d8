"""Agents with a full replay of made-up transitions, to time their updates."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from gymnasium.spaces import Discrete

from harness.agent import Step
from harness.load_agent import load_agent
from harness.task_info import build_config, choose_options, task_info
from suites.registry import load_suite


class Case(NamedTuple):
    """An agent's updates to be timed."""

    agent: str
    suite: str
    task: str
    settings: dict[str, Any]
    rows: int
    """Of the replay."""
    updates: int
    goal: float
    """Milliseconds on one core."""


def _atari(agent, updates, goal, **settings):
    settings = {"start": 0, "update_every": 1, "capacity": 102_400, **settings}
    return Case(agent, "atari100k", "breakout", settings, 102_400, updates, goal)


def _sac(rows, updates, goal, agent="sac", **settings):
    settings = {"start_steps": 0, "updates_per_decision": 1, **settings}
    return Case(agent, "dmc-proprio", "cheetah_run", settings, rows, updates, goal)


CASES = {
    "DER": _atari("der", 40, goal=11),
    "RAINBOW": _atari("rainbow", 20, goal=40),
    "SPR": _atari("spr", 10, goal=115, updates_per_step=1),
    "DQN": _atari("dqn", 20, goal=40),
    "SAC": _sac(20_000, 40, goal=9),
    "SIMBA": _sac(2_000, 5, goal=170, network="simba"),
    "GPL": _sac(2_000, 20, goal=37, agent="baselines.gpl:GPL"),
    "DRQV2": Case(
        agent="baselines.drqv2:DrQv2",
        suite="dmc-vision",
        task="cheetah_run",
        settings={"start_steps": 0, "update_every": 1, "capacity": 6_000},
        rows=1_000,
        updates=1,
        goal=1_270,
    ),
}


def build(case, *, device="cpu", **overrides):
    """An agent that is ready to train."""
    suite, agent = load_suite(case.suite), load_agent(case.agent)
    task = suite.task(case.task)
    overrides = {**case.settings, **overrides}
    config = build_config(agent, task_info(suite, task), overrides)
    options = choose_options(agent, task_info(suite, task), config)
    info = task_info(suite, task, options)
    built = agent(info, seed=0, device=device, config=config)
    built.prepare(None)
    return built


def transitions(task):
    """Endless noise for an agent to record; an update takes as long on it."""
    rng, size = np.random.default_rng(0), task.options.num_envs
    space, count = task.observation_space, 64
    shape = (count, size, *space.shape)
    if space.dtype == np.uint8:
        shown = rng.integers(0, 256, shape, dtype=np.uint8)
    else:
        shown = rng.normal(size=shape).astype(np.float32)
    if isinstance(task.action_space, Discrete):
        draw = partial(rng.integers, task.action_space.n, size=size)
    else:
        shape = (size, *task.action_space.shape)
        draw = lambda: rng.uniform(-1, 1, shape).astype(np.float32)  # noqa: E731
    no = np.zeros(size, dtype=bool)
    reward, index = rng.normal(size=size), 0
    while True:
        obs, following = shown[index % count], shown[(index + 1) % count]
        first = no if index else ~no
        yield Step(obs, draw(), reward, no, no, following, ~no, first)
        index += 1


def fill(agent, rows):
    """Records so many steps; returns those to be recorded next. Agents that learn from
    the first step on, an update a step, are told that they have."""
    steps = transitions(agent.task)
    for _ in range(rows):
        agent.record(next(steps), None)
    agent.updates = agent.steps
    return steps


def learn_once(agent, steps):
    """Records a step and makes the updates that it is worth."""
    agent.record(next(steps), None)
    agent.learn()
