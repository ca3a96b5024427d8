"""Procgen through its own vectorised engine (gym3, not the old gym)."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from suites.envs.procgen_state import (
    check_time_limit,
    load_row,
    save_row,
    with_time_limit,
)
from suites.envs.quiet import silence_gym
from suites.envs.vector import Bools, EpisodeSeeds, Infos, StepResult, SuiteVectorEnv
from suites.options import EnvOptions
from suites.settings import ProcgenSettings

silence_gym()

from procgen import ProcgenGym3Env  # noqa: E402


class ProcgenVec(SuiteVectorEnv):
    """One game on its training levels or on all levels.

    The engine is seeded once; from then on each sub-environment draws its levels from a
    stream of its own, so an episode's level depends on the seed, the sub-environment
    and the episode's number alone (tests/suites/envs/test_procgen.py). An episode does
    not depend on the actions of the one before, but for one thing: until its first move
    dodgeball's agent throws in the direction of its last move there.

    The engine begins the next episode before it shows the last frame of one. At a
    time-out the true last frame comes from a scratch engine, which plays the same step
    under a higher limit; after a death or a completion `final_obs_valid` is False.
    """

    def __init__(
        self,
        settings: ProcgenSettings,
        options: EnvOptions,
        spaces: tuple[gymnasium.Space[Any], gymnasium.Space[Any]],
        *,
        seeds: EpisodeSeeds,
        all_levels: bool,
        threads: int,
        for_people: bool = False,
    ) -> None:
        """Args:
        for_people: observations are the engine's large pictures [512, 512, 3].
        """
        if options.autoreset != "same_step":
            raise ValueError(
                "Procgen resets within the step: autoreset='next_step' is not possible"
            )
        super().__init__(
            options.num_envs,
            spaces,
            seeds=seeds,
            reseed_after=None,
            autoreset=options.autoreset,
        )
        self._time_limit = settings.time_limit
        self._steps = 0
        self._cut_at = np.zeros(options.num_envs, dtype=np.int64)
        self._engine: ProcgenGym3Env | None = None
        self._scratch: ProcgenGym3Env | None = None
        self._arguments = {
            "num": options.num_envs,
            "env_name": settings.game,
            "distribution_mode": settings.distribution_mode,
            "num_levels": 0 if all_levels else settings.train_levels,
            "start_level": 0,
            # One thread is slower than none.
            "num_threads": 0 if threads == 1 else threads,
            "render_mode": "rgb_array" if for_people else None,
        }
        self._for_people = for_people

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        # The engine cannot end an episode early: a reset is a new engine (2 ms).
        self._close_engine()
        seeds = [self._next_seed(row) for row in range(self.num_envs)]
        self._engine = ProcgenGym3Env(rand_seed=seeds[0], **self._arguments)
        self._steps = 0
        self._cut_at[:] = self._time_limit
        _, obs, _ = self._engine.observe()
        self._check_time_limit(save_row(self._engine, 0))
        return self._shown(self._engine, obs), {}

    def _step(self, actions: NDArray[Any]) -> StepResult:
        if self._engine is None:
            raise RuntimeError("step() before reset()")
        self._steps += 1
        at_limit = self._cut_at == self._steps
        last_frames: dict[int, NDArray[Any]] = {}
        if np.count_nonzero(at_limit):
            last_frames = self._last_frames(self._engine, at_limit, actions)
        self._engine.act(actions)
        reward, observed, ended = self._engine.observe()
        obs = self._shown(self._engine, observed)
        truncated = np.zeros(self.num_envs, dtype=bool)
        infos: Infos = {"env_frames": np.ones(self.num_envs, dtype=np.int64)}
        if np.count_nonzero(ended):
            self._cut_at[ended] = self._steps + self._time_limit
            final_obs = np.zeros_like(obs)
            for row, frame in last_frames.items():
                final_obs[row] = frame
                truncated[row] = True
            infos["final_obs"] = final_obs
            infos["final_obs_valid"] = truncated.copy()
        terminated = ended & ~truncated
        return obs, reward.astype(np.float64), terminated, truncated, infos

    def _shown(self, engine: ProcgenGym3Env, observed: dict[str, Any]) -> NDArray[Any]:
        """[B, 64, 64, 3], or [B, 512, 512, 3] for people."""
        if self._for_people:
            return np.stack([info["rgb"] for info in engine.get_info()])
        return np.asarray(observed["rgb"])

    def save(self) -> dict[str, Any]:
        """The engine's own states; no history is needed."""
        if self._engine is None:
            raise RuntimeError("save() before reset()")
        rows = range(self.num_envs)
        states = [np.frombuffer(save_row(self._engine, row), np.uint8) for row in rows]
        return {"states": states, "steps": self._steps, "cut_at": self._cut_at.copy()}

    def restore(self, state: dict[str, Any]) -> None:
        self._close_engine()
        self._engine = ProcgenGym3Env(rand_seed=0, **self._arguments)
        self._engine.observe()
        for row, saved in enumerate(state["states"]):
            load_row(self._engine, row, saved.tobytes())
        self._engine.observe()
        self._steps = int(state["steps"])
        self._cut_at[:] = state["cut_at"]

    def _last_frames(
        self, engine: ProcgenGym3Env, at_limit: Bools, actions: NDArray[Any]
    ) -> dict[int, NDArray[Any]]:
        """Last frames of the rows that this step cuts, before the engine plays it.

        A row that ends even under a higher limit dies or completes its level with the
        limit's step: it is not cut and not in the answer.
        """
        if self._scratch is None:
            arguments = self._arguments | {"num": 1, "num_threads": 0}
            self._scratch = ProcgenGym3Env(rand_seed=0, **arguments)
        frames = {}
        for row in np.flatnonzero(at_limit).tolist():
            state = save_row(engine, row)
            self._check_time_limit(state)
            load_row(self._scratch, 0, with_time_limit(state, self._time_limit + 1))
            self._scratch.act(actions[row : row + 1])
            _, observed, ended = self._scratch.observe()
            if not ended[0]:
                frames[row] = self._shown(self._scratch, observed)[0]
        return frames

    def _check_time_limit(self, state: bytes) -> None:
        game = str(self._arguments["env_name"])
        check_time_limit(state, game=game, expected=self._time_limit)

    def _close_engine(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def close_extras(self, **kwargs: Any) -> None:
        self._close_engine()
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None
