"""DeepMind Control from state: 18 tasks, 500,000 control steps, return / 1000."""

from suites.options import AllowedOptions
from suites.settings import DmcSettings
from suites.spec import (
    Citation,
    Continuous,
    EvaluationPlan,
    Observation,
    Protocol,
    Reference,
    Scoring,
    Suite,
    Task,
)

EPISODE_CONTROL_STEPS = 1000

SIZES = {
    "acrobot": (6, 1),
    "ball_in_cup": (8, 2),
    "cartpole": (5, 1),
    "cheetah": (17, 6),
    "finger_spin": (9, 2),
    "finger": (12, 2),
    "hopper": (15, 4),
    "pendulum": (3, 1),
    "reacher": (6, 2),
    "walker": (24, 6),
}
"""Numbers an observation and an action have, by domain (or domain_task where it
differs); dm_control 1.0.50, held in tests/suites/envs/test_dmc.py."""

PROPRIO_TASKS = {
    "acrobot": ("swingup",),
    "ball_in_cup": ("catch",),
    "cartpole": ("balance", "balance_sparse", "swingup", "swingup_sparse"),
    "cheetah": ("run",),
    "finger": ("spin", "turn_easy", "turn_hard"),
    "hopper": ("hop", "stand"),
    "pendulum": ("swingup",),
    "reacher": ("easy", "hard"),
    "walker": ("run", "stand", "walk"),
}

RETURN_SOURCE = (
    "by construction: 1000 control steps with rewards in [0, 1] (dm_control); "
    "return / 1000 as in rliable"
)

DMC_SCORING = Scoring(label="return / 1000", low="min", high="max")


def dmc_task(
    domain: str,
    task: str,
    *,
    budget_env_frames: int,
    action_repeat: int,
    evaluation: EvaluationPlan,
) -> Task:
    """One task of dm_control's suite, from state."""
    name = f"{domain}_{task}"
    observation, action = SIZES.get(name) or SIZES[domain]
    return Task(
        name=name,
        observation=Observation((observation,), "float32"),
        actions=Continuous(action),
        protocol=Protocol(
            budget_agent_steps=budget_env_frames // action_repeat,
            action_repeat=action_repeat,
            episode_limit_agent_steps=EPISODE_CONTROL_STEPS // action_repeat,
            settings=DmcSettings(domain, task, action_repeat),
            options=AllowedOptions(),
            evaluation=evaluation,
            adapter_version=1,
        ),
        references=(
            Reference("min", 0.0, RETURN_SOURCE),
            Reference("max", 1000.0, RETURN_SOURCE),
        ),
    )


DMC_PROPRIO = Suite(
    name="dmc-proprio",
    version=1,
    kind="benchmark",
    summary="18 DeepMind Control tasks from state, 500k control steps, return / 1000",
    tasks=tuple(
        dmc_task(
            domain,
            task,
            budget_env_frames=500_000,
            action_repeat=2,
            evaluation=EvaluationPlan(
                every_agent_steps=5_000, episodes=10, final_episodes=10, num_envs=10
            ),
        )
        for domain, tasks in PROPRIO_TASKS.items()
        for task in tasks
    ),
    scoring=DMC_SCORING,
    seeds=5,
    citations=(
        Citation("the tasks", "Tassa et al. 2018, arXiv:1801.00690"),
        Citation("the software", "Tunyasuvunakool et al. 2020, arXiv:2006.12983"),
        Citation("tasks and budget", "Hafner et al. 2023, arXiv:2301.04104"),
        Citation("the statistics", "Agarwal et al. 2021, arXiv:2108.13264"),
    ),
    notes=(
        "The 18 tasks and the budget of DreamerV3's proprioceptive benchmark; action "
        "repeat 2 as in its published data (its configuration's default is 1 today).",
        "Observations are dm_control's, concatenated in its order as float32; actions "
        "are scaled from [-1, 1] to each task's bounds; rewards of a repeat are "
        "summed.",
        "Episodes last 1000 control steps and end by truncation, never by termination.",
        "Every 10,000 control steps the frozen policy plays 10 episodes (DrQ-v2's "
        "schedule); the score is the mean of the last evaluation. DreamerV3 reports "
        "training episodes instead.",
    ),
)
