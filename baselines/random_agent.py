"""Random: uniform actions. The floor that every method must leave.

Paper: none; the "random" column of the benchmarks' tables.
Reference code: none.
Differences: none. It trains not at all, so its budget stays unspent.
"""

from typing import Any, ClassVar

import numpy as np

from harness.agent import StepAgent

__all__ = ["Random"]


class Random(StepAgent):
    """Draws every action uniformly."""

    suites: ClassVar[str] = "all"

    def train(self, env: Any) -> None:
        """Nothing to learn."""

    def act(self, obs: Any, first: Any, state: Any, *, explore: bool) -> Any:
        space = self.task.action_space
        if space.dtype is not None and np.issubdtype(space.dtype, np.integer):
            return self.rng.integers(space.n, size=len(obs)), state, None  # type: ignore[attr-defined]
        shape = (len(obs), *(space.shape or ()))
        return self.rng.uniform(-1, 1, shape).astype(np.float32), state, None
