"""Catch as a game of frames: the toy's 6x6 board drawn in 84x84 pixels."""

from dataclasses import replace

import numpy as np

from suites.envs.toy import GAMES, SIDE, Catch
from suites.registry import load_suite
from suites.settings import ToySettings
from suites.spec import Observation

PIXELS = 84 // SIDE


class CatchInFrames(Catch):
    """uint8 [1, 84, 84]; nothing moves but ball and paddle, so one frame says all."""

    def _board(self):
        board = super()._board().reshape(SIDE, SIDE) * 255
        return np.kron(board, np.ones((PIXELS, PIXELS))).astype(np.uint8)[None]


def catch_in_frames():
    """The task; the simulator is registered in this process."""
    GAMES["catch_in_frames"] = CatchInFrames
    task = load_suite("toy").task("catch")
    return replace(
        task,
        name="catch_in_frames",
        observation=Observation((1, 84, 84), "uint8"),
        protocol=replace(task.protocol, settings=ToySettings("catch_in_frames")),
    )
