"""Stable-Baselines3: its models train through `model.learn()`, under the meter.

    model = PPO("MlpPolicy", Sb3VecEnv(env))    # instead of make_vec_env("Cart...")
    model.learn(total_timesteps=env.budget_agent_steps)

See examples/sb3_agents.py.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suites.envs.quiet import silence_gym

silence_gym()

from stable_baselines3.common.vec_env import VecEnv  # noqa: E402

if TYPE_CHECKING:
    from harness.meter import MeteredEnv

__all__ = ["Sb3Policy", "Sb3VecEnv"]


class Sb3VecEnv(VecEnv):  # type: ignore[misc]
    """A MeteredEnv as Stable-Baselines3 expects it."""

    def __init__(self, env: "MeteredEnv") -> None:
        self._env = env
        self._actions: NDArray[Any] = np.empty(0)
        super().__init__(
            env.num_envs, env.single_observation_space, env.single_action_space
        )

    def reset(self) -> NDArray[Any]:
        """[B, *observation]."""
        obs, _ = self._env.reset()
        return obs

    def step_async(self, actions: NDArray[Any]) -> None:
        self._actions = actions

    def step_wait(
        self,
    ) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.bool_], list[Any]]:
        """obs [B, ...], rewards [B] float32, ends [B], and a dict for each row that
        tells a time limit from a death and shows the last observation."""
        obs, reward, terminated, truncated, infos = self._env.step(self._actions)
        ended = terminated | truncated
        rows: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for row in np.flatnonzero(ended):
            valid = bool(infos["final_obs_valid"][row])
            # Where the simulator cannot show the last observation there is nothing to
            # bootstrap from, so the end counts as one.
            rows[row] = {
                "TimeLimit.truncated": bool(truncated[row]) and valid,
                "terminal_observation": infos["final_obs"][row],
            }
        return obs, reward.astype(np.float32), ended, rows

    def close(self) -> None:
        """The harness closes the environment."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        value = getattr(self._env, attr_name, None)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise AttributeError(f"a metered environment's {attr_name} cannot be set")

    def env_method(
        self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any
    ) -> list[Any]:
        raise AttributeError(f"a metered environment has no method {method_name}")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]

    def seed(self, seed: int | None = None) -> Sequence[None]:
        """Seeds are the protocol's."""
        return [None] * self.num_envs


class Sb3Policy:
    """A model's policy for evaluation, by its own `predict`."""

    def __init__(self, model: Any, *, deterministic: bool = True) -> None:
        self._model = model
        self._deterministic = deterministic

    def act(self, obs: NDArray[Any], first: NDArray[np.bool_]) -> NDArray[Any]:
        actions, _ = self._model.predict(obs, deterministic=self._deterministic)
        return np.asarray(actions)
