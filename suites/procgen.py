"""Procgen, easy: 16 games, 200 training levels, 25M steps, min-max normalised."""

from suites.options import AllowedOptions
from suites.reference import read_table
from suites.settings import ProcgenSettings
from suites.spec import (
    Citation,
    Discrete,
    EvaluationPlan,
    Observation,
    Protocol,
    Reference,
    Scoring,
    Suite,
    Task,
)

SPLITS = ("all_levels", "train_levels")

CONSTANTS_SOURCE = (
    "Cobbe et al. 2020 (arXiv:1912.01588), as in openai/train-procgen (constants.py) "
    "and the rliable notebook; jumper's and leaper's easy minima are theirs, some "
    "copies of the paper's table print 3"
)

PROCGEN_SCORING = Scoring(
    label="min-max normalised", low="min", high="max", split="all_levels"
)


def procgen_task(
    row: dict[str, str],
    *,
    mode: str,
    train_levels: int,
    budget_agent_steps: int,
    evaluation: EvaluationPlan,
) -> Task:
    """One game of reference/procgen.csv in a distribution mode."""
    limit = int(row["time_limit"])
    return Task(
        name=row["task"],
        observation=Observation((64, 64, 3), "uint8"),
        actions=Discrete(15),
        protocol=Protocol(
            budget_agent_steps=budget_agent_steps,
            action_repeat=1,
            episode_limit_agent_steps=limit,
            settings=ProcgenSettings(row["task"], mode, train_levels, limit),
            options=AllowedOptions(),
            evaluation=evaluation,
            adapter_version=1,
            reseed_after_agent_steps=None,
        ),
        references=tuple(
            Reference(name, float(row[f"{mode}_{name}"]), CONSTANTS_SOURCE)
            for name in ("min", "max")
        ),
    )


PROCGEN_EASY = Suite(
    name="procgen-easy",
    version=1,
    kind="benchmark",
    summary="16 Procgen games, 200 training levels, 25M steps, scored on all levels",
    tasks=tuple(
        procgen_task(
            row,
            mode="easy",
            train_levels=200,
            budget_agent_steps=25_000_000,
            evaluation=EvaluationPlan(
                every_agent_steps=1_000_000,
                episodes=50,
                final_episodes=100,
                num_envs=50,
                splits=SPLITS,
            ),
        )
        for row in read_table("procgen")
    ),
    scoring=PROCGEN_SCORING,
    seeds=5,
    citations=(
        Citation("the benchmark", "Cobbe et al. 2020, arXiv:1912.01588"),
        Citation("the statistics", "Agarwal et al. 2021, arXiv:2108.13264"),
    ),
    notes=(
        "Training on level seeds 0 .. 199, easy mode, 25M steps (train-procgen, IDAAC, "
        "DrAC, PLR). train-procgen's own easy runs go on to 50M.",
        "The score is the mean return of 100 episodes on all levels with the final "
        "policy; 100 episodes on the training levels give the generalisation gap.",
        "Methods that sample their actions sample in evaluation too, as in the "
        "published results.",
        "The engine resets before it shows an episode's last frame: there is no final "
        "observation to bootstrap from.",
    ),
)
