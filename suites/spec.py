"""What a suite is: frozen data from which everything else follows.

A `Suite` is a named set of `Task`s. A task carries its `Protocol`: everything that a
number depends on and that is not the agent. Two hashes stand for the meaning:
`measurement_hash` (what raw returns mean) and `scoring_hash` (how they become numbers).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from suites.canonical import digest
from suites.messages import unknown_name
from suites.options import AllowedOptions
from suites.settings import Settings

SEEDING = "SeedSequence over suite, task, seed, role, point, sub-environment, episode/1"
"""Names the rule by which harness/seeding.py makes seeds; part of every measurement."""

ESTIMATORS = "rliable 1.2.0 definitions on ragged runs/1"
"""Names the definitions of results_db/stats; part of every scoring."""

AUTORESET = "same-step"

TRAINING_SPLIT = "train_levels"
"""The evaluation split that plays what was trained on; with it there is a
generalisation gap."""


@dataclass(frozen=True)
class Discrete:
    """Actions 0 .. n - 1."""

    n: int


@dataclass(frozen=True)
class Continuous:
    """`size` numbers in [-1, 1]."""

    size: int


Actions = Discrete | Continuous


@dataclass(frozen=True)
class Observation:
    """Shape and type of one observation under the protocol's default options."""

    shape: tuple[int, ...]
    dtype: Literal["uint8", "float32"]

    @property
    def pixels(self) -> bool:
        return self.dtype == "uint8"


@dataclass(frozen=True)
class Reference:
    """A published number about a task; absent with the reason, never invented."""

    name: str
    """`random`, `human`, `min`, `max`, `oracle` ..."""
    value: float | None
    source: str
    """Where the value stands; for None, why there is none."""


@dataclass(frozen=True)
class EvaluationPlan:
    """When the frozen policy plays, how many episodes, on which splits.

    Every sub-environment plays the same fixed number of episodes, so short episodes
    are not over-represented.
    """

    every_agent_steps: int | None
    """Distance of the points of the curve; None evaluates at the end only."""
    episodes: int
    """Episodes at a point of the curve, for each split."""
    final_episodes: int
    """Episodes of the final evaluation, for each split."""
    num_envs: int
    splits: tuple[str, ...] = ("evaluation",)
    """Environment variants that are played, e.g. Procgen's `all_levels`."""

    def __post_init__(self) -> None:
        for episodes in (self.episodes, self.final_episodes):
            if episodes < 1 or episodes % self.num_envs:
                raise ValueError(
                    f"evaluation episodes must be a multiple of num_envs="
                    f"{self.num_envs} (got {episodes})"
                )

    def points(self, budget_agent_steps: int) -> tuple[int, ...]:
        """Agent steps of the curve's points before the final one."""
        if self.every_agent_steps is None:
            return ()
        return tuple(
            range(self.every_agent_steps, budget_agent_steps, self.every_agent_steps)
        )


@dataclass(frozen=True)
class Protocol:
    """Everything that a raw return of one task depends on and that is not the agent."""

    budget_agent_steps: int
    """Policy decisions in training, all sub-environments together."""
    action_repeat: int
    """Simulator frames a decision."""
    episode_limit_agent_steps: int | None
    settings: Settings
    options: AllowedOptions
    evaluation: EvaluationPlan
    adapter_version: int
    """Raised when an adapter's numbers change meaning."""
    reseed_after_agent_steps: int | None = 0
    """Training: a sub-environment is seeded anew at the first episode end after so
    many of its steps. 0: at every episode; None: seeded once (its state can be
    saved instead)."""

    @property
    def budget_env_frames(self) -> int:
        return self.budget_agent_steps * self.action_repeat


@dataclass(frozen=True)
class Task:
    """One environment of a suite."""

    name: str
    observation: Observation
    actions: Actions
    protocol: Protocol
    references: tuple[Reference, ...]
    aliases: tuple[str, ...] = ()
    """The simulator's own name where it differs, e.g. `MsPacman`."""

    @property
    def simulator(self) -> str:
        return self.protocol.settings.simulator

    def reference(self, name: str) -> Reference:
        """Raises KeyError when the task has no such entry, not even an absent one."""
        for reference in self.references:
            if reference.name == name:
                return reference
        raise KeyError(f"task {self.name} has no reference {name!r}")


@dataclass(frozen=True)
class Scoring:
    """How a run's raw returns become its one score and a suite's numbers."""

    label: str
    """What a normalised score is called, e.g. `human-normalised`."""
    low: str
    """Reference that is 0."""
    high: str
    """Reference that is 1."""
    split: str = "evaluation"
    """The split whose final evaluation is the score."""
    reduction: str = "mean return over the final evaluation episodes"
    optimality_target: float = 1.0
    """gamma of the optimality gap."""
    estimators: str = ESTIMATORS


@dataclass(frozen=True)
class Citation:
    """A work to cite when the suite is used, and what it stands for here."""

    what: str
    reference: str


STATISTICS = Citation("the statistics", "Agarwal et al. 2021, arXiv:2108.13264")
"""Whom every benchmark cites for ESTIMATORS."""


@dataclass(frozen=True)
class Deviation:
    """How a published implementation's protocol differs from the suite's."""

    of: str
    """The paper or repository, by its usual name."""
    differs: str
    """In what, so that its numbers are compared with care."""
    source: str
    """Where that was read."""


@dataclass(frozen=True)
class Suite:
    """A named set of tasks, versioned; a change of meaning is a new version."""

    name: str
    version: int
    kind: Literal["benchmark", "practice", "toy"]
    summary: str
    """One line for lists."""
    tasks: tuple[Task, ...]
    scoring: Scoring
    seeds: int
    """Runs a task by default; in no hash."""
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    """The choices behind the protocol in plain words, with their sources."""
    deviations: tuple[Deviation, ...] = ()

    def __post_init__(self) -> None:
        names = [name for task in self.tasks for name in (task.name, *task.aliases)]
        if len(set(names)) != len(names):
            raise ValueError(f"suite {self.name}: a task name or alias stands twice")
        for task in self.tasks:
            if self.scoring.split not in task.protocol.evaluation.splits:
                raise ValueError(f"{task.name} never plays {self.scoring.split}")
            bounds = self.bounds(task)
            if bounds is not None and bounds[0] == bounds[1]:
                raise ValueError(f"{task.name}: low and high reference are equal")

    @property
    def id(self) -> str:
        """`atari100k@1`: the name with the version that fixes its meaning."""
        return f"{self.name}@{self.version}"

    @cached_property
    def measurement_hash(self) -> str:
        """Digest of all that decides what raw returns mean (64 hex digits)."""
        tasks = {
            task.name: (task.observation, task.actions, task.protocol)
            for task in self.tasks
        }
        return digest(
            {
                "suite": self.name,
                "tasks": tasks,
                "seeding": SEEDING,
                "autoreset": AUTORESET,
            }
        )

    @cached_property
    def scoring_hash(self) -> str:
        """Digest of how raw returns become numbers (64 hex digits)."""
        constants = {task.name: self.bounds(task) for task in self.tasks}
        return digest({"scoring": self.scoring, "constants": constants})

    def task(self, name: str) -> Task:
        """Looks a task up by its name or the simulator's own.

        Raises:
            KeyError: no such task; the message names the nearest.
        """
        for task in self.tasks:
            if name == task.name or name in task.aliases:
                return task
        raise KeyError(
            unknown_name(f"task of {self.name}", name, [t.name for t in self.tasks])
        )

    def bounds(self, task: Task) -> tuple[float, float] | None:
        """The raw scores that count as 0 and 1; None when one is absent."""
        low = task.reference(self.scoring.low).value
        high = task.reference(self.scoring.high).value
        return None if low is None or high is None else (low, high)

    def normalise(self, task: Task, score: float) -> float:
        """(score - low) / (high - low), never clipped.

        Raises:
            ValueError: the task has no reference to normalise with.
        """
        bounds = self.bounds(task)
        if bounds is None:
            raise ValueError(f"{self.id}/{task.name} has no normalisation constants")
        low, high = bounds
        return (score - low) / (high - low)
