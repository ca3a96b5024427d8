"""The toys: four tiny environments in plain numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suites.envs.loop import Simulation, Transition

SIDE = 6
"""Rows and columns of catch."""


class Catch:
    """A ball falls one row a decision; +1 if the paddle is under it, else -1."""

    def reset(self, seed: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        self._ball, self._paddle = rng.integers(0, SIDE, size=2)
        self._row = 0
        return self._board()

    def step(self, action: int) -> Transition:
        self._paddle = min(max(self._paddle + int(action) - 1, 0), SIDE - 1)
        self._row += 1
        ended = self._row == SIDE - 1
        reward = (1.0 if self._paddle == self._ball else -1.0) if ended else 0.0
        return Transition(self._board(), reward, ended, False, 1)

    def _board(self) -> NDArray[np.float32]:
        board = np.zeros((SIDE, SIDE), dtype=np.float32)
        board[self._row, self._ball] = 1.0
        board[-1, self._paddle] = 1.0
        return board.reshape(-1)

    def close(self) -> None:
        pass


class Reach:
    """A point with inertia and a goal in [-1, 1]^2; cut after 20 decisions."""

    def reset(self, seed: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        self._position, self._goal = rng.uniform(-1, 1, size=(2, 2))
        self._steps = 0
        return self._state()

    def step(self, action: NDArray[np.float32]) -> Transition:
        self._position = np.clip(self._position + 0.2 * action, -1, 1)
        self._steps += 1
        distance = float(np.linalg.norm(self._position - self._goal))
        return Transition(
            self._state(), -min(distance, 1.0), False, self._steps == 20, 1
        )

    def _state(self) -> NDArray[np.float32]:
        return np.asarray([*self._position, *self._goal], dtype=np.float32)

    def close(self) -> None:
        pass


class Hurry:
    """Short episodes (4 decisions) are worth 0, long ones (40) are worth 1.

    Which one it is depends on the seed alone, half and half, so the mean return is 0.5
    and every estimator that prefers short episodes falls below it.
    """

    def reset(self, seed: int) -> NDArray[np.float32]:
        self._long = bool(np.random.default_rng(seed).integers(2))
        self._steps = 0
        return self._state()

    def step(self, action: int) -> Transition:
        self._steps += 1
        ended = self._steps == (40 if self._long else 4)
        reward = float(self._long) if ended else 0.0
        # The short ones lose their only life on the way, a death within the game.
        lives = 2 - (not self._long and self._steps >= 2)
        return Transition(self._state(), reward, ended, False, 1, lives)

    def _state(self) -> NDArray[np.float32]:
        return np.array([self._long, self._steps / 40], dtype=np.float32)

    def close(self) -> None:
        pass


CORRIDOR = 10
"""Steps of the T-maze from its start to its junction."""


class TMaze:
    """A cue at the start tells the arm to turn into ten steps later; cut after 30.

    Actions: 0 walks on, 1 and 2 turn left and right, which works at the junction alone
    and ends the episode: +1 in the arm of the cue, else 0.
    """

    def reset(self, seed: int) -> NDArray[np.float32]:
        self._arm = int(np.random.default_rng(seed).integers(2))
        self._position = self._steps = 0
        return self._seen()

    def step(self, action: int) -> Transition:
        self._steps += 1
        turned = self._position == CORRIDOR and action > 0
        if action == 0:
            self._position = min(self._position + 1, CORRIDOR)
        reward = float(turned and action - 1 == self._arm)
        cut = not turned and self._steps == 3 * CORRIDOR
        return Transition(self._seen(), reward, bool(turned), cut, 1)

    def _seen(self) -> NDArray[np.float32]:
        """Left cue, right cue, corridor, junction: one of them is 1."""
        seen = np.zeros(4, dtype=np.float32)
        in_corridor = 3 if self._position == CORRIDOR else 2
        seen[self._arm if self._position == 0 else in_corridor] = 1.0
        return seen

    def close(self) -> None:
        pass


GAMES: dict[str, Callable[[], Simulation]] = {
    "catch": Catch,
    "reach": Reach,
    "hurry": Hurry,
    "t_maze": TMaze,
}


def make_toy(game: str) -> Any:
    """A new simulation of a toy."""
    return GAMES[game]()
