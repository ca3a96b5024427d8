"""What an agent hands to `step`, checked before a simulator sees it."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete
from numpy.typing import NDArray


class BadAction(ValueError):
    """Actions of the wrong shape, type or range, or not finite."""


class ActionCheck:
    """Checks and casts a batch of actions for one action space."""

    def __init__(self, space: gymnasium.Space[Any], num_envs: int) -> None:
        """Args:
        space: of one sub-environment; Discrete or a Box of [-1, 1].
        num_envs: B, the rows that a batch must have.
        """
        self._discrete = isinstance(space, Discrete)
        self._n = np.uint64(space.n) if isinstance(space, Discrete) else np.uint64(0)
        self._shape = (num_envs, *(space.shape or ()))

    def __call__(self, actions: Any) -> NDArray[Any]:
        """Returns int64 [B] or float32 [B, n], the latter clipped to [-1, 1].

        Raises:
            BadAction: the message says what was got and what is wanted.
        """
        try:
            array = np.asarray(actions)
        except Exception as error:
            raise BadAction(f"actions are no array: {error}") from error
        if array.shape != self._shape:
            raise BadAction(
                f"actions must have shape {self._shape} (got {array.shape})"
            )
        return self._discrete_actions(array) if self._discrete else self._box(array)

    def _discrete_actions(self, array: NDArray[Any]) -> NDArray[np.int64]:
        if array.dtype.kind not in "iu":
            raise BadAction(
                f"discrete actions must be integers (got dtype {array.dtype}"
                f"{_not_finite(array)})"
            )
        whole = np.ascontiguousarray(array, dtype=np.int64)
        # Seen as unsigned, a negative action is a huge one: one comparison for both.
        if np.count_nonzero(whole.view(np.uint64) >= self._n):
            raise BadAction(
                f"discrete actions must lie in 0 .. {int(self._n) - 1} "
                f"(got {whole.min()} .. {whole.max()})"
            )
        return whole

    def _box(self, array: NDArray[Any]) -> NDArray[np.float32]:
        if array.dtype.kind != "f":
            raise BadAction(
                f"continuous actions must be floats (got dtype {array.dtype})"
            )
        numbers = np.ascontiguousarray(array, dtype=np.float32)
        if np.count_nonzero(np.abs(numbers) <= 1.0) == numbers.size:
            return numbers
        if not np.isfinite(numbers).all():
            raise BadAction(f"actions hold NaN or infinity: {numbers.tolist()}")
        return np.clip(numbers, -1.0, 1.0)


def _not_finite(array: NDArray[Any]) -> str:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return ", with NaN or infinity"
    return ""
