"""Reach as a game of frames: the toy's point and goal drawn in 24x24 pixels."""

from dataclasses import replace

import numpy as np

from suites.envs.toy import GAMES, Reach
from suites.registry import load_suite
from suites.settings import ToySettings
from suites.spec import Observation

SIDE, SQUARE = 24, 8


class ReachInFrames(Reach):
    """uint8 [1, 24, 24, 3]; the point in red, the goal in green, 8x8 pixels each."""

    def _state(self):
        frame = np.zeros((SIDE, SIDE, 3), np.uint8)
        for colour, place in enumerate((self._position, self._goal)):
            row, column = ((place + 1) / 2 * (SIDE - SQUARE)).round().astype(int)
            frame[row : row + SQUARE, column : column + SQUARE, colour] = 255
        return frame[None]


def reach_in_frames(budget=2_000):
    """The task; the simulator is registered in this process."""
    GAMES["reach_in_frames"] = ReachInFrames
    task = load_suite("toy").task("reach")
    return replace(
        task,
        name="reach_in_frames",
        observation=Observation((1, SIDE, SIDE, 3), "uint8"),
        protocol=replace(
            task.protocol,
            settings=ToySettings("reach_in_frames"),
            budget_agent_steps=budget,
        ),
    )
