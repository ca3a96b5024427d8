"""Metered Atari at one environment against gymnasium's usual wrappers.

The three are run in turn on the same random actions, on one core as `podium submit`
gives each of its workers; CPU time, median over rounds. The share is that of bare
emulation: four `act` calls a decision and nothing else.
"""

import os
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

import ale_py
import gymnasium
import numpy as np
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from harness.meter import MeteredEnv
from harness.recorder import Recorder
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite

GAMES = ("Pong", "Breakout", "MsPacman")
STEPS, ROUNDS = 1500, 5


def metered(task, folder):
    options = resolve_options(EnvOptions(), task.protocol.options)
    env = make_env(task, options, seeds=lambda row, episode: 1 + episode)
    recorder = Recorder(Path(folder))
    return MeteredEnv(env, options, budget_agent_steps=1 << 60, recorder=recorder)


def wrapped(game):
    env = gymnasium.make(f"ALE/{game}-v5", frameskip=1, repeat_action_probability=0.0)
    return FrameStackObservation(AtariPreprocessing(env, frame_skip=4), 4)


def bare(game):
    ale = ale_py.ALEInterface()
    task = load_suite("atari100k").task(game)
    ale.loadROM(ale_py.roms.get_rom_path(task.name))
    return ale


def time_metered(env, actions):
    env.reset()
    began = process_time()
    for action in actions:
        env.step(np.array([action]))
    return process_time() - began


def time_wrapped(env, actions):
    env.reset()
    began = process_time()
    for action in actions:
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return process_time() - began


def time_bare(ale, actions):
    codes = ale.getMinimalActionSet()
    ale.reset_game()
    began = process_time()
    for action in actions:
        for _ in range(4):
            ale.act(codes[action])
        if ale.game_over():
            ale.reset_game()
    return process_time() - began


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    gymnasium.register_envs(ale_py)
    ratios, shares = [], []
    for game in GAMES:
        task = load_suite("atari100k").task(game)
        rng = np.random.default_rng(0)
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs, emulator = metered(task, folder), wrapped(game), bare(game)
            for _ in range(ROUNDS):
                actions = rng.integers(task.actions.n, size=STEPS)
                mine = time_metered(ours, actions)
                ratios.append(time_wrapped(theirs, actions) / mine)
                shares.append(time_bare(emulator, actions) / mine)
    print(f"ATARI_STEP ratio={median(ratios):.3f} goal=1.12")
    print(f"ATARI_SHARE_OF_BARE_EMULATION ratio={median(shares):.3f} goal=0.6")


if __name__ == "__main__":
    main()
