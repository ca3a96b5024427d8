"""From a task to its environment: which adapter, which packages, which extra."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple, cast

from suites.envs.spaces import action_space, observation_space
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


class Requirement(NamedTuple):
    """What must be installed for a simulator."""

    packages: tuple[str, ...]
    extra: str


REQUIREMENTS = {
    "atari": Requirement(("ale_py", "cv2"), "atari"),
    "dmc": Requirement(("dm_control", "mujoco"), "dmc"),
    "procgen": Requirement(("procgen", "gym3"), "procgen"),
    "memory_maze": Requirement(
        ("memory_maze", "gym", "dm_control", "mujoco"), "memory-maze"
    ),
    "toy": Requirement((), ""),
}

DISTRIBUTIONS = {
    "atari": ("ale-py",),
    "dmc": ("dm_control", "mujoco"),
    "procgen": ("procgen-mirror",),
    "memory_maze": ("memory-maze", "labmaze", "dm_control", "mujoco"),
    "toy": (),
}
"""What decides how a simulator plays, by the names that packages install under."""


class SimulatorMissing(ImportError):
    """A simulator's package is not installed; the message names the extra."""


def draws_with_gl(task: Task) -> bool:
    """Whether OpenGL draws a task's observations, so that they depend on it."""
    return isinstance(task.protocol.settings, DmcPixelSettings | MemoryMazeSettings)


def require_simulator(simulator: str) -> None:
    """Raises SimulatorMissing when a package is absent; imports nothing."""
    requirement = REQUIREMENTS[simulator]
    missing = [name for name in requirement.packages if find_spec(name) is None]
    if missing:
        raise SimulatorMissing(
            f"The {simulator} simulator needs {', '.join(missing)}, which is not "
            f"installed. Install it with: pip install 'podium-rl[{requirement.extra}]'"
        )


def make_env(
    task: Task,
    options: EnvOptions,
    *,
    seeds: EpisodeSeeds,
    split: str | None = None,
    threads: int = 1,
) -> SuiteVectorEnv:
    """Makes a task's environment, for training or for one evaluation split.

    Args:
        options: resolved choices (suites.options.resolve_options).
        seeds: (sub-environment, episode) -> seed.
        split: None for training; else one of the protocol's evaluation splits, where
            every episode is seeded and training-only options do not apply.
        threads: threads that the simulator may use; they change no number.

    Raises:
        SimulatorMissing: the simulator's package is not installed.
        ValueError: the options ask for what this simulator cannot do.
    """
    require_simulator(task.simulator)
    protocol = task.protocol
    arguments: dict[str, Any] = {
        "spaces": (observation_space(task, options), action_space(task)),
        "seeds": seeds,
    }
    match protocol.settings:
        case AtariSettings():
            from suites.envs.atari import AtariVec

            reseed_after = 0 if split else protocol.reseed_after_agent_steps
            return AtariVec(
                protocol.settings,
                options,
                reseed_after=reseed_after,
                threads=threads,
                **arguments,
            )
        case ProcgenSettings():
            from suites.envs.procgen import ProcgenVec

            return ProcgenVec(
                protocol.settings,
                options,
                all_levels=split == "all_levels",
                threads=threads,
                **arguments,
            )
    from suites.envs.loop import LoopVectorEnv

    return LoopVectorEnv.build(
        _simulation(task, options),
        options.num_envs,
        autoreset=options.autoreset,
        **arguments,
    )


def _simulation(task: Task, options: EnvOptions) -> Callable[[], Any]:
    """A factory of single environments, for simulators that play one at a time."""
    match task.protocol.settings:
        case DmcSettings() as settings:
            from suites.envs.dmc import DmcSimulation

            return partial(DmcSimulation, settings)
        case DmcPixelSettings() as settings:
            from suites.envs.dmc import DmcPixelSimulation

            return partial(DmcPixelSimulation, settings, options)
        case MemoryMazeSettings() as settings:
            from suites.envs.memory_maze import MemoryMazeSimulation

            return partial(MemoryMazeSimulation, settings)
        case _ as settings:
            from suites.envs.toy import make_toy

            return partial(make_toy, cast(ToySettings, settings).game)
