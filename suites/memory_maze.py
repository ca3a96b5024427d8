"""Memory Maze: four sizes with 100M decisions, two with 10M, oracle-normalised."""

from suites.options import AllowedOptions
from suites.settings import MemoryMazeSettings
from suites.spec import (
    STATISTICS,
    Citation,
    Deviation,
    Discrete,
    EvaluationPlan,
    Observation,
    Protocol,
    Reference,
    Scoring,
    Suite,
    Task,
)

SIZES = {
    "9x9": (1000, 26.4, 34.8),
    "11x11": (2000, 44.3, 58.0),
    "13x13": (3000, 55.5, 74.5),
    "15x15": (4000, 67.7, 87.7),
}
"""Decisions an episode, mean human return, mean return of the shortest-path oracle."""

README = "README of jurgisp/memory-maze"

MEMORY_MAZE_SCORING = Scoring(label="oracle-normalised", low="min", high="oracle")


def memory_maze_task(
    size: str, *, budget_agent_steps: int, evaluation: EvaluationPlan
) -> Task:
    """One size of the maze, in full-length episodes."""
    length, human, oracle = SIZES[size]
    return Task(
        name=size,
        observation=Observation((64, 64, 3), "uint8"),
        actions=Discrete(6),
        protocol=Protocol(
            budget_agent_steps=budget_agent_steps,
            action_repeat=1,
            episode_limit_agent_steps=length,
            settings=MemoryMazeSettings(size, length),
            options=AllowedOptions(),
            evaluation=evaluation,
            adapter_version=1,
        ),
        references=(
            Reference("min", 0.0, "by construction: no target is reached"),
            Reference("human", human, README),
            Reference("oracle", oracle, README),
            Reference(
                "random", None, "not published; about 0 to 1 target for uniform actions"
            ),
        ),
    )


CITATIONS = (
    Citation("the benchmark", "Pasukonis et al. 2022, arXiv:2210.13383"),
    STATISTICS,
)

ENVIRONMENT_NOTE = (
    "The environments of memory_maze.tasks, 64x64 RGB, 4 decisions a second of "
    "simulated time; maze, objects and start are drawn anew at each reset."
)
SCORE_NOTE = (
    "Normalised by the mean return of the shortest-path oracle; single runs can "
    "exceed 1 slightly. Episodes end by truncation."
)
PIXELS_NOTE = "Pixels depend on the OpenGL renderer, which is recorded."

MEMORY_MAZE = Suite(
    name="memory-maze",
    version=1,
    kind="benchmark",
    summary="4 mazes of growing size, 100M decisions, oracle-normalised",
    tasks=tuple(
        memory_maze_task(
            size,
            budget_agent_steps=100_000_000,
            evaluation=EvaluationPlan(
                every_agent_steps=5_000_000, episodes=10, final_episodes=100, num_envs=2
            ),
        )
        for size in SIZES
    ),
    scoring=MEMORY_MAZE_SCORING,
    seeds=5,
    citations=CITATIONS,
    notes=(
        ENVIRONMENT_NOTE,
        "100M decisions and five seeds, as the paper evaluates (issue #8 of "
        "jurgisp/memory-maze). The paper's number of evaluation episodes is not "
        "stated there: 100 is this protocol's choice.",
        SCORE_NOTE,
        PIXELS_NOTE,
    ),
    deviations=(
        Deviation(
            "R2I",
            "400M decisions",
            "chandar-lab/Recall2Imagine",
        ),
    ),
)

MEMORY_MAZE_10M = Suite(
    name="memory-maze-10m",
    version=1,
    kind="benchmark",
    summary="the smallest and the largest maze, 10M decisions, oracle-normalised",
    tasks=tuple(
        memory_maze_task(
            size,
            budget_agent_steps=10_000_000,
            evaluation=EvaluationPlan(
                every_agent_steps=1_000_000, episodes=10, final_episodes=50, num_envs=2
            ),
        )
        for size in ("9x9", "15x15")
    ),
    scoring=MEMORY_MAZE_SCORING,
    seeds=3,
    citations=CITATIONS,
    notes=(
        ENVIRONMENT_NOTE,
        "A tenth of the paper's budget on two of its four sizes, for labs that cannot "
        "afford the whole: 10 to 16 hours of simulator time a run on one core, where "
        "100M take a week. Its numbers are not those of the paper's protocol.",
        SCORE_NOTE,
        PIXELS_NOTE,
    ),
    deviations=(
        Deviation(
            "the paper (Dreamer, IMPALA)",
            "100M decisions on four sizes",
            "issue #8 of jurgisp/memory-maze",
        ),
    ),
)
