"""What the agent sees of a step that the meter has counted: its training options."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suites.options import EnvOptions


class Shown(NamedTuple):
    """The part of a step that training options change."""

    reward: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    infos: dict[str, Any]


class AgentView:
    """Clips rewards and ends episodes at lost lives, for the agent alone.

    A lost life ends the agent's view of an episode; the game goes on, and so does what
    is counted. The rule is SPR's: fewer lives than before, but not none.
    """

    def __init__(self, options: EnvOptions, num_envs: int) -> None:
        self._clip = options.clip_rewards
        self._life_loss = options.life_loss_ends
        self._lives = np.zeros(num_envs, dtype=np.int64)

    def started(self, infos: dict[str, Any]) -> None:
        """A reset: lives are counted from here."""
        self._lives = infos.get("lives", np.zeros_like(self._lives))

    def save(self) -> NDArray[np.int64]:
        """Lives by sub-environment."""
        return self._lives.copy()

    def restore(self, lives: NDArray[np.int64]) -> None:
        """Takes over what `save` gave."""
        self._lives = lives

    def show(
        self,
        obs: NDArray[Any],
        reward: NDArray[np.float64],
        terminated: NDArray[np.bool_],
        ended: NDArray[np.bool_],
        infos: dict[str, Any],
    ) -> Shown:
        """Args:
        obs, reward, terminated, infos: of the step, as the environment gave them.
        ended: [B], terminated or truncated.
        """
        shown: dict[str, Any] = {}
        if "final_obs" in infos:
            shown["final_obs"] = infos["final_obs"]
            shown["final_obs_valid"] = infos["final_obs_valid"]
        if self._clip:
            reward = np.sign(reward)
        if self._life_loss and "lives" in infos:
            lives = infos["lives"]
            lost = (lives < self._lives) & (lives > 0) & ~ended
            self._lives = lives
            if lost.any():
                terminated = terminated | lost
                _add_final(shown, obs, lost)
        return Shown(reward, terminated, shown)


def _add_final(
    shown: dict[str, Any], obs: NDArray[Any], lost: NDArray[np.bool_]
) -> None:
    """Where only a life was lost, the last observation is the current one."""
    if "final_obs" not in shown:
        shown["final_obs"], shown["final_obs_valid"] = obs, lost
        return
    rows = lost.reshape(-1, *[1] * (obs.ndim - 1))
    shown["final_obs"] = np.where(rows, obs, shown["final_obs"])
    shown["final_obs_valid"] = shown["final_obs_valid"] | lost
