"""A training of some hundred steps under the real meter, whole or stopped and gone on
with: what the conformance test looks at."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal

from harness.agent import BudgetSpent
from harness.checkpoint import Checkpoints, SliceOver, read_newest
from harness.meter import MeteredEnv
from harness.purity import global_generators, restore_global_generators
from harness.recorder import Recorder
from harness.seeding import Role, episode_seeds
from suites.envs.make import make_env
from suites.options import EnvOptions
from suites.spec import Task

Returns = tuple[float, ...]


@dataclass(frozen=True)
class ShortTraining:
    """What a short training left."""

    agent: Any
    digest: str
    agent_steps: int
    unspent: int
    evaluations: tuple[Returns, ...]
    end: Literal["spent", "returned", "saved", "unsaved"]
    """The budget was spent, `train` returned, or it was stopped, in a checkpoint or
    without one."""


def train_shortly(
    agent: Any,
    task: Task,
    options: EnvOptions,
    folder: Path,
    *,
    key: tuple[str, str, int],
    points: Sequence[int],
    evaluate: Callable[[int], Returns],
    checkpoints: bool = False,
) -> ShortTraining:
    """Trains an agent on the task's budget, or a part of it.

    Args:
        folder: of its files.
        key: suite, task and seed, which all seeds come from.
        points: agent steps at which `evaluate(index)` is called.
        checkpoints: stop at the first evaluation, in a checkpoint; with a checkpoint in
            the folder, go on from there.
    """
    evaluations: list[Returns] = []
    state = read_newest(folder) if checkpoints else None
    stops = Checkpoints(folder, every_seconds=inf, also=_generators)
    seeds = episode_seeds(*key, role=Role.TRAINING)
    end: Literal["spent", "returned", "saved", "unsaved"] = "returned"

    def on_point(index: int) -> None:
        evaluations.append(evaluate(index))
        if checkpoints and state is None:
            stops.ask_to_stop()

    made = make_env(task, options, seeds=seeds)
    with closing(made) as env, closing(Recorder(folder)) as recorder:
        meter = MeteredEnv(
            env,
            options,
            budget_agent_steps=task.protocol.budget_agent_steps,
            recorder=recorder,
            points=points,
            on_point=on_point,
            checkpoints=stops if checkpoints else None,
        )
        if state is not None:
            meter.restore(state)
            restore_global_generators(state["generators"])
        try:
            agent.train(meter)
        except BudgetSpent:
            end = "spent"
        except SliceOver as stop:
            end = "saved" if stop.written else "unsaved"
    return ShortTraining(
        agent=agent,
        digest=meter.digest,
        agent_steps=meter.agent_steps,
        unspent=meter.remaining_agent_steps,
        evaluations=tuple(evaluations),
        end=end,
    )


def _generators() -> dict[str, Any]:
    return {"generators": global_generators()}
