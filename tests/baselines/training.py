"""A short training under the real meter, scored by a frozen evaluation."""

from dataclasses import replace

import numpy as np
import pytest

from harness.agent import BudgetSpent
from harness.evaluate import play
from harness.meter import MeteredEnv
from harness.recorder import Recorder
from harness.seeding import Role, episode_seeds
from suites.envs.make import make_env
from suites.registry import load_suite
from tests.baselines.test_agents import build


def trained(name, task, budget, folder, seed=0, *, suite="toy", games=80, **overrides):
    """Trains on a task with another budget; the agent and its mean return over some
    games, a multiple of its sub-environments."""
    longer = replace(task, protocol=replace(task.protocol, budget_agent_steps=budget))
    agent, info = build(name, load_suite(suite), longer, seed=seed, **overrides)
    key = (suite, task.name, seed)
    seeds = episode_seeds(*key, role=Role.TRAINING)
    env = make_env(longer, info.options, seeds=seeds)
    recorder = Recorder(folder)
    with pytest.raises(BudgetSpent):
        agent.train(
            MeteredEnv(env, info.options, budget_agent_steps=budget, recorder=recorder)
        )
    recorder.close()
    seeds = episode_seeds(*key, role=Role.EVALUATION)
    split = task.protocol.evaluation.splits[0]
    arena = make_env(longer, info.options, seeds=seeds, split=split)
    return agent, float(np.mean(play(agent.policy(seed=1), arena, games).returns))
