"""The meter: counts, limits and records what an agent does to its environment.

An agent of any structure is measured, because measurement sits around the environment.
The meter shows no simulator behind it and trusts nothing that the agent counts.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from harness.actions import ActionCheck
from harness.agent import BudgetSpent
from harness.agent_view import AgentView
from harness.checkpoint import Checkpoints
from harness.recorder import Recorder
from harness.running_digest import RunningDigest
from harness.simulate import simulate
from suites.envs.vector import SuiteVectorEnv
from suites.options import EnvOptions

NEVER = 1 << 62


class Diverged(ArithmeticError):
    """A metric is not finite: the run ends here, and that is its result."""


class MeteredEnv(VectorEnv[NDArray[Any], NDArray[Any], NDArray[Any]]):
    """An environment with a budget.

    * A vector step that would exceed the budget is not executed: BudgetSpent.
    * Evaluation points are served at the entry of the next step, so that the agent has
      learnt from all it has paid for.
    * Returns are raw and whole games, whatever the agent's training options show.
    """

    def __init__(
        self,
        env: SuiteVectorEnv,
        options: EnvOptions,
        *,
        budget_agent_steps: int,
        recorder: Recorder,
        space_seed: int = 0,
        points: Sequence[int] = (),
        on_point: Callable[[int], None] = lambda index: None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        """Args:
        env: the simulator, raw.
        options: the agent's resolved options.
        budget_agent_steps: decisions, all sub-environments together.
        recorder: takes episodes and progress.
        space_seed: of the spaces' own generators.
        points: agent steps at which `on_point(index)` is called, ascending.
        checkpoints: where the state of the training is written now and then.
        """
        self.num_envs = env.num_envs
        self.single_observation_space = env.single_observation_space
        self.single_action_space = env.single_action_space
        self.observation_space = env.observation_space
        self.action_space = env.action_space
        # An agent that samples spaces draws the same in every run of its cell.
        self._spaces = (
            self.single_observation_space,
            self.single_action_space,
            self.observation_space,
            self.action_space,
        )
        for space in self._spaces:
            space.seed(space_seed)
        self.metadata = dict(env.metadata)
        self.budget_agent_steps = budget_agent_steps
        self.agent_steps = 0
        self.episodes = 0
        self.env_seconds = 0.0
        self.__env = env
        self._recorder = recorder
        self._check = ActionCheck(env.single_action_space, env.num_envs)
        self._view = AgentView(options, env.num_envs)
        self._points = tuple(points)
        self._next_point = self._points[0] if self._points else NEVER
        self._on_point = on_point
        self._next_step = options.autoreset == "next_step"
        self._waiting = np.zeros(env.num_envs, dtype=bool)
        self._returns = np.zeros(env.num_envs)
        self._lengths = np.zeros(env.num_envs, dtype=np.int64)
        self._frames = np.zeros(env.num_envs, dtype=np.int64)
        self._ended_frames = 0
        self._digest = RunningDigest()
        self._recent: list[float] = []
        self._evaluation: float | None = None
        self._checkpoints = checkpoints
        self._resumed: dict[str, Any] | None = None
        if checkpoints is not None:
            env.keep_history()

    @property
    def unwrapped(self) -> "MeteredEnv":
        return self

    @property
    def remaining_agent_steps(self) -> int:
        """What is left of the budget."""
        return self.budget_agent_steps - self.agent_steps

    @property
    def env_frames(self) -> int:
        """Simulator frames so far."""
        return self._ended_frames + int(self._frames.sum())

    @property
    def digest(self) -> str:
        """Running digest over all actions, rewards and ends so far."""
        return self._digest.hex()

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Starts new episodes everywhere; seeds are the protocol's, not the caller's.

        Episodes that were under way are recorded as abandoned.
        """
        for row in np.flatnonzero(self._lengths):
            self._record_episode(int(row), terminated=False, abandoned=True)
        self._waiting[:] = False
        obs, infos = simulate(self.__env.reset)
        self._view.started(infos)
        return obs, {}

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[
        NDArray[Any],
        NDArray[np.float64],
        NDArray[np.bool_],
        NDArray[np.bool_],
        dict[str, Any],
    ]:
        """Steps all sub-environments once.

        Args:
            actions: [B] integers, or [B, n] floats (clipped to [-1, 1]).

        Returns:
            obs [B, *observation], reward [B] float64, terminated [B], truncated [B] and
            infos; at steps that end an episode infos hold `final_obs`
            [B, *observation] and `final_obs_valid` [B].

        Raises:
            BudgetSpent: the step would exceed the budget; let it pass.
            BadAction: wrong shape, type or range, or not finite.
        """
        counted = self.num_envs
        if self._next_step:
            counted -= int(np.count_nonzero(self._waiting))
        if self.agent_steps >= self._next_point:
            self._serve_points()
        if self.agent_steps + counted > self.budget_agent_steps:
            raise BudgetSpent(f"{self.agent_steps} of {self.budget_agent_steps} used")
        actions = self._check(actions)
        began = perf_counter()
        obs, reward, terminated, truncated, infos = simulate(self.__env.step, actions)
        now = perf_counter()
        self.env_seconds += now - began
        ended = terminated | truncated
        self.agent_steps += counted
        self._count(actions, reward, ended, infos["env_frames"])
        if np.count_nonzero(ended):
            self._end_episodes(ended, terminated)
        if self._next_step:
            self._waiting = ended
        if self._recorder.due(now):
            self.report("training")
        shown = self._view.show(obs, reward, terminated, ended, infos)
        return obs, shown.reward, shown.terminated, truncated, shown.infos

    @property
    def mapped_files(self) -> Path | None:
        """Where memory-mapped files lie that a checkpoint can name; None without
        checkpoints."""
        return None if self._checkpoints is None else self._checkpoints.mapped_files

    def checkpoint(
        self, collect: Callable[[], dict[str, Any]], *, now: bool = False
    ) -> bool:
        """For a training loop that can go on later: call it between two steps. Returns
        whether a checkpoint was written.

        Args:
            collect: gives all that the loop and the agent would go on from (nested
                dicts, lists, tuples, arrays, tensors, numbers); called when a
                checkpoint is due.
            now: one is due whatever the clock says, and the run ends where it cannot
                be written.
        """
        if self._checkpoints is None or not self._checkpoints.due(now=now):
            return False
        return self._checkpoints.write(
            lambda: {**self.save(), "training": collect()}, needed=now
        )

    def resumed(self) -> dict[str, Any] | None:
        """What `collect` gave at the checkpoint that this run goes on from; None in a
        run from the start. The environment is where it was: do not reset it."""
        return self._resumed

    def save(self) -> dict[str, Any]:
        """The meter, its environment and its spaces, between two steps."""
        return {
            "agent_steps": self.agent_steps,
            "episodes": self.episodes,
            "env_seconds": self.env_seconds,
            "ended_frames": self._ended_frames,
            "next_point": self._next_point,
            "waiting": self._waiting.copy(),
            "returns": self._returns.copy(),
            "lengths": self._lengths.copy(),
            "frames": self._frames.copy(),
            "lives": self._view.save(),
            "digest": self._digest.save(),
            "recent": list(self._recent),
            "evaluation": self._evaluation,
            "spaces": [_generator_state(space) for space in self._spaces],
            "recorder": self._recorder.save(),
            "env": self.__env.save(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Brings a fresh meter and its environment to where `save` was called."""
        self.agent_steps = state["agent_steps"]
        self.episodes = state["episodes"]
        self.env_seconds = state["env_seconds"]
        self._ended_frames = state["ended_frames"]
        self._next_point = state["next_point"]
        self._waiting = state["waiting"]
        self._returns = state["returns"]
        self._lengths = state["lengths"]
        self._frames = state["frames"]
        self._view.restore(state["lives"])
        self._digest.restore(state["digest"])
        self._recent = state["recent"]
        self._evaluation = state["evaluation"]
        for space, generator in zip(self._spaces, state["spaces"], strict=True):
            space.np_random.bit_generator.state = generator
        simulate(self.__env.restore, state["env"])
        self._recorder.restore(state["recorder"])
        self._resumed = state.get("training")

    def log(self, metrics: Mapping[str, float]) -> None:
        """Records the agent's metrics; they appear with the run's progress.

        Raises:
            Diverged: a metric is not finite.
        """
        numbers = {name: float(value) for name, value in metrics.items()}
        for name, value in numbers.items():
            if not math.isfinite(value):
                raise Diverged(f"{name} = {value} after {self.agent_steps} agent steps")
        self._recorder.add_metrics(numbers)

    def report(self, phase: str, **more: Any) -> None:
        """Appends a progress line."""
        recent = self._recent[-20:]
        self._evaluation = more.pop("evaluation", self._evaluation)
        self._recorder.progress(
            {
                "phase": phase,
                "agent_steps": self.agent_steps,
                "env_frames": self.env_frames,
                "episodes": self.episodes,
                "env_seconds": round(self.env_seconds, 3),
                "recent_return": sum(recent) / len(recent) if recent else None,
                "evaluation": self._evaluation,
                **more,
            }
        )
        self._recent = recent

    def close_extras(self, **kwargs: Any) -> None:
        """Does nothing: the harness closes the simulator."""

    def _count(
        self,
        actions: NDArray[Any],
        reward: NDArray[np.float64],
        ended: NDArray[np.bool_],
        frames: NDArray[np.int64],
    ) -> None:
        self._returns += reward
        self._frames += frames
        self._lengths += 1
        if self._next_step:
            self._lengths -= self._waiting
        self._digest.add(actions.tobytes() + reward.tobytes() + ended.tobytes())

    def _serve_points(self) -> None:
        """Serves the newest point reached; one that a step jumped over has no policy
        of its own."""
        served = bisect_right(self._points, self.agent_steps)
        self._next_point = self._points[served] if served < len(self._points) else NEVER
        self._on_point(served - 1)

    def _end_episodes(
        self, ended: NDArray[np.bool_], terminated: NDArray[np.bool_]
    ) -> None:
        for row in np.flatnonzero(ended):
            self._recent.append(float(self._returns[row]))
            self._record_episode(int(row), terminated=bool(terminated[row]))

    def _record_episode(
        self, row: int, *, terminated: bool, abandoned: bool = False
    ) -> None:
        record = {
            "agent_steps": self.agent_steps,
            "sub_env": row,
            "return": float(self._returns[row]),
            "length": int(self._lengths[row]),
            "env_frames": int(self._frames[row]),
            "terminated": terminated,
        }
        self._recorder.episode({**record, "abandoned": True} if abandoned else record)
        self.episodes += not abandoned
        self._ended_frames += int(self._frames[row])
        self._returns[row] = 0.0
        self._lengths[row] = 0
        self._frames[row] = 0


def _generator_state(space: Any) -> Any:
    return space.np_random.bit_generator.state
