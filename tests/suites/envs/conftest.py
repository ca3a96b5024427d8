"""Environments as the harness makes them, and trajectories to compare."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from gymnasium.spaces import Discrete

from suites.envs.make import make_env
from suites.envs.vector import SuiteVectorEnv
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite


def row_seed(row: int, episode: int) -> int:
    """A seed for every episode of every sub-environment."""
    return 1000 * (row + 1) + episode


class Trajectory(NamedTuple):
    """What a sequence of random actions led to."""

    digest: str
    rewards: np.ndarray
    ends: int
    first_obs: list[str]
    """Digests of the observations that began an episode in sub-environment 0."""


@pytest.fixture
def env() -> Iterator[Callable[..., SuiteVectorEnv]]:
    """Makes environments and closes them after the test."""
    made: list[SuiteVectorEnv] = []

    def make(
        suite: str,
        task: str,
        *,
        seeds: Callable[[int, int], int] = row_seed,
        split: str | None = None,
        threads: int = 1,
        settings: dict[str, Any] | None = None,
        **options: Any,
    ) -> SuiteVectorEnv:
        from dataclasses import replace

        found = load_suite(suite).task(task)
        if settings:
            changed = replace(found.protocol.settings, **settings)
            found = replace(found, protocol=replace(found.protocol, settings=changed))
        resolved = resolve_options(EnvOptions(**options), found.protocol.options)
        made.append(
            make_env(found, resolved, seeds=seeds, split=split, threads=threads)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


def random_actions(env: SuiteVectorEnv, steps: int, seed: int = 0) -> list[np.ndarray]:
    """[steps] batches; column b is the same for any number of sub-environments."""
    space = env.single_action_space
    columns = []
    for row in range(env.num_envs):
        rng = np.random.default_rng([seed, row])
        if isinstance(space, Discrete):
            columns.append(rng.integers(space.n, size=steps))
        else:
            columns.append(rng.uniform(-1, 1, (steps, *space.shape)).astype(np.float32))
    return [np.stack([column[t] for column in columns]) for t in range(steps)]


def roll(env: SuiteVectorEnv, steps: int, *, row: int = 0, seed: int = 0) -> Trajectory:
    """Plays random actions and digests what one sub-environment saw."""
    total = hashlib.sha256()
    rewards, ends = [], 0
    obs, _ = env.reset()
    firsts = [hashlib.sha256(obs[row].tobytes()).hexdigest()]
    total.update(obs[row].tobytes())
    for actions in random_actions(env, steps, seed):
        obs, reward, terminated, truncated, _ = env.step(actions)
        ended = bool(terminated[row] or truncated[row])
        total.update(obs[row].tobytes())
        total.update(bytes([int(terminated[row]), int(truncated[row])]))
        rewards.append(float(reward[row]))
        ends += ended
        if ended:
            firsts.append(hashlib.sha256(obs[row].tobytes()).hexdigest())
    total.update(np.array(rewards).tobytes())
    return Trajectory(total.hexdigest(), np.array(rewards), ends, firsts)
