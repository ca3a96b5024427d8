"""Stable-Baselines3 trains through model.learn(); only the environment line differs."""

import json

import numpy as np
import pytest

from harness.adapters.sb3 import Sb3VecEnv
from harness.agent import BudgetSpent
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "sb3_agents.py"


@pytest.mark.parametrize(
    ("agent", "task"), [("Sb3PPO", "catch"), ("Sb3PPO", "reach"), ("Sb3DQN", "catch")]
)
def test_ppo_and_dqn_train_to_the_budget_and_are_evaluated(podium, agent, task):
    result = podium(
        "submit", f"{EXAMPLE}:{agent}", "--suite", "toy", "-t", task, "--seeds", 1
    )
    assert result.code == 0, result.out + result.err
    (run,) = podium.runs()
    assert json.loads((run / "done").read_text())["agent_steps"] == 2000
    rows = (run / "evaluations.jsonl").read_text().splitlines()
    assert [json.loads(row)["agent_steps"] for row in rows] == [500, 1000, 1500, 2000]
    assert "Gym has been unmaintained" not in (run / "log.txt").read_text()


def test_the_example_keeps_the_contract(podium):
    result = podium("check-agent", f"{EXAMPLE}:Sb3DQN", "--steps", 1000)
    assert result.code == 0, result.out
    assert "It keeps the contract" in result.out


def test_dqn_is_refused_where_actions_are_continuous(podium):
    result = podium("submit", f"{EXAMPLE}:Sb3DQN", "--suite", "dmc-proprio")
    assert result.code == 2
    assert "needs discrete actions" in result.err


def test_ends_are_told_as_stable_baselines_expects(metered):
    vec_env = Sb3VecEnv(metered("reach", budget=1000, num_envs=2))
    vec_env.reset()
    for step in range(1, 21):
        obs, reward, ended, infos = vec_env.step(np.zeros((2, 2), np.float32))
        assert reward.dtype == np.float32
        assert ended.all() == (step == 20)
    for row in range(2):
        assert infos[row]["TimeLimit.truncated"]
        assert infos[row]["terminal_observation"].shape == (4,)
        assert (infos[row]["terminal_observation"] != obs[row]).any()


def test_deaths_are_no_time_limits(metered):
    vec_env = Sb3VecEnv(metered("catch", budget=1000, num_envs=1))
    vec_env.reset()
    for _ in range(5):
        *_, infos = vec_env.step(np.zeros(1, int))
    assert infos[0]["TimeLimit.truncated"] is False


def test_the_budget_ends_a_foreign_loop(metered):
    vec_env = Sb3VecEnv(metered("catch", budget=10, num_envs=2))
    vec_env.reset()
    with pytest.raises(BudgetSpent):
        for _ in range(6):
            vec_env.step(np.zeros(2, int))
