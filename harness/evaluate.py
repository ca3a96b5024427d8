"""Evaluation: a frozen policy plays a fixed number of episodes on seeds of its own.

Every sub-environment plays the same number of episodes, so an evaluation does not
favour short ones (tests/harness/test_evaluate.py holds that on a task whose short
episodes score low).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.actions import ActionCheck
from harness.agent import Policy
from harness.seeding import Role, derive_seed, episode_seeds
from harness.simulate import simulate
from suites.envs.make import make_env
from suites.envs.vector import SuiteVectorEnv
from suites.options import EnvOptions
from suites.spec import Suite, Task

FINAL = 0
"""The seed key of the final evaluation; the points of the curve are 1, 2, ..."""


@dataclass
class Episodes:
    """What was played, in the order (sub-environment, episode)."""

    returns: list[float] = field(default_factory=list)
    """Raw, unclipped."""
    lengths: list[int] = field(default_factory=list)
    """Agent steps."""
    env_frames: list[int] = field(default_factory=list)
    terminated: list[bool] = field(default_factory=list)


def play(
    policy: Policy,
    env: SuiteVectorEnv,
    episodes: int,
    on_step: Callable[[int], None] = lambda played: None,
) -> Episodes:
    """Plays `episodes` episodes, the same number in every sub-environment.

    Args:
        env: with seeds already set (`SuiteVectorEnv.begin`).
        episodes: a multiple of env.num_envs.
        on_step: called with the number of episodes played so far.

    Raises:
        BadAction: the policy's actions are not those of the task.
    """
    quota = episodes // env.num_envs
    check = ActionCheck(env.single_action_space, env.num_envs)
    rewarded = getattr(policy, "rewarded", None)  # optional, see Policy
    played: list[Episodes] = [Episodes() for _ in range(env.num_envs)]
    returns = np.zeros(env.num_envs)
    lengths = np.zeros(env.num_envs, dtype=np.int64)
    frames = np.zeros(env.num_envs, dtype=np.int64)
    obs, _ = simulate(env.reset)
    first: NDArray[np.bool_] = np.ones(env.num_envs, dtype=bool)
    count = 0
    while count < episodes:
        actions = check(policy.act(obs, first))
        obs, reward, terminated, truncated, infos = simulate(env.step, actions)
        if rewarded is not None:
            rewarded(reward.copy())
        returns += reward
        lengths += 1
        frames += infos["env_frames"]
        first = terminated | truncated
        for row in np.flatnonzero(first):
            if len(played[row].returns) < quota:
                played[row].returns.append(float(returns[row]))
                played[row].lengths.append(int(lengths[row]))
                played[row].env_frames.append(int(frames[row]))
                played[row].terminated.append(bool(terminated[row]))
                count += 1
            returns[row] = lengths[row] = frames[row] = 0
        on_step(count)
    return Episodes(
        returns=[value for rows in played for value in rows.returns],
        lengths=[value for rows in played for value in rows.lengths],
        env_frames=[value for rows in played for value in rows.env_frames],
        terminated=[value for rows in played for value in rows.terminated],
    )


def _add(
    on_progress: Callable[[int, int], None], before: int, total: int, played: int
) -> None:
    on_progress(before + played, total)


class Evaluator:
    """Evaluates a run's policies by the protocol's plan; keeps its environments."""

    def __init__(
        self,
        suite: Suite,
        task: Task,
        seed: int,
        options: EnvOptions,
        *,
        threads: int,
    ) -> None:
        """Args:
        options: the agent's resolved options; only those that shape observations
            apply in evaluation.
        """
        self._suite = suite
        self._task = task
        self._seed = seed
        self._plan = task.protocol.evaluation
        self._options = EnvOptions(
            num_envs=self._plan.num_envs,
            resolution=options.resolution,
            grayscale=options.grayscale,
            stack=options.stack,
        )
        self._threads = threads
        self._envs: dict[str, SuiteVectorEnv] = {}
        self.wall_seconds = 0.0

    def evaluate(
        self,
        make_policy: Callable[[int], Policy],
        point: int,
        on_progress: Callable[[int, int], None] = lambda played, of: None,
    ) -> list[dict[str, Any]]:
        """Plays one evaluation on every split and returns a row for each.

        Args:
            make_policy: seed -> frozen policy; a fresh one for each split.
            point: FINAL, or 1, 2, ... along the curve.
            on_progress: called with episodes played and to play.
        """
        plan = self._plan
        episodes = plan.final_episodes if point == FINAL else plan.episodes
        rows = []
        for index, split in enumerate(plan.splits):
            began = perf_counter()
            policy = make_policy(self._policy_seed(point, index))
            env = self._env(split, point, index)
            before, total = index * episodes, episodes * len(plan.splits)
            on_step = partial(_add, on_progress, before, total)
            result = play(policy, env, episodes, on_step)
            seconds = perf_counter() - began
            self.wall_seconds += seconds
            rows.append(
                {
                    "point": point,
                    "final": point == FINAL,
                    "split": split,
                    "returns": result.returns,
                    "lengths": result.lengths,
                    "env_frames": result.env_frames,
                    "terminated": result.terminated,
                    "wall_seconds": round(seconds, 3),
                }
            )
        return rows

    def close(self) -> None:
        for env in self._envs.values():
            env.close()
        self._envs.clear()

    def _policy_seed(self, point: int, split_index: int) -> int:
        return derive_seed(
            self._suite.name,
            self._task.name,
            self._seed,
            role=Role.POLICY,
            key=(point, split_index),
        )

    def _env(self, split: str, point: int, split_index: int) -> SuiteVectorEnv:
        seeds = episode_seeds(
            self._suite.name,
            self._task.name,
            self._seed,
            role=Role.EVALUATION,
            key=(point, split_index),
        )
        if split not in self._envs:
            self._envs[split] = make_env(
                self._task,
                self._options,
                seeds=seeds,
                split=split,
                threads=self._threads,
            )
        env = self._envs[split]
        env.begin(seeds)
        return env
