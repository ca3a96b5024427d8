"""What the meter adds to a vector step of 8 environments that do nothing.

The bare loop and the metered loop are run in turn; CPU time, median over rounds. An
episode of each environment ends every 1000 steps, as in a real task.
"""

import tempfile
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from gymnasium.spaces import Box, Discrete

from harness.meter import MeteredEnv
from harness.recorder import Recorder
from suites.envs.vector import SuiteVectorEnv
from suites.options import EnvOptions

ENVS, STEPS, ROUNDS, EPISODE = 8, 20_000, 15, 1000


class Still(SuiteVectorEnv):
    """Does nothing, as fast as Python can."""

    def __init__(self):
        spaces = Box(0, 255, (84, 84, 4), np.uint8), Discrete(6)
        super().__init__(
            ENVS, spaces, seeds=lambda b, k: 0, reseed_after=0, autoreset="same_step"
        )
        self.obs = np.zeros((ENVS, 84, 84, 4), np.uint8)
        self.reward = np.ones(ENVS)
        self.going = np.zeros(ENVS, bool)
        self.ended = np.ones(ENVS, bool)
        self.frames = np.full(ENVS, 4)
        self.count = 0

    def reset(self, *, seed=None, options=None):
        return self.obs, {}

    def _step(self, actions):
        self.count += 1
        infos = {"env_frames": self.frames}
        if self.count % EPISODE:
            return self.obs, self.reward, self.going, self.going, infos
        infos |= {"final_obs": self.obs, "final_obs_valid": self.ended}
        return self.obs, self.reward, self.ended, self.going, infos


def loop(env, actions):
    """CPU microseconds a vector step."""
    env.reset()
    began = process_time()
    for _ in range(STEPS):
        env.step(actions)
    return (process_time() - began) / STEPS * 1e6


def main():
    actions = np.zeros(ENVS, dtype=np.int64)
    added = []
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        for _ in range(ROUNDS):
            metered = MeteredEnv(
                Still(),
                EnvOptions(num_envs=ENVS),
                budget_agent_steps=1 << 60,
                recorder=recorder,
            )
            bare = loop(Still(), actions)
            added.append(loop(metered, actions) - bare)
    print(f"HARNESS_STEP microseconds={median(added):.2f} goal=15")


if __name__ == "__main__":
    main()
