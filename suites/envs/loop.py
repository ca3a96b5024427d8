"""Simulators that play one environment at a time, as a vector environment.

They are seeded at every episode: their seeded reset costs no more than another.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from suites.envs.vector import EpisodeSeeds, Infos, StepResult, SuiteVectorEnv
from suites.options import Autoreset


class Transition(NamedTuple):
    """What one step of one environment gives."""

    obs: NDArray[Any]
    reward: float
    terminated: bool
    truncated: bool
    env_frames: int
    lives: int | None = None


class Simulation(Protocol):
    """One environment; an episode is a function of its seed and the actions."""

    def reset(self, seed: int) -> NDArray[Any]: ...

    def step(self, action: Any) -> Transition: ...

    def close(self) -> None: ...


class LoopVectorEnv(SuiteVectorEnv):
    """Steps its simulations one after the other."""

    def __init__(
        self,
        simulations: Sequence[Simulation],
        spaces: tuple[gymnasium.Space[Any], gymnasium.Space[Any]],
        *,
        seeds: EpisodeSeeds,
        autoreset: Autoreset,
    ) -> None:
        super().__init__(
            len(simulations), spaces, seeds=seeds, reseed_after=0, autoreset=autoreset
        )
        self._simulations = simulations
        self._waiting = np.zeros(len(simulations), dtype=bool)

    @classmethod
    def build(
        cls, make: Callable[[], Simulation], num_envs: int, **arguments: Any
    ) -> "LoopVectorEnv":
        """Makes `num_envs` simulations and the vector environment around them.

        Where that fails, those that were made are closed.
        """
        simulations: list[Simulation] = []
        with ExitStack() as made:
            for _ in range(num_envs):
                simulations.append(make())
                made.callback(simulations[-1].close)
            built = cls(simulations, **arguments)
            made.pop_all()
        return built

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        self._waiting[:] = False
        obs = [
            simulation.reset(self._next_seed(row))
            for row, simulation in enumerate(self._simulations)
        ]
        return np.stack(obs), {}

    def _step(self, actions: NDArray[Any]) -> StepResult:
        space = self.single_observation_space
        obs = np.empty((self.num_envs, *(space.shape or ())), dtype=space.dtype)
        reward = np.zeros(self.num_envs)
        terminated = np.zeros(self.num_envs, dtype=bool)
        truncated = np.zeros(self.num_envs, dtype=bool)
        frames = np.zeros(self.num_envs, dtype=np.int64)
        lives = np.zeros(self.num_envs, dtype=np.int64)
        infos: Infos = {"env_frames": frames}
        for row, simulation in enumerate(self._simulations):
            if self._waiting[row]:
                obs[row] = simulation.reset(self._next_seed(row))
                self._waiting[row] = False
                continue
            (
                obs[row],
                reward[row],
                terminated[row],
                truncated[row],
                frames[row],
                life,
            ) = simulation.step(actions[row])
            if life is not None:
                lives[row] = life
                infos["lives"] = lives
            if terminated[row] or truncated[row]:
                self._end(row, obs, infos)
        return obs, reward, terminated, truncated, infos

    def save(self) -> dict[str, Any]:
        return {**super().save(), "waiting": self._waiting.copy()}

    def _restore(self, state: dict[str, Any]) -> None:
        for row, simulation in enumerate(self._simulations):
            simulation.reset(self._last_seed(row))
            age = int(state["ages"][row])
            actions = state["actions"][len(state["actions"]) - age :, row]
            replay = getattr(simulation, "replay", None)
            if replay is not None:
                replay(actions)
            else:
                for action in actions:
                    simulation.step(action)
        self._waiting[:] = state["waiting"]

    def state(self) -> NDArray[np.float64] | None:
        told = [getattr(simulation, "state", None) for simulation in self._simulations]
        states = [state() for state in told if state is not None]
        return np.concatenate(states) if states else None

    def _end(self, row: int, obs: NDArray[Any], infos: Infos) -> None:
        if self._next_step:
            self._waiting[row] = True
            return
        if "final_obs" not in infos:
            infos["final_obs"] = np.zeros_like(obs)
            infos["final_obs_valid"] = np.zeros(self.num_envs, dtype=bool)
        infos["final_obs"][row] = obs[row]
        infos["final_obs_valid"][row] = True
        obs[row] = self._simulations[row].reset(self._next_seed(row))

    def close_extras(self, **kwargs: Any) -> None:
        for simulation in self._simulations:
            simulation.close()
