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


def trained(name, task, budget, folder, seed=0, **overrides):
    """Trains on a toy with another budget; the agent and its mean return over 80
    games."""
    longer = replace(task, protocol=replace(task.protocol, budget_agent_steps=budget))
    agent, info = build(name, load_suite("toy"), longer, seed=seed, **overrides)
    key = ("toy", task.name, seed)
    seeds = episode_seeds(*key, role=Role.TRAINING)
    env = make_env(longer, info.options, seeds=seeds)
    recorder = Recorder(folder)
    with pytest.raises(BudgetSpent):
        agent.train(
            MeteredEnv(env, info.options, budget_agent_steps=budget, recorder=recorder)
        )
    recorder.close()
    seeds = episode_seeds(*key, role=Role.EVALUATION)
    games = make_env(longer, info.options, seeds=seeds, split="evaluation")
    return agent, float(np.mean(play(agent.policy(seed=1), games, 80).returns))
