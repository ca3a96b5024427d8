"""Every seed of a run, derived from what the run is and from nothing else.

The same (suite, task, seed, role, point, sub-environment, episode) gives the same seed
on every machine; roles and evaluation points never share a stream. Two methods meet the
same evaluation episodes, so they can be compared pairwise.
"""

import hashlib
import random
import sys
from collections.abc import Callable
from enum import IntEnum

import numpy as np


class Role(IntEnum):
    """What a seed is for."""

    TRAINING = 0
    EVALUATION = 1
    AGENT = 2
    POLICY = 3


def derive_seed(  # every part of the key is an argument, none has a default
    suite: str, task: str, seed: int, *, role: Role, key: tuple[int, ...] = ()
) -> int:
    """A seed in [0, 2**31).

    Args:
        suite: the suite's name without its version.
        seed: the run's seed, 0 or more.
        role: keeps training, evaluation, agent and policy apart.
        key: e.g. (evaluation point, split, sub-environment, episode).
    """
    name = hashlib.sha256(f"{suite}/{task}".encode()).digest()
    sequence = np.random.SeedSequence(
        entropy=int.from_bytes(name[:16]), spawn_key=(seed, int(role), *key)
    )
    return int(sequence.generate_state(1)[0] >> 1)


def episode_seeds(
    suite: str, task: str, seed: int, *, role: Role, key: tuple[int, ...] = ()
) -> Callable[[int, int], int]:
    """The function (sub-environment, episode) -> seed of one stream of episodes."""

    def of(sub_environment: int, episode: int) -> int:
        return derive_seed(
            suite, task, seed, role=role, key=(*key, sub_environment, episode)
        )

    return of


def seed_globals(seed: int) -> None:
    """Seeds the global generators of Python, NumPy and torch, once, in a worker.

    For agents that draw from them all the same; ours draw from their own. Torch is
    also told to prefer deterministic algorithms.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
