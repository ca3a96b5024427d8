"""The first episode of an evaluation again, from its actions, as pictures for people.

An episode is a function of its seed and its actions (tests/suites/envs/test_contract.py
holds that of every simulator), so nothing of the agent is needed, and nothing of the
evaluation is touched.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from suites.envs.make import require_simulator
from suites.envs.spaces import action_space
from suites.envs.vector import EpisodeSeeds, SuiteVectorEnv
from suites.options import EnvOptions
from suites.settings import (
    AtariSettings,
    DmcPixelSettings,
    DmcSettings,
    MemoryMazeSettings,
    ProcgenSettings,
    ToySettings,
)
from suites.spec import Task

ATARI_SIZE = 210, 160
"""The console's picture."""
DMC_SIDE = 240
PROCGEN_SIDE = 512
"""What the engine draws for people."""
MAZE_SIDE = 64
"""What the agent sees; the border's colour is the target's."""


class Shot(NamedTuple):
    """What one decision led to; the first of an episode comes before any."""

    picture: NDArray[np.uint8] | None
    """[height, width, 3]; None for a last frame that the simulator does not show."""
    reward: float
    ended: bool


def can_be_filmed(task: Task) -> bool:
    """Whether a task has pictures at all."""
    return not isinstance(task.protocol.settings, ToySettings)


def film(
    task: Task, actions: NDArray[Any], *, seeds: EpisodeSeeds, split: str
) -> Iterator[Shot]:
    """Plays an episode of the first sub-environment again: one shot for its start, then
    one for each action.

    Args:
        actions: [T] or [T, n], as the policy gave them.
        seeds: of the evaluation.
        split: one of the protocol's evaluation splits.

    Raises:
        SimulatorMissing: the simulator's package is not installed.
        ValueError: the task has no pictures.
    """
    env = _picture_env(task, seeds, split)
    try:
        obs, _ = env.reset()
        yield Shot(_picture(obs[0]), 0.0, ended=False)
        for action in actions:
            obs, reward, terminated, truncated, infos = env.step(action[None])
            ended = bool(terminated[0] | truncated[0])
            picture = obs[0]
            if ended:  # obs is the next episode's
                picture = infos["final_obs"][0] if infos["final_obs_valid"][0] else None
            yield Shot(
                None if picture is None else _picture(picture), float(reward[0]), ended
            )
    finally:
        env.close()


def _picture(obs: NDArray[Any]) -> NDArray[np.uint8]:
    """The newest frame, without a stack."""
    return np.asarray(obs[-1] if obs.ndim == 4 else obs, dtype=np.uint8)


def _picture_env(task: Task, seeds: EpisodeSeeds, split: str) -> SuiteVectorEnv:
    """One sub-environment that plays as the evaluation's first, and shows pictures."""
    require_simulator(task.simulator)
    settings = task.protocol.settings

    def arguments(*shape: int) -> dict[str, Any]:
        spaces = Box(0, 255, shape, np.uint8), action_space(task)
        return {"spaces": spaces, "seeds": seeds}

    match settings:
        case AtariSettings():
            from suites.envs.atari import AtariVec

            return AtariVec(
                settings,
                EnvOptions(num_envs=1, grayscale=False, stack=1),
                size=ATARI_SIZE,
                reseed_after=0,
                threads=1,
                **arguments(1, *ATARI_SIZE, 3),
            )
        case ProcgenSettings():
            from suites.envs.procgen import ProcgenVec

            return ProcgenVec(
                settings,
                EnvOptions(num_envs=1),
                all_levels=split == "all_levels",
                for_people=True,
                threads=1,
                **arguments(PROCGEN_SIDE, PROCGEN_SIDE, 3),
            )
    from suites.envs.loop import LoopVectorEnv

    match settings:
        case DmcSettings() | DmcPixelSettings():
            from suites.envs.dmc import DmcPixelSimulation

            pixels = _through_a_camera(settings)
            looking = EnvOptions(resolution=DMC_SIDE, stack=1)
            return LoopVectorEnv.build(
                lambda: DmcPixelSimulation(pixels, looking),
                1,
                autoreset="same_step",
                **arguments(1, DMC_SIDE, DMC_SIDE, 3),
            )
        case MemoryMazeSettings():
            from suites.envs.memory_maze import MemoryMazeSimulation

            return LoopVectorEnv.build(
                lambda: MemoryMazeSimulation(settings),
                1,
                autoreset="same_step",
                **arguments(MAZE_SIDE, MAZE_SIDE, 3),
            )
        case _:
            raise ValueError(f"{task.name} is a toy and has no pictures")


def _through_a_camera(settings: DmcSettings | DmcPixelSettings) -> DmcPixelSettings:
    """The same task, drawn; a task from state through the camera of dmc-vision."""
    if isinstance(settings, DmcPixelSettings):
        return settings
    camera = 2 if settings.domain == "quadruped" else 0
    return DmcPixelSettings(
        settings.domain, settings.task, camera, settings.action_repeat
    )
