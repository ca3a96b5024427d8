"""The spaces of a task under an agent's options, without starting the simulator."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box

from suites.options import EnvOptions
from suites.spec import Discrete, Task


def observation_space(task: Task, options: EnvOptions) -> Box:
    """One sub-environment's observations, e.g. uint8 [4, 84, 84].

    Args:
        options: resolved (suites.options.resolve_options). With a frame stack the
            shape is [stack, side, side] in grey and [stack, side, side, 3] in colour.
    """
    if options.stack is None or options.resolution is None:
        shape = task.observation.shape
    else:
        side = options.resolution
        shape = (options.stack, side, side) + (() if options.grayscale else (3,))
    if task.observation.pixels:
        return Box(0, 255, shape, np.uint8)
    return Box(-np.inf, np.inf, shape, np.float32)


def action_space(task: Task) -> gymnasium.Space[Any]:
    """`Discrete(n)`, or a float32 box of [-1, 1]."""
    if isinstance(task.actions, Discrete):
        return gymnasium.spaces.Discrete(task.actions.n)
    return Box(-1.0, 1.0, (task.actions.size,), np.float32)
