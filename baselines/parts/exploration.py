"""How an agent leaves its best action now and then."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def epsilon_greedy(
    best: NDArray[Any], epsilon: float, actions: int, rng: np.random.Generator
) -> NDArray[Any]:
    """[B] actions: each the best, or with chance epsilon any of them."""
    if epsilon == 0:
        return best
    random = rng.integers(actions, size=best.shape)
    return np.where(rng.random(best.shape) < epsilon, random, best)
