"""Memory Maze from memory_maze.tasks, about five times as fast as shipped.

As shipped, every target looks through all contacts in Python after each of the 50
physics substeps of a decision, which is two thirds of the time, and a scene is made for
every frame. Here the contacts are searched as one list and the camera keeps what it
needs. Observations, rewards and trajectories stay the same
(tests/suites/envs/test_memory_maze.py compares both).
"""

from functools import partial
from typing import Any
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from suites.envs.camera import OffscreenCamera
from suites.envs.loop import Transition
from suites.envs.quiet import silence_gym, silence_mujoco
from suites.settings import MemoryMazeSettings

silence_gym()
silence_mujoco()

from memory_maze import tasks  # noqa: E402

SHOWN = ("walker/egocentric_camera", "target_color")
"""What the picture is made of: the view and the colour of its border."""


class MemoryMazeSimulation:
    """One maze of a size; everything in it is drawn anew from each episode's seed."""

    def __init__(
        self, settings: MemoryMazeSettings, *, as_shipped: bool = False
    ) -> None:
        """Args:
        as_shipped: leaves the package's own slow paths, to compare with.
        """
        make = getattr(tasks, f"memory_maze_{settings.size}")
        self._env = make(seed=0, image_only_obs=True)
        self._limit = settings.episode_agent_steps
        self._steps = 0
        self._camera: OffscreenCamera | None = None
        if not as_shipped:
            self._quicken()

    def _quicken(self) -> None:
        task = self._env.task
        for target in task._targets:
            target._update_activation = partial(_update_activation, proxy(target))
        eye = task._walker.observables.egocentric_camera
        name = task._walker.egocentric_camera.full_identifier
        self._camera = OffscreenCamera(eye.height, name)
        # The package's environment is full of reference cycles and lives on until they
        # are collected; the camera shall not.
        camera = proxy(self._camera)
        eye._callable = lambda physics: lambda: camera.render(physics)
        # The others are computed at each decision and dropped.
        for name, observable in task.observables.items():
            observable.enabled = name in SHOWN

    def reset(self, seed: int) -> NDArray[np.uint8]:
        layout, rest = np.random.SeedSequence(seed).generate_state(2) >> 1
        # Two streams of the package: where the walls are, and everything else. The
        # first can be seeded only by making the maze again.
        maze = self._env.task._maze_arena._maze
        maze.__init__(
            height=maze._height,
            width=maze._width,
            max_rooms=maze._max_rooms,
            room_min_size=maze._room_min_size,
            room_max_size=maze._room_max_size,
            max_variations=maze._max_variations,
            spawns_per_room=maze._spawns_per_room,
            objects_per_room=maze._objects_per_room,
            simplify=True,
            random_seed=int(layout),
        )
        self._env.random_state.seed(int(rest))
        self._steps = 0
        return np.asarray(self._env.reset().observation)

    def step(self, action: int) -> Transition:
        step = self._env.step(int(action))
        self._steps += 1
        terminated = step.last() and step.discount == 0.0
        return Transition(
            obs=step.observation,
            reward=float(step.reward),
            terminated=terminated,
            truncated=not terminated and (step.last() or self._steps >= self._limit),
            env_frames=1,
        )

    def replay(self, actions: NDArray[np.int64]) -> None:
        """Steps through actions without drawing."""
        if self._camera is not None:
            self._camera.paused = True
        for action in actions:
            self.step(action)
        if self._camera is not None:
            self._camera.paused = False

    def state(self) -> NDArray[np.float64]:
        """Positions, velocities and activations of the physics."""
        return np.asarray(self._env.physics.get_state())

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
        self._env.close()


def _update_activation(target: Any, physics: Any) -> None:
    """TargetSphere's test "does any contact touch me", over all contacts at once."""
    if target._activated:
        return
    # A handful of contacts: a list is searched faster than an array is compared.
    if target._geom_id in physics.data.ptr.contact.geom.ravel().tolist():
        target._activated = True
        physics.bind(target._material).rgba[-1] = 0
