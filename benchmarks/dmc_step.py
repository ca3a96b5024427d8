"""DeepMind Control from state, one environment: our adapter against shimmy with a
flattened observation, and against dm_control itself.

All play the same random actions, two control steps a decision, in turn in one process;
CPU time, median over rounds.
"""

from statistics import median
from time import process_time

import numpy as np
from dm_control import suite
from gymnasium.wrappers import FlattenObservation
from shimmy.dm_control_compatibility import DmControlCompatibilityV0

from suites.envs.make import make_env
from suites.options import EnvOptions
from suites.registry import load_suite

TASKS = ("cheetah_run", "walker_walk", "finger_spin")
DECISIONS, ROUNDS = 500, 7


def time_ours(task, actions):
    env = make_env(task, EnvOptions(), seeds=lambda row, episode: 1 + episode)
    env.reset()
    began = process_time()
    for action in actions:
        env.step(action[None])
    seconds = process_time() - began
    env.close()
    return seconds


def time_shimmy(env, actions, repeat):
    env.reset(seed=1)
    began = process_time()
    for action in actions:
        reward = 0.0
        for _ in range(repeat):
            _, part, terminated, truncated, _ = env.step(action)
            reward += part
        if terminated or truncated:
            env.reset()
    return process_time() - began


def time_bare(env, actions, repeat):
    env.reset()
    began = process_time()
    for action in actions:
        for _ in range(repeat):
            env.step(action)
    return process_time() - began


def main():
    ratios, shares = [], []
    for name in TASKS:
        task = load_suite("dmc-proprio").task(name)
        settings = task.protocol.settings
        bare = suite.load(settings.domain, settings.task)
        wrapped = suite.load(settings.domain, settings.task)
        shimmy = FlattenObservation(DmControlCompatibilityV0(wrapped))
        rng = np.random.default_rng(0)
        for _ in range(ROUNDS):
            shape = (DECISIONS, task.actions.size)
            actions = rng.uniform(-1, 1, shape).astype(np.float32)
            mine = time_ours(task, actions)
            repeat = settings.action_repeat
            ratios.append(time_shimmy(shimmy, actions, repeat) / mine)
            shares.append(time_bare(bare, actions, repeat) / mine)
    print(f"DMC_SHARE_OF_BARE_SIMULATOR ratio={median(shares):.3f} goal=0.8")
    print(f"DMC_STEP ratio={median(ratios):.3f} goal=1.1")


if __name__ == "__main__":
    main()
