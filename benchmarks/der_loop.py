"""DER's whole loop on one core: a training on Breakout, emulator included, from the
first update on. CPU seconds.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from time import process_time

import numpy as np

from benchmarks._updates import Case, build
from harness.agent import Step
from suites.envs.make import make_env
from suites.registry import load_suite

STEPS = 1_500


def play(agent, env, steps, obs=None, first=None):
    """The loop of a training without meter: acts, steps, records, learns."""
    if obs is None:
        obs, _ = env.reset()
        first = np.ones(1, dtype=bool)
    valid = np.ones(1, dtype=bool)
    for _ in range(steps):
        action, _, extras = agent.act(obs, first, (), explore=True)
        following, reward, terminated, truncated, infos = env.step(action)
        ended = terminated | truncated
        last = infos["final_obs"] if ended.any() else following
        step = Step(obs, action, reward, terminated, truncated, last, valid, first)
        agent.record(step, extras)
        agent.learn()
        obs, first = following, ended
    return obs, first


def main():
    agent = build(Case("der", "atari100k", "breakout", {}, 0, 0, 0))
    task = load_suite("atari100k").task("breakout")
    env = make_env(
        task, agent.task.options, seeds=lambda row, episode: 1 + row + episode
    )
    obs, first = play(agent, env, agent.config.start)
    began = process_time()
    play(agent, env, STEPS, obs, first)
    print(f"DER_LOOP steps_per_second={STEPS / (process_time() - began):.1f} goal=42")
    env.close()


if __name__ == "__main__":
    main()
