"""What one update of DER and of Rainbow takes on one core, and DER's whole loop.

An update draws 32 transitions by priority from a full replay of Atari frames, takes its
step and sets their priorities. The goals are those of the same networks without replay
on an idle core of the machine that the settings were studied on. DER_LOOP is a training
on Breakout, emulator included, from the first update on: CPU seconds.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from statistics import median
from time import process_time

import numpy as np

from baselines.rainbow import DER, Rainbow
from harness.agent import Step
from harness.task_info import build_config, choose_options, task_info
from suites.envs.make import make_env
from suites.registry import load_suite

ROWS, UPDATES, STEPS = 102_400, 60, 1_500


def build(agent, **overrides):
    suite = load_suite("atari100k")
    task = suite.task("breakout")
    config = build_config(agent, task_info(suite, task), overrides)
    options = choose_options(agent, task_info(suite, task), config)
    info = task_info(suite, task, options)
    built = agent(info, seed=0, device="cpu", config=config)
    built.prepare(None)
    return built, make_env(task, options, seeds=lambda row, episode: 1 + row + episode)


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


def fill(agent):
    """Fills the replay with noise; an update takes no longer or shorter for it."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (64, 1, 4, 84, 84), dtype=np.uint8)
    going, valid = np.zeros(1, dtype=bool), np.ones(1, dtype=bool)
    action, reward = np.zeros(1, dtype=np.int64), np.zeros(1)
    for index in range(ROWS):
        obs = frames[index % 64]
        agent.replay.add(
            Step(obs, action, reward, going, going, obs, valid, going | (index == 0))
        )


def milliseconds(agent):
    """Of an update: the least of three medians, for the machine has other work."""
    for _ in range(10):
        agent._update()
    rounds = []
    for _ in range(3):
        times = []
        for _ in range(UPDATES):
            began = process_time()
            agent._update()
            times.append(process_time() - began)
        rounds.append(median(times) * 1_000)
    return min(rounds)


def main():
    for name, cls, goal in (("DER", DER, 11), ("RAINBOW", Rainbow, 40)):
        agent, env = build(cls, capacity=ROWS)
        env.close()
        fill(agent)
        print(f"{name}_UPDATE milliseconds={milliseconds(agent):.1f} goal={goal}")
    agent, env = build(DER)
    obs, first = play(agent, env, agent.config.start)
    began = process_time()
    play(agent, env, STEPS, obs, first)
    print(f"DER_LOOP steps_per_second={STEPS / (process_time() - began):.1f} goal=42")
    env.close()


if __name__ == "__main__":
    main()
