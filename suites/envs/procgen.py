"""Procgen through its own vectorised engine (gym3, not the old gym)."""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from suites.envs.quiet import silence_gym
from suites.envs.vector import EpisodeSeeds, Infos, StepResult, SuiteVectorEnv
from suites.options import EnvOptions
from suites.settings import ProcgenSettings

silence_gym()

from procgen import ProcgenGym3Env  # noqa: E402


class ProcgenVec(SuiteVectorEnv):
    """One game on its training levels or on all levels.

    The engine is seeded once; from then on each sub-environment draws its levels from a
    stream of its own, so an episode's level depends on the seed, the sub-environment
    and the episode's number alone (tests/suites/envs/test_procgen.py). The engine shows
    no last frame of an episode, so `final_obs_valid` is False.
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
    ) -> None:
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
        self._lengths = np.zeros(options.num_envs, dtype=np.int64)
        self._engine: ProcgenGym3Env | None = None
        self._arguments = {
            "num": options.num_envs,
            "env_name": settings.game,
            "distribution_mode": settings.distribution_mode,
            "num_levels": 0 if all_levels else settings.train_levels,
            "start_level": 0,
            # One thread is slower than none.
            "num_threads": 0 if threads == 1 else threads,
        }

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        # The engine cannot end an episode early: a reset is a new engine (2 ms).
        self.close_extras()
        seeds = [self._next_seed(row) for row in range(self.num_envs)]
        self._engine = ProcgenGym3Env(rand_seed=seeds[0], **self._arguments)
        self._lengths[:] = 0
        _, obs, _ = self._engine.observe()
        return obs["rgb"], {}

    def step(self, actions: NDArray[Any]) -> StepResult:
        if self._engine is None:
            raise RuntimeError("step() before reset()")
        self._engine.act(actions)
        reward, obs, ended = self._engine.observe()
        self._lengths += 1
        truncated = np.zeros(self.num_envs, dtype=bool)
        infos: Infos = {"env_frames": np.ones(self.num_envs, dtype=np.int64)}
        if ended.any():
            truncated = ended & (self._lengths >= self._time_limit)
            self._lengths[ended] = 0
            infos["final_obs"] = np.zeros_like(obs["rgb"])
            infos["final_obs_valid"] = np.zeros(self.num_envs, dtype=bool)
        terminated = ended & ~truncated
        return obs["rgb"], reward.astype(np.float64), terminated, truncated, infos

    def close_extras(self, **kwargs: Any) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
