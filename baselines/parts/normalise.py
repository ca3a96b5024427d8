"""Running statistics that put observations and rewards on a common scale."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class RunningMoments:
    """Mean and variance of everything seen (parallel rule of Chan et al. 1979)."""

    def __init__(self, shape: tuple[int, ...] = ()) -> None:
        self.mean = np.zeros(shape)
        self.variance = np.ones(shape)
        self.count = 1e-4

    def update(self, batch: NDArray[Any]) -> None:
        """Takes in a batch [B, *shape]."""
        count = len(batch)
        mean, variance = batch.mean(axis=0), batch.var(axis=0)
        delta, total = mean - self.mean, self.count + count
        squares = self.variance * self.count + variance * count
        self.variance = (squares + delta**2 * self.count * count / total) / total
        self.mean = self.mean + delta * count / total
        self.count = total

    def normalise(self, batch: NDArray[Any], clip: float = 10.0) -> NDArray[np.float32]:
        """[B, *shape] with mean 0 and variance 1, within +-clip."""
        scaled = (batch - self.mean) / np.sqrt(self.variance + 1e-8)
        return np.asarray(np.clip(scaled, -clip, clip), dtype=np.float32)

    def state_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "variance": self.variance, "count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.mean = np.array(state["mean"])
        self.variance = np.array(state["variance"])
        self.count = float(state["count"])


class RewardScale:
    """Divides rewards by the standard deviation of the running discounted return."""

    def __init__(self, num_envs: int, discount: float) -> None:
        self._discount = discount
        self._returns = np.zeros(num_envs)
        self._moments = RunningMoments()

    def __call__(self, reward: Floats, ended: NDArray[np.bool_]) -> Floats:
        """[B] rewards, scaled and within +-10.

        Args:
            ended: [B]; the running return starts anew where an episode ended.
        """
        self._returns = self._returns * self._discount + reward
        self._moments.update(self._returns)
        self._returns[ended] = 0.0
        scaled = reward / np.sqrt(self._moments.variance + 1e-8)
        return np.asarray(np.clip(scaled, -10.0, 10.0))

    def state_dict(self) -> dict[str, Any]:
        return {"returns": self._returns, "moments": self._moments.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._returns = np.array(state["returns"])
        self._moments.load_state_dict(state["moments"])
