"""Procgen at 64 environments: our adapter against its bare engine, and against the
vector environment that the package offers to gym's users (`ProcgenEnv`).

All play the same random actions in turn in one process, on one thread; CPU time,
median over rounds.
"""

from statistics import median
from time import process_time

import numpy as np
from procgen import ProcgenEnv  # after gym's notice was silenced

from suites.envs.make import make_env
from suites.envs.procgen import ProcgenGym3Env
from suites.options import EnvOptions
from suites.registry import load_suite

GAMES = ("coinrun", "starpilot", "maze")
ENVS, STEPS, ROUNDS = 64, 150, 5
LEVELS = {
    "distribution_mode": "easy",
    "num_levels": 200,
    "start_level": 0,
    "rand_seed": 1,
}


def engine(game):
    return ProcgenGym3Env(
        num=ENVS,
        env_name=game,
        num_threads=0,
        **LEVELS,
    )


def time_ours(env, actions):
    env.reset()
    began = process_time()
    for action in actions:
        env.step(action)
    return process_time() - began


def time_bare(bare, actions):
    bare.observe()
    began = process_time()
    for action in actions:
        bare.act(action)
        bare.observe()
    return process_time() - began


def time_gym(env, actions):
    env.reset()
    began = process_time()
    for action in actions:
        env.step(action)
    return process_time() - began


def main():
    shares, ratios = [], []
    for name in GAMES:
        task = load_suite("procgen-easy").task(name)
        options = EnvOptions(num_envs=ENVS)
        ours = make_env(task, options, seeds=lambda row, episode: 1)
        rng = np.random.default_rng(0)
        for _ in range(ROUNDS):
            bare = engine(name)
            gym = ProcgenEnv(ENVS, name, num_threads=0, **LEVELS)
            actions = rng.integers(15, size=(STEPS, ENVS), dtype=np.int32)
            mine = time_ours(ours, actions)
            shares.append(time_bare(bare, actions) / mine)
            ratios.append(time_gym(gym, actions) / mine)
            bare.close()
            gym.close()
        ours.close()
    print(f"PROCGEN_STEP ratio={median(ratios):.3f} goal=1.0")
    print(f"PROCGEN_SHARE_OF_BARE_ENGINE ratio={median(shares):.3f} goal=0.95")


if __name__ == "__main__":
    main()
