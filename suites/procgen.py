"""Procgen, easy and hard: 16 games, training levels and all levels, min-max."""

from suites.options import AllowedOptions
from suites.reference import read_table
from suites.settings import ProcgenSettings
from suites.spec import (
    STATISTICS,
    TRAINING_SPLIT,
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

SPLITS = ("all_levels", TRAINING_SPLIT)

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
            adapter_version=2,
            reseed_after_agent_steps=None,
        ),
        references=tuple(
            Reference(name, float(row[f"{mode}_{name}"]), CONSTANTS_SOURCE)
            for name in ("min", "max")
        ),
    )


CITATIONS = (
    Citation("the benchmark", "Cobbe et al. 2020, arXiv:1912.01588"),
    STATISTICS,
)

NOTES = (
    "The score is the mean return of 100 episodes on all levels with the final "
    "policy; 100 episodes on the training levels give the generalisation gap. All "
    "levels are level seeds below 2**31: they hold the training levels, which are "
    "drawn with negligible probability.",
    "Methods that sample their actions sample in evaluation too, as in the "
    "published results.",
    "An episode that reaches the game's time limit is truncated and shows its last "
    "frame; after a death or a solved level the engine shows no last frame, and the "
    "agent is told so.",
    "Some levels end in one step (7 % of jumper, 0.5 % of caveflyer), some of miner's "
    "cannot be solved: the game is played as published.",
    "An episode depends on its level and its actions alone, but for dodgeball: until "
    "its first move the agent throws in the direction of its last move in the episode "
    "before.",
)

PPO_NORMALISED = Deviation(
    "IDAAC, DrAC (second table)",
    "scores divided by PPO's, which differ from paper to paper; 10 test episodes a "
    "point",
    "rraileanu/idaac, rraileanu/auto-drac",
)


def _suite(
    mode: str,
    *,
    version: int,
    train_levels: int,
    budget_agent_steps: int,
    every_agent_steps: int,
    seeds: int,
    summary: str,
    note: str,
    deviations: tuple[Deviation, ...],
) -> Suite:
    """All 16 games in one distribution mode."""
    evaluation = EvaluationPlan(
        every_agent_steps=every_agent_steps,
        episodes=50,
        final_episodes=100,
        num_envs=50,
        splits=SPLITS,
    )
    return Suite(
        name=f"procgen-{mode}",
        version=version,
        kind="benchmark",
        summary=summary,
        tasks=tuple(
            procgen_task(
                row,
                mode=mode,
                train_levels=train_levels,
                budget_agent_steps=budget_agent_steps,
                evaluation=evaluation,
            )
            for row in read_table("procgen")
        ),
        scoring=PROCGEN_SCORING,
        seeds=seeds,
        citations=CITATIONS,
        notes=(note, *NOTES),
        deviations=deviations,
    )


PROCGEN_EASY = _suite(
    "easy",
    version=2,
    train_levels=200,
    budget_agent_steps=25_000_000,
    every_agent_steps=1_000_000,
    seeds=5,
    summary="16 Procgen games, 200 training levels, 25M steps, scored on all levels",
    note="Training on level seeds 0 .. 199, easy mode (train-procgen), 25M steps "
    "(IDAAC, DrAC, PLR).",
    deviations=(
        Deviation(
            "PPO of train-procgen",
            "runs go on to 50M steps; scores are the mean of the last 100 training "
            "episodes, test scores those of workers that do not learn",
            "openai/train-procgen",
        ),
        PPO_NORMALISED,
    ),
)

PROCGEN_HARD = _suite(
    "hard",
    version=1,
    train_levels=500,
    budget_agent_steps=200_000_000,
    every_agent_steps=10_000_000,
    seeds=3,
    summary="16 Procgen games, hard, 500 training levels, 200M steps, all levels",
    note="Training on level seeds 0 .. 499, hard mode, 200M steps (train-procgen).",
    deviations=(
        Deviation(
            "PPO of train-procgen",
            "scores are the mean of the last 100 training episodes, test scores those "
            "of workers that do not learn",
            "openai/train-procgen",
        ),
        Deviation(
            "PPG",
            "all levels in training, 100M steps",
            "openai/phasic-policy-gradient",
        ),
        Deviation(
            "DreamerV3 (and its PPO, PPG)",
            "all levels in training, 50M steps, 96x96 frames in today's configuration; "
            "DreamerV3 has one run a game, PPG three, PPO five",
            "danijar/dreamerv3",
        ),
    ),
)
