"""The interface that every simulator's adapter offers, and who seeds what when.

A `SuiteVectorEnv` is a `gymnasium.vector.VectorEnv` with same-step autoreset (or
next-step, where asked for and possible). Seeds come from outside, one an episode; the
seed that a user passes to `reset` is ignored, so nobody replays easy episodes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from suites.options import Autoreset

Bools = NDArray[np.bool_]
Infos = dict[str, Any]
StepResult = tuple[NDArray[Any], NDArray[np.float64], Bools, Bools, Infos]

EpisodeSeeds = Callable[[int, int], int]
"""(sub-environment, episode) -> seed in [0, 2**31)."""

MAX_SEED = 2**31 - 1

AUTORESET_MODES = {
    "same_step": AutoresetMode.SAME_STEP,
    "next_step": AutoresetMode.NEXT_STEP,
}


class SuiteVectorEnv(VectorEnv[NDArray[Any], NDArray[Any], NDArray[Any]], ABC):
    """One simulator with `num_envs` sub-environments.

    `step` returns observations [B, *shape], raw rewards [B] float64, terminated [B],
    truncated [B] and infos that hold

    * `env_frames` [B] int: simulator frames that this step took;
    * `lives` [B] int, where the simulator has lives;
    * `final_obs` [B, *shape] and `final_obs_valid` [B] bool, only at steps that end an
      episode: the last observation of the rows that ended. Never bootstrap where
      `final_obs_valid` is False.

    Arrays are the caller's to keep.
    """

    def __init__(
        self,
        num_envs: int,
        spaces: tuple[gymnasium.Space[Any], gymnasium.Space[Any]],
        *,
        seeds: EpisodeSeeds,
        reseed_after: int | None,
        autoreset: Autoreset,
    ) -> None:
        """Args:
        num_envs: B, the number of sub-environments.
        spaces: observation and action space of one sub-environment.
        seeds: gives the seed of an episode.
        reseed_after: a sub-environment is seeded anew at the first episode end
            after so many of its steps; 0 seeds every episode, None only the first.
        autoreset: `same_step` or `next_step`.
        """
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = spaces
        self.observation_space = batch_space(spaces[0], num_envs)
        self.action_space = batch_space(spaces[1], num_envs)
        self.metadata = {"autoreset_mode": AUTORESET_MODES[autoreset]}
        self._seeds = seeds
        self._reseed_after = reseed_after
        self._next_step = autoreset == "next_step"
        self._episode = np.full(num_envs, -1)
        self._steps_since_seeding = np.zeros(num_envs, dtype=np.int64)

    def begin(self, seeds: EpisodeSeeds) -> None:
        """Takes a new stream of seeds, from episode 0; `reset` comes next."""
        self._seeds = seeds
        self._episode[:] = -1

    @abstractmethod
    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        """Starts every sub-environment's next episode; `seed` is ignored."""

    @abstractmethod
    def step(self, actions: NDArray[Any]) -> StepResult:
        """Steps all sub-environments once."""

    def state(self) -> NDArray[np.float64] | None:
        """The physics of all sub-environments, one after the other; None where the
        observations say it all or the simulator does not tell."""
        return None

    def _next_seed(self, row: int) -> int:
        """Begins the next episode of a row and returns the seed it starts from.

        Raises:
            ValueError: the seed is outside 0 .. MAX_SEED, which simulators take for
                another, refuse or leave out.
        """
        self._episode[row] += 1
        self._steps_since_seeding[row] = 0
        seed = self._seeds(row, int(self._episode[row]))
        if not 0 <= seed <= MAX_SEED:
            raise ValueError(f"An episode's seed is 0 .. {MAX_SEED} (got {seed})")
        return seed

    def _due(self, ended: Bools) -> NDArray[np.intp]:
        """Rows among the ended ones that the protocol seeds anew now."""
        if self._reseed_after is None:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(ended & (self._steps_since_seeding >= self._reseed_after))
