"""DeepMind Control from state: dm_control's suite without its renderer."""

from typing import Any

import numpy as np
from dm_control import suite
from numpy.typing import NDArray

from suites.envs.loop import Transition
from suites.settings import DmcSettings


class DmcSimulation:
    """One task; observations concatenated in dm_control's order as float32."""

    def __init__(self, settings: DmcSettings) -> None:
        self._env = suite.load(settings.domain, settings.task)
        self._repeat = settings.action_repeat
        bounds = self._env.action_spec()
        self._low = bounds.minimum
        self._half_range = (bounds.maximum - bounds.minimum) / 2

    def reset(self, seed: int) -> NDArray[np.float32]:
        self._env.task.random.seed(seed)
        return _flat(self._env.reset().observation)

    def step(self, action: NDArray[np.float32]) -> Transition:
        control = self._low + (action.astype(np.float64) + 1.0) * self._half_range
        reward = 0.0
        frames = 0
        for frames in range(1, self._repeat + 1):  # noqa: B007
            step = self._env.step(control)
            reward += step.reward
            if step.last():
                break
        # dm_control marks a time limit by an end whose discount is 1.
        terminated = step.last() and step.discount == 0.0
        return Transition(
            obs=_flat(step.observation),
            reward=reward,
            terminated=terminated,
            truncated=step.last() and not terminated,
            env_frames=frames,
        )

    def close(self) -> None:
        self._env.close()


def _flat(observation: dict[str, Any]) -> NDArray[np.float32]:
    """[n] float32, scalars as one number."""
    parts = [np.ravel(value) for value in observation.values()]
    return np.asarray(np.concatenate(parts), dtype=np.float32)
