"""The interface that every simulator's adapter offers, and who seeds what when.

A `SuiteVectorEnv` is a `gymnasium.vector.VectorEnv` with same-step autoreset (or
next-step, where asked for and possible). Seeds come from outside, one an episode; the
seed that a user passes to `reset` is ignored, so nobody replays easy episodes.

An environment can be saved and restored: what a simulator cannot save itself is played
again from its last seeding (tests/suites/envs/test_restore.py).
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

TRIM_HISTORY = 1000
"""Vector steps after which forgotten history is dropped."""

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
        self._seeded_episode = np.zeros(num_envs, dtype=np.int64)
        self._seeded_at = np.zeros(num_envs, dtype=np.int64)
        self._vector_steps = 0
        self._history: list[NDArray[Any]] | None = None
        self._trim_at = TRIM_HISTORY

    def begin(self, seeds: EpisodeSeeds) -> None:
        """Takes a new stream of seeds, from episode 0; `reset` comes next."""
        self._seeds = seeds
        self._episode[:] = -1

    @abstractmethod
    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        """Starts every sub-environment's next episode; `seed` is ignored."""

    def step(self, actions: NDArray[Any]) -> StepResult:
        """Steps all sub-environments once."""
        self._vector_steps += 1
        if self._history is not None:
            self._remember(actions)
        return self._step(actions)

    @abstractmethod
    def _step(self, actions: NDArray[Any]) -> StepResult:
        """What `step` does on this simulator."""

    def keep_history(self) -> None:
        """Remembers actions from the next `reset` on, so that `save` is possible."""
        self._history = []

    def save(self) -> dict[str, Any]:
        """Everything that `restore` needs, as arrays and numbers.

        Raises:
            RuntimeError: the history was not kept.
        """
        if self._history is None:
            raise RuntimeError("save() needs keep_history() before the first reset()")
        ages = self._vector_steps - self._seeded_at
        since = self._history[len(self._history) - int(ages.max()) :]
        return {
            "episode": self._episode.copy(),
            "steps_since_seeding": self._steps_since_seeding.copy(),
            "seeded_episode": self._seeded_episode.copy(),
            "ages": ages,
            "actions": np.stack(since) if since else np.zeros((0, self.num_envs)),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Brings a fresh environment to where another one was at `save`."""
        actions = state["actions"]
        self._episode[:] = state["episode"]
        self._steps_since_seeding[:] = state["steps_since_seeding"]
        self._seeded_episode[:] = state["seeded_episode"]
        self._vector_steps = len(actions)
        self._seeded_at[:] = self._vector_steps - state["ages"]
        self._history = list(actions)
        self._restore(state)

    def _restore(self, state: dict[str, Any]) -> None:
        """Brings the simulator there; the counts are set already."""
        raise NotImplementedError(f"{type(self).__name__} cannot be restored")

    def _remember(self, actions: NDArray[Any]) -> None:
        assert self._history is not None
        self._history.append(actions.copy())
        if len(self._history) > self._trim_at:
            oldest = int((self._vector_steps - self._seeded_at).max())
            del self._history[: len(self._history) - oldest]
            self._trim_at = 2 * len(self._history) + TRIM_HISTORY

    def _last_seed(self, row: int) -> int:
        """The seed that a row's stream last began from."""
        return self._seeds(row, int(self._seeded_episode[row]))

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
        self._seeded_episode[row] = self._episode[row]
        self._seeded_at[row] = self._vector_steps
        seed = self._seeds(row, int(self._episode[row]))
        if not 0 <= seed <= MAX_SEED:
            raise ValueError(f"An episode's seed is 0 .. {MAX_SEED} (got {seed})")
        return seed

    def _due(self, ended: Bools) -> NDArray[np.intp]:
        """Rows among the ended ones that the protocol seeds anew now."""
        if self._reseed_after is None:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(ended & (self._steps_since_seeding >= self._reseed_after))
