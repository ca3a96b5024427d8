"""PPO through the harness against the same PPO in a bare loop: CPU time of a training.

The bare loop feeds the same agent from the same simulator without meter, recorder,
checks or progress. Both train the same numbers; each metered training is compared with
the bare ones before and after it, median over rounds.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from baselines.ppo import PPO
from harness.agent import BudgetSpent, Step
from harness.meter import MeteredEnv
from harness.recorder import Recorder
from harness.task_info import build_config, choose_options, task_info
from suites.envs.make import make_env
from suites.registry import load_suite

BUDGET, ROUNDS = 8_192, 9


def build():
    suite = load_suite("dmc-proprio")
    task = suite.task("cartpole_swingup")
    task = replace(task, protocol=replace(task.protocol, budget_agent_steps=BUDGET))
    config = build_config(PPO, task_info(suite, task), {"epochs": 4})
    options = choose_options(PPO, task_info(suite, task), config)
    info = task_info(suite, task, options)
    env = make_env(task, options, seeds=lambda row, episode: 1000 * row + episode)
    return PPO(info, seed=0, device="cpu", config=config), env, options


def bare(agent, env, options, folder):
    """The least loop that trains a StepAgent."""
    obs, _ = env.reset()
    first = valid = np.ones(env.num_envs, dtype=bool)
    for _ in range(BUDGET // env.num_envs):
        action, _, extras = agent.act(obs, first, (), explore=True)
        following, reward, terminated, truncated, infos = env.step(
            np.clip(action, -1, 1)
        )
        ended = terminated | truncated
        next_obs = following
        if "final_obs" in infos:
            next_obs = np.where(ended[:, None], infos["final_obs"], following)
        agent.record(
            Step(obs, action, reward, terminated, truncated, next_obs, valid, first),
            extras,
        )
        agent.learn()
        obs, first = following, ended


def through_the_harness(agent, env, options, folder):
    recorder = Recorder(Path(folder))
    metered = MeteredEnv(env, options, budget_agent_steps=BUDGET, recorder=recorder)
    try:
        agent.train(metered)
    except BudgetSpent:
        recorder.close()


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ratios = []
    for _ in range(ROUNDS):
        before, weights = train(bare)
        metered, same_weights = train(through_the_harness)
        after, _ = train(bare)
        assert (weights == same_weights).all(), "not the same training"
        # The machine's speed drifts: compare with what ran just before and after.
        ratios.append(2 * metered / (before + after))
    print(f"PPO_THROUGH_THE_HARNESS ratio={median(ratios):.4f} goal=1.01")


def train(loop):
    """CPU seconds of a training, and what it learnt."""
    agent, env, options = build()
    with tempfile.TemporaryDirectory() as folder:
        began = process_time()
        loop(agent, env, options, folder)
        seconds = process_time() - began
    env.close()
    return seconds, agent.network.policy_head.weight.detach().numpy()


if __name__ == "__main__":
    main()
