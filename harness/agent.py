"""The agent contract: everything that an agent may import from Podium.

Measurement sits around the environment, so an agent may have any structure. `Agent`
and `Policy` are what the harness calls; `StepAgent` is the base that most agents want,
and its `train` is the loop that documents the contract. Needs numpy only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from suites.options import AllowedOptions, EnvOptions

if TYPE_CHECKING:
    import gymnasium

    from harness.meter import MeteredEnv

__all__ = [
    "Agent",
    "AllowedOptions",
    "BudgetSpent",
    "EnvOptions",
    "NoConfig",
    "Policy",
    "Step",
    "StepAgent",
    "TaskInfo",
]

Array = NDArray[Any]
Bools = NDArray[np.bool_]


class BudgetSpent(Exception):
    """Training is over: the next vector step would exceed the budget. Let it pass."""


@dataclass(frozen=True)
class TaskInfo:
    """What an agent is told about the task before and while it is built."""

    suite: str
    """Suite name, e.g. `atari100k`."""
    task: str
    simulator: str
    """`atari`, `dmc`, `procgen`, `memory_maze` or `toy`."""
    observation_space: "gymnasium.Space[Any]"
    """Of one sub-environment, under the agent's options (in `environment`: under the
    protocol's defaults)."""
    action_space: "gymnasium.Space[Any]"
    """`Discrete`, or a float32 `Box` of [-1, 1]."""
    budget_agent_steps: int
    """Decisions in training, all sub-environments together."""
    action_repeat: int
    episode_limit_agent_steps: int | None
    allowed: AllowedOptions
    """What `environment` may choose from."""
    options: EnvOptions
    """What was chosen."""


class Policy(Protocol):
    """A frozen policy with randomness of its own.

    Optional: `rewarded(reward)`, for policies that know their last reward. It is called
    after every step with what the step brought, raw: [B] float64.
    """

    def act(self, obs: Array, first: Bools) -> Array:
        """Chooses actions.

        Args:
            obs: [B, *observation], B constant over an evaluation.
            first: [B]; True where a sub-environment starts an episode.

        Returns:
            [B, *action]; rows whose episodes are through are fed and ignored.
        """


class Agent(Protocol):
    """Anything that can be trained on a metered environment and then act.

    Optional: `Config` (a dataclass; `--set` overrides its fields), `default_config`,
    `supports`, `tuning`, `save` and `load`, as on StepAgent.
    """

    @classmethod
    def environment(cls, task: TaskInfo, config: Any) -> EnvOptions:
        """Chooses among what the protocol allows (`task.allowed`)."""

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: Any
    ) -> None: ...

    def train(self, env: "MeteredEnv") -> None:
        """Steps `env` until it raises BudgetSpent; may return early."""

    def policy(self, *, seed: int) -> Policy:
        """The current policy, frozen; acting with it changes no bit of the agent."""


class Step(NamedTuple):
    """One vector step, B sub-environments."""

    obs: Array
    """[B, *observation]"""
    action: Array
    """[B, *action]"""
    reward: NDArray[np.float64]
    """[B]"""
    terminated: Bools
    """[B]"""
    truncated: Bools
    """[B]"""
    next_obs: Array
    """[B, *observation]; the true last observation where an episode ended."""
    next_obs_valid: Bools
    """[B]; False where the simulator cannot show it: never bootstrap there."""
    first: Bools
    """[B]; True where `obs` starts an episode."""


@dataclass(frozen=True)
class NoConfig:
    """The configuration of an agent that has nothing to configure."""


class StepAgent:
    """An agent that acts, records and learns once a vector step.

    Override `act`, and to learn `record` and `learn`. Name the attributes that acting
    needs in `learned`, and what a resumed training needs besides in `resumed`:
    modules, optimisers, generators, arrays, numbers and containers of them.
    """

    Config: ClassVar[type] = NoConfig
    tuning: ClassVar[str] = "none"
    """How much the defaults were tuned: `none`, `per-suite` or `per-task`."""
    learned: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()

    @classmethod
    def environment(cls, task: TaskInfo, config: Any) -> EnvOptions:
        """One sub-environment with the protocol's defaults."""
        return EnvOptions()

    @classmethod
    def default_config(cls, task: TaskInfo) -> Any:
        """The configuration before overrides; may depend on the task (see `tuning`)."""
        return cls.Config()

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        """The reason why not, e.g. "needs discrete actions"; None if it does."""
        return None

    def __init__(self, task: TaskInfo, *, seed: int, device: str, config: Any) -> None:
        self.task = task
        self.seed = seed
        self.device = device
        self.config = config
        self.rng = np.random.default_rng(seed)

    def initial_state(self, n: int) -> Any:
        """Recurrent state, plan or memory of n sub-environments, one row each."""
        return ()

    def act(
        self, obs: Array, first: Bools, state: Any, *, explore: bool
    ) -> tuple[Array, Any, Any]:
        """Chooses actions.

        Args:
            obs: [B, *observation].
            first: [B]; reset the rows of `state` where it is True.
            state: from `initial_state` or the last `act`.
            explore: False is the frozen policy that evaluations measure.

        Returns:
            actions [B, *action], the next state, and extras for `record`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no act()")

    def rewarded(self, state: Any, reward: NDArray[np.float64]) -> Any:
        """The state that also knows what the last actions brought.

        Called after every step, in training and in evaluation, for agents that take
        the last reward as an input.

        Args:
            state: from the last `act`.
            reward: [B]; in training as the options say (clipped), else raw.
        """
        return state

    def record(self, step: Step, extras: Any) -> None:
        """Stores a step."""

    def learn(self) -> Mapping[str, float] | None:
        """Zero or more updates; called after every vector step. Returns metrics."""
        return None

    def prepare(self, folder: Path | None) -> None:
        """Called once, before training begins or goes on; not in frozen copies.

        Args:
            folder: where arrays that are large (replay) may be kept as memory-mapped
                files: checkpoints name those instead of copying them. None where there
                are no checkpoints.
        """

    def checkpoint_due(self) -> bool:
        """Whether a checkpoint must be written before the next step, because memory-
        mapped rows that the last one counts on would be overwritten."""
        return False

    def checkpoint_written(self) -> None:
        """Called after each: what it names must not be overwritten from now on."""

    def train(self, env: "MeteredEnv") -> None:
        """Acts, records and learns until the budget is spent.

        Between two steps it can be saved, and goes on from there.
        """
        valid = np.ones(env.num_envs, dtype=bool)
        obs, first, state = self._begin(env)
        while True:  # until env.step raises BudgetSpent
            collect = partial(self._between_steps, obs, first, state)
            if env.checkpoint(collect, now=self.checkpoint_due()):
                self.checkpoint_written()
            action, state, extras = self.act(obs, first, state, explore=True)
            following, reward, terminated, truncated, infos = env.step(action)
            state = self.rewarded(state, reward)
            ended = terminated | truncated
            next_obs, next_valid = following, valid
            if "final_obs" in infos:  # a step that ended an episode
                rows = ended.reshape(-1, *[1] * (obs.ndim - 1))
                next_obs = np.where(rows, infos["final_obs"], following)
                next_valid = ~ended | infos["final_obs_valid"]
            self.record(
                Step(
                    obs=obs,
                    action=action,
                    reward=reward,
                    terminated=terminated,
                    truncated=truncated,
                    next_obs=next_obs,
                    next_obs_valid=next_valid,
                    first=first,
                ),
                extras,
            )
            metrics = self.learn()
            if metrics:
                env.log(metrics)
            obs, first = following, ended

    def _begin(self, env: "MeteredEnv") -> tuple[Array, Bools, Any]:
        """Observations, firsts and state to start from, or to go on from."""
        self.prepare(env.mapped_files)
        resumed = env.resumed()
        if resumed is not None:
            self.load_state_dict(resumed["agent"])
            return resumed["obs"], resumed["first"], resumed["state"]
        obs, _ = env.reset()
        first = np.ones(env.num_envs, dtype=bool)
        return obs, first, self.initial_state(env.num_envs)

    def _between_steps(self, obs: Array, first: Bools, state: Any) -> dict[str, Any]:
        """All that this loop and the agent go on from."""
        return {
            "agent": self.state_dict(resume=True),
            "obs": obs,
            "first": first,
            "state": _snapshot(state),
        }

    def policy(self, *, seed: int) -> "StepPolicy":
        """A second agent with the learned state of this one and its own randomness."""
        return StepPolicy(self.frozen(seed=seed))

    def frozen(self, *, seed: int) -> Self:
        """A copy that shares nothing with this agent.

        Raises:
            TypeError: the agent learns but does not say what (`learned`).
        """
        cls = type(self)
        learns = cls.learn is not StepAgent.learn or cls.record is not StepAgent.record
        if learns and not self.learned and cls.state_dict is StepAgent.state_dict:
            raise TypeError(
                f"{cls.__name__} learns, but names nothing in `learned`: an evaluation "
                "would play its initial policy. List the attributes that act() needs, "
                "e.g. learned = ('network',), or override state_dict."
            )
        copy = cls(self.task, seed=seed, device=self.device, config=self.config)
        copy.load_state_dict(self.state_dict(resume=False))
        return copy

    def state_dict(self, *, resume: bool) -> dict[str, Any]:
        """What acting needs; with `resume` all that training needs besides.

        The values are snapshots: they do not change when the agent learns on.
        """
        names = (*self.learned, *self.resumed, "rng") if resume else self.learned
        return {name: _snapshot(getattr(self, name)) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave."""
        for name, value in state.items():
            setattr(self, name, _restored(getattr(self, name, None), value))


class StepPolicy:
    """A frozen StepAgent, with the state of its sub-environments."""

    def __init__(self, agent: StepAgent) -> None:
        self._agent = agent
        self._state: Any = None

    def act(self, obs: Array, first: Bools) -> Array:
        if self._state is None:
            self._state = self._agent.initial_state(len(obs))
        action, self._state, _ = self._agent.act(obs, first, self._state, explore=False)
        return action

    def rewarded(self, reward: NDArray[np.float64]) -> None:
        """Tells what the last actions brought, [B]."""
        self._state = self._agent.rewarded(self._state, reward)

    def save(self, folder: Path) -> None:
        """Writes what acting needs as arrays and JSON (harness/state_files.py)."""
        from harness.state_files import save_state

        save_state(folder, self._agent.state_dict(resume=False))


def _snapshot(value: Any) -> Any:
    """A copy of a part's state: dicts, lists, arrays, tensors, numbers."""
    if isinstance(value, np.random.Generator):
        return _snapshot(value.bit_generator.state)
    if hasattr(value, "state_dict"):  # modules, optimisers, parts of ours
        return _snapshot(value.state_dict())
    if hasattr(value, "get_state") and hasattr(value, "set_state"):  # torch.Generator
        return value.get_state()
    if isinstance(value, Mapping):
        return {key: _snapshot(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_snapshot(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_snapshot(item) for item in value)
    if isinstance(value, np.memmap):
        return value  # a checkpoint names its file
    if isinstance(value, np.ndarray):
        return value.copy()
    if hasattr(value, "detach"):  # a tensor
        return value.detach().clone()
    return value


def _restored(part: Any, value: Any) -> Any:
    """The part with its state taken over, or the value where it is plain data."""
    if isinstance(part, np.random.Generator):
        part.bit_generator.state = value
        return part
    if hasattr(part, "load_state_dict"):
        part.load_state_dict(value)
        return part
    if hasattr(part, "get_state") and hasattr(part, "set_state"):
        part.set_state(value)
        return part
    return tuple(value) if isinstance(part, tuple) else _snapshot(value)
