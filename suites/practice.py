"""Practice: the four simulators at small budgets; it proves no method."""

from dataclasses import replace

from suites.atari import PROTOCOL_100K as ATARI_PROTOCOL
from suites.atari import atari_task
from suites.dmc import dmc_task
from suites.memory_maze import memory_maze_task
from suites.procgen import procgen_task
from suites.reference import read_table
from suites.spec import EvaluationPlan, Reference, Scoring, Suite, Task


def _row(table: str, task: str) -> dict[str, str]:
    return next(row for row in read_table(table) if row["task"] == task)


def _on_one_scale(task: Task, low: str, high: str) -> Task:
    """Adds the references `low` and `high`, that all four benchmarks have in some
    form."""
    bounds = tuple(
        Reference(
            name, task.reference(old).value, f"{old}: {task.reference(old).source}"
        )
        for name, old in (("low", low), ("high", high))
    )
    return replace(task, references=(*bounds, *task.references))


SEAQUEST = atari_task(
    _row("atari57", "seaquest"),
    replace(
        ATARI_PROTOCOL,
        budget_agent_steps=10_000,
        evaluation=EvaluationPlan(
            every_agent_steps=5_000, episodes=5, final_episodes=10, num_envs=5
        ),
    ),
)

CARTPOLE = dmc_task(
    "cartpole",
    "swingup",
    budget_env_frames=32_000,
    action_repeat=2,
    evaluation=EvaluationPlan(
        every_agent_steps=4_000, episodes=5, final_episodes=10, num_envs=5
    ),
)

JUMPER = procgen_task(
    _row("procgen", "jumper"),
    mode="easy",
    train_levels=200,
    budget_agent_steps=4_000,
    evaluation=EvaluationPlan(
        every_agent_steps=2_000, episodes=20, final_episodes=20, num_envs=20
    ),
)

MAZE = memory_maze_task(
    "9x9",
    budget_agent_steps=300,
    evaluation=EvaluationPlan(
        every_agent_steps=None, episodes=1, final_episodes=2, num_envs=1
    ),
)

PRACTICE = Suite(
    name="practice",
    version=2,
    kind="practice",
    summary="the four simulators at small budgets: try everything in minutes",
    tasks=(
        _on_one_scale(SEAQUEST, "random", "human"),
        _on_one_scale(CARTPOLE, "min", "max"),
        _on_one_scale(JUMPER, "min", "max"),
        _on_one_scale(MAZE, "min", "oracle"),
    ),
    scoring=Scoring(label="normalised as in each benchmark", low="low", high="high"),
    seeds=2,
    notes=(
        "Real simulators with the settings of their benchmarks, but budgets that are "
        "ten to hundreds of thousands of times smaller: nothing that is measured here "
        "says how good a method is.",
        "seaquest is Atari 100k's with 10,000 decisions, cartpole_swingup is from "
        "state with 16,000; on both a method that learns at all leaves random behind.",
        "jumper is Procgen's with 4,000 decisions, played on its 200 training "
        "levels in evaluation too; 9x9 is Memory Maze with 300: smoke runs.",
    ),
)
