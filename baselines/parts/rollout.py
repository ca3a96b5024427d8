"""The steps of an on-policy rollout, time by sub-environment."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rollout:
    """Fixed room for T steps of B sub-environments, filled in order."""

    def __init__(self, steps: int, num_envs: int) -> None:
        self._shape = (steps, num_envs)
        self._columns: dict[str, NDArray[Any]] = {}
        self.filled = 0

    @property
    def full(self) -> bool:
        return self.filled == self._shape[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Of what is stored a step."""
        return tuple(self._columns)

    def add(self, **step: NDArray[Any]) -> None:
        """Stores one vector step; every array is [B, ...]."""
        for name, values in step.items():
            if name not in self._columns:
                shape = (*self._shape, *values.shape[1:])
                self._columns[name] = np.empty(shape, values.dtype)
            self._columns[name][self.filled] = values
        self.filled += 1

    def __getitem__(self, name: str) -> NDArray[Any]:
        """[T, B, ...]; a view that the next rollout overwrites."""
        return self._columns[name]

    def flat(self, name: str) -> NDArray[Any]:
        """[T * B, ...]."""
        column = self._columns[name]
        return column.reshape(-1, *column.shape[2:])

    def clear(self) -> None:
        self.filled = 0

    def state_dict(self) -> dict[str, Any]:
        return {
            "filled": self.filled,
            "columns": {
                name: col[: self.filled] for name, col in self._columns.items()
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.filled = 0
        self._columns = {}
        for t in range(int(state["filled"])):
            self.add(**{name: rows[t] for name, rows in state["columns"].items()})
