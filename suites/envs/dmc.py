"""DeepMind Control, from state and from pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from suites.envs.gl import prefer_egl
from suites.envs.loop import Transition
from suites.envs.quiet import silence_mujoco
from suites.options import EnvOptions
from suites.settings import DmcPixelSettings, DmcSettings

silence_mujoco()
prefer_egl()

from dm_control import suite  # noqa: E402


class DmcSimulation:
    """One task; observations concatenated in dm_control's order as float32."""

    def __init__(self, settings: DmcSettings | DmcPixelSettings) -> None:
        self._env = suite.load(settings.domain, settings.task)
        self._repeat = settings.action_repeat
        bounds = self._env.action_spec()
        self._low = bounds.minimum
        self._half_range = (bounds.maximum - bounds.minimum) / 2

    def reset(self, seed: int) -> NDArray[Any]:
        self._env.task.random.seed(seed)
        return self._first(self._env.reset().observation)

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
            obs=self._next(step.observation),
            reward=reward,
            terminated=terminated,
            truncated=step.last() and not terminated,
            env_frames=frames,
        )

    def state(self) -> NDArray[np.float64]:
        """Positions, velocities and activations of the physics."""
        return np.asarray(self._env.physics.get_state())

    def _first(self, observation: dict[str, Any]) -> NDArray[Any]:
        return self._next(observation)

    def _next(self, observation: dict[str, Any]) -> NDArray[Any]:
        return _flat(observation)

    def close(self) -> None:
        self._env.close()


class DmcPixelSimulation(DmcSimulation):
    """One task through a camera; the last frames stacked, oldest first."""

    def __init__(self, settings: DmcPixelSettings, options: EnvOptions) -> None:
        """Args:
        options: resolved; their `resolution` and `stack` count.
        """
        # Drawing needs OpenGL, which a task from state does without.
        from suites.envs.camera import OffscreenCamera

        super().__init__(settings)
        assert options.resolution is not None
        assert options.stack is not None
        self._camera = OffscreenCamera(options.resolution, settings.camera)
        self._depth = options.stack
        self._frames: list[NDArray[np.uint8]] = []
        self._draws = True

    def _first(self, observation: dict[str, Any]) -> NDArray[np.uint8]:
        """An episode starts with its first frame, repeated (as in DrQ-v2)."""
        self._frames = [self._camera.render(self._env.physics)] * self._depth
        return np.stack(self._frames)

    def replay(self, actions: NDArray[np.float32]) -> None:
        """Steps through actions and draws only the frames that are still shown."""
        drawn_from = len(actions) - self._depth
        for index, action in enumerate(actions):
            self._draws = index >= drawn_from
            self.step(action)
        self._draws = True

    def _next(self, observation: dict[str, Any]) -> NDArray[np.uint8]:
        if not self._draws:
            return self._frames[-1]
        self._frames = [*self._frames[1:], self._camera.render(self._env.physics)]
        return np.stack(self._frames)

    def close(self) -> None:
        self._camera.close()
        super().close()


def _flat(observation: dict[str, Any]) -> NDArray[np.float32]:
    """[n] float32, scalars as one number."""
    parts = [np.ravel(value) for value in observation.values()]
    return np.asarray(np.concatenate(parts), dtype=np.float32)
