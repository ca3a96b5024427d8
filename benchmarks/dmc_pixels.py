"""DeepMind Control from pixels, one environment: our adapter against the same loop
around dm_control's `physics.render`.

Both play the same random actions, two control steps and one frame a decision, in turn
in one process; CPU time, median over rounds.
"""

import os
from statistics import median
from time import process_time

import numpy as np

# As `podium submit` gives it to its workers; read when OpenGL starts.
os.environ["LP_NUM_THREADS"] = "1"
os.environ.setdefault("MUJOCO_GL", "egl")

from dm_control import suite

from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite

TASKS = ("cheetah_run", "walker_walk", "cartpole_swingup")
DECISIONS, ROUNDS = 40, 7


def time_ours(env, actions):
    env.reset()
    began = process_time()
    for action in actions:
        env.step(action[None])
    return process_time() - began


def time_rendered(env, actions, settings):
    env.reset()
    frames = [env.physics.render(84, 84, camera_id=settings.camera)] * 3
    began = process_time()
    for action in actions:
        reward = 0.0
        for _ in range(settings.action_repeat):
            reward += env.step(action).reward
        frame = env.physics.render(84, 84, camera_id=settings.camera)
        frames = [*frames[1:], frame]
        np.stack(frames)
    return process_time() - began


def main():
    ratios = []
    for name in TASKS:
        task = load_suite("dmc-vision").task(name)
        settings = task.protocol.settings
        options = resolve_options(EnvOptions(), task.protocol.options)
        ours = make_env(task, options, seeds=lambda row, episode: 1 + episode)
        theirs = suite.load(settings.domain, settings.task)
        rng = np.random.default_rng(0)
        for _ in range(ROUNDS):
            shape = (DECISIONS, task.actions.size)
            actions = rng.uniform(-1, 1, shape).astype(np.float32)
            mine = time_ours(ours, actions)
            ratios.append(time_rendered(theirs, actions, settings) / mine)
        ours.close()
        theirs.close()
    print(f"DMC_PIXELS ratio={median(ratios):.3f} goal=1.05")


if __name__ == "__main__":
    main()
