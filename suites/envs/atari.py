"""Atari through ale_py's vector engine: frames, repeats and stacks made in C++."""

from typing import Any

import gymnasium
import numpy as np
from ale_py.vector_env import AtariVectorEnv
from numpy.typing import NDArray

from suites.envs.vector import (
    AUTORESET_MODES,
    Bools,
    EpisodeSeeds,
    Infos,
    StepResult,
    SuiteVectorEnv,
)
from suites.options import EnvOptions
from suites.settings import AtariSettings


class AtariVec(SuiteVectorEnv):
    """One game. An episode is a function of its seed and the actions since it.

    A seeded reset reloads the game (about 0.1 s), an unseeded one does not (5 ms), so
    training seeds a sub-environment only when the protocol says so.
    """

    def __init__(
        self,
        settings: AtariSettings,
        options: EnvOptions,
        spaces: tuple[gymnasium.Space[Any], gymnasium.Space[Any]],
        *,
        seeds: EpisodeSeeds,
        reseed_after: int | None,
        threads: int,
        size: tuple[int | None, int | None] | None = None,
    ) -> None:
        """Args:
        size: height and width of a frame; None is the options' square.
        """
        height, width = size or (options.resolution, options.resolution)
        super().__init__(
            options.num_envs,
            spaces,
            seeds=seeds,
            reseed_after=reseed_after,
            autoreset=options.autoreset,
        )
        self._engine = AtariVectorEnv(
            settings.rom,
            num_envs=options.num_envs,
            num_threads=threads,
            max_num_frames_per_episode=settings.max_frames,
            repeat_action_probability=settings.sticky_probability,
            full_action_space=settings.full_action_space,
            autoreset_mode=AUTORESET_MODES[options.autoreset],
            img_height=height,
            img_width=width,
            grayscale=options.grayscale,
            stack_num=options.stack,
            frameskip=settings.frame_skip,
            maxpool=settings.max_pool,
            noop_max=settings.max_no_ops,
            episodic_life=False,
            life_loss_info=False,
            reward_clipping=False,
            use_fire_reset=False,
        )
        self._frame_number = np.zeros(options.num_envs, dtype=np.int32)
        self._waiting = np.zeros(options.num_envs, dtype=bool)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], Infos]:
        self._waiting[:] = False
        obs, engine = self._seeded_reset(np.arange(self.num_envs))
        return obs, {"lives": engine["lives"]}

    def _seeded_reset(self, rows: NDArray[np.intp]) -> tuple[NDArray[Any], Infos]:
        mask = np.zeros(self.num_envs, dtype=bool)
        mask[rows] = True
        seeds = np.array([self._next_seed(int(row)) for row in rows])
        obs, engine = self._engine.reset(seed=seeds, options={"reset_mask": mask})
        self._frame_number = engine["frame_number"]
        return obs, engine

    def _step(self, actions: NDArray[Any]) -> StepResult:
        obs, reward, terminated, truncated, engine = self._engine.step(actions)
        frames = engine["frame_number"] - self._frame_number
        self._frame_number = engine["frame_number"]
        self._steps_since_seeding += 1
        infos: Infos = {"env_frames": frames, "lives": engine["lives"]}
        if self._next_step and np.count_nonzero(self._waiting):
            obs = self._begin_waiting(obs, frames, infos)
        ended: Bools = terminated | truncated
        if self._next_step:
            self._waiting = ended
        elif np.count_nonzero(ended):
            # The counter runs on over the autoreset; the new episode's no-ops are
            # no frames of this step.
            frames[ended] -= engine["episode_frame_number"][ended]
            # The engine leaves older frames in the rows that go on.
            final_obs = np.zeros_like(obs)
            final_obs[ended] = engine["final_obs"][ended]
            infos["final_obs"] = final_obs
            infos["final_obs_valid"] = ended.copy()
            obs = self._begin(ended, obs, infos)
        return obs, reward.astype(np.float64), terminated, truncated, infos

    def _begin(self, ended: Bools, obs: NDArray[Any], infos: Infos) -> NDArray[Any]:
        """Begins the next episode of the ended rows, seeded anew where it is due."""
        due = self._due(ended)
        unseeded = ended.copy()
        unseeded[due] = False
        self._episode += unseeded
        if due.size:
            obs, engine = self._seeded_reset(due)
            infos["lives"] = engine["lives"]
        return obs

    def _begin_waiting(
        self, obs: NDArray[Any], frames: NDArray[Any], infos: Infos
    ) -> NDArray[Any]:
        """Next-step autoreset: this step began the rows that ended at the last one."""
        frames[self._waiting] = 0
        self._steps_since_seeding -= self._waiting
        return self._begin(self._waiting, obs, infos)

    def save(self) -> dict[str, Any]:
        return {**super().save(), "waiting": self._waiting.copy()}

    def _restore(self, state: dict[str, Any]) -> None:
        """Plays again what every row did since its last seeding, all in step: a row
        that was seeded later begins later. (A saved ALE state changes screens.)"""
        actions = state["actions"]
        starts = len(actions) - state["ages"]
        seeds = np.array([self._last_seed(row) for row in range(self.num_envs)])
        everybody = np.ones(self.num_envs, dtype=bool)
        _, engine = self._engine.reset(seed=seeds, options={"reset_mask": everybody})
        for time in range(len(actions) + 1):
            late = (starts == time) & (time > 0)
            if late.any():
                mask = {"reset_mask": late}
                _, engine = self._engine.reset(seed=seeds[late], options=mask)
            if time < len(actions):
                # A row that begins later plays along until then.
                *_, engine = self._engine.step(actions[time])
        self._frame_number = engine["frame_number"]
        self._waiting[:] = state["waiting"]

    def close_extras(self, **kwargs: Any) -> None:
        self._engine.close()
