"""DeepMind Control: from state and from pixels, return / 1000."""

from suites.options import AllowedOptions
from suites.settings import DmcPixelSettings, DmcSettings, Settings
from suites.spec import (
    STATISTICS,
    Citation,
    Continuous,
    Deviation,
    EvaluationPlan,
    Observation,
    Protocol,
    Reference,
    Scoring,
    Suite,
    Task,
)

EPISODE_CONTROL_STEPS = 1000
EVALUATE_EVERY_CONTROL_STEPS = 10_000

SIZES = {
    "acrobot": (6, 1),
    "ball_in_cup": (8, 2),
    "cartpole": (5, 1),
    "cheetah": (17, 6),
    "finger_spin": (9, 2),
    "finger": (12, 2),
    "hopper": (15, 4),
    "pendulum": (3, 1),
    "quadruped": (78, 12),
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

VISION_TASKS = {**PROPRIO_TASKS, "quadruped": ("run", "walk")}

PLANET_REPEATS = {
    ("ball_in_cup", "catch"): 4,
    ("cartpole", "swingup"): 8,
    ("cheetah", "run"): 4,
    ("finger", "spin"): 2,
    ("reacher", "easy"): 4,
    ("walker", "walk"): 2,
}
"""Task -> action repeat, from google-research/planet (tasks.py)."""

RETURN_SOURCE = (
    "by construction: 1000 control steps with rewards in [0, 1] (dm_control); "
    "return / 1000 as in rliable"
)

BOUNDS = (
    Reference("min", 0.0, RETURN_SOURCE),
    Reference("max", 1000.0, RETURN_SOURCE),
)

PIXEL_OPTIONS = AllowedOptions(resolution=(84, 64), grayscale=(False,), stack=(3, 1, 2))

DMC_SCORING = Scoring(label="return / 1000", low="min", high="max")


def dmc_evaluation(action_repeat: int) -> EvaluationPlan:
    """10 episodes every 10,000 control steps (DrQ-v2's schedule)."""
    return EvaluationPlan(
        every_agent_steps=EVALUATE_EVERY_CONTROL_STEPS // action_repeat,
        episodes=10,
        final_episodes=10,
        num_envs=10,
    )


def dmc_task(
    domain: str,
    task: str,
    *,
    budget_env_frames: int,
    action_repeat: int,
    pixels: bool = False,
    evaluation: EvaluationPlan | None = None,
) -> Task:
    """One task of dm_control's suite, from state or through its camera.

    Args:
        pixels: three stacked frames instead of the state.
        evaluation: None is dmc_evaluation.
    """
    name = f"{domain}_{task}"
    numbers, actions = SIZES.get(name) or SIZES[domain]
    settings: Settings = DmcSettings(domain, task, action_repeat)
    observation, options = Observation((numbers,), "float32"), AllowedOptions()
    if pixels:
        camera = 2 if domain == "quadruped" else 0
        settings = DmcPixelSettings(domain, task, camera, action_repeat)
        observation, options = Observation((3, 84, 84, 3), "uint8"), PIXEL_OPTIONS
    return Task(
        name=name,
        observation=observation,
        actions=Continuous(actions),
        protocol=Protocol(
            budget_agent_steps=budget_env_frames // action_repeat,
            action_repeat=action_repeat,
            episode_limit_agent_steps=EPISODE_CONTROL_STEPS // action_repeat,
            settings=settings,
            options=options,
            evaluation=evaluation or dmc_evaluation(action_repeat),
            adapter_version=1,
        ),
        references=BOUNDS,
    )


TASSA = Citation("the tasks", "Tassa et al. 2018, arXiv:1801.00690")
SOFTWARE = Citation("the software", "Tunyasuvunakool et al. 2020, arXiv:2006.12983")

ACTIONS_NOTE = (
    "Actions are scaled from [-1, 1] to each task's bounds; the rewards of a repeat "
    "are summed."
)
ENDS_NOTE = (
    "Episodes last 1000 control steps and end by truncation, never by termination."
)
SCORE_NOTE = (
    "Every 10,000 control steps the frozen policy plays 10 episodes (DrQ-v2's "
    "schedule); the score is the mean of the last evaluation."
)
PIXELS_NOTE = (
    "84x84 colour frames, three stacked, [3, 84, 84, 3] uint8; 64x64 and fewer frames "
    "may be chosen. Camera 0, quadruped 2. Pixels are those of dm_control's "
    "`physics.render` and depend on the OpenGL renderer, which is recorded."
)

DMC_PROPRIO = Suite(
    name="dmc-proprio",
    version=1,
    kind="benchmark",
    summary="18 DeepMind Control tasks from state, 500k control steps, return / 1000",
    tasks=tuple(
        dmc_task(domain, task, budget_env_frames=500_000, action_repeat=2)
        for domain, tasks in PROPRIO_TASKS.items()
        for task in tasks
    ),
    scoring=DMC_SCORING,
    seeds=5,
    citations=(
        TASSA,
        SOFTWARE,
        Citation("tasks and budget", "Hafner et al. 2023, arXiv:2301.04104"),
        STATISTICS,
    ),
    notes=(
        "The 18 tasks and the budget of DreamerV3's proprioceptive benchmark; action "
        "repeat 2 as in its published data (its configuration's default is 1 today).",
        "Observations are dm_control's, concatenated in its order as float32.",
        ACTIONS_NOTE,
        ENDS_NOTE,
        f"{SCORE_NOTE} DreamerV3 reports training episodes instead.",
    ),
    deviations=(
        Deviation(
            "DreamerV3's score files (D4PG, DDPG, DMPO, MPO, PPO too)",
            "mean returns of training episodes around a step",
            "danijar/dreamerv3, scores/dmc_proprio-*",
        ),
        Deviation(
            "SimBa",
            "other task sets (20 easy and medium, 7 hard); 500k or 1M control steps "
            "by set; 10 episodes every 50,000 control steps",
            "SonyResearch/simba",
        ),
        Deviation(
            "MR.Q",
            "28 tasks, 1M control steps (500k decisions)",
            "facebookresearch/MRQ",
        ),
        Deviation(
            "TD-MPC2",
            "39 tasks, action repeat 2, 10 episodes every 50,000 decisions; its curves "
            "end at 4M steps, taken for control steps",
            "nicklashansen/tdmpc2",
        ),
    ),
)

DMC_VISION = Suite(
    name="dmc-vision",
    version=1,
    kind="benchmark",
    summary="20 DeepMind Control tasks from pixels, 1M control steps, return / 1000",
    tasks=tuple(
        dmc_task(
            domain, task, budget_env_frames=1_000_000, action_repeat=2, pixels=True
        )
        for domain, tasks in VISION_TASKS.items()
        for task in tasks
    ),
    scoring=DMC_SCORING,
    seeds=5,
    citations=(
        TASSA,
        SOFTWARE,
        Citation("the protocol", "Yarats et al. 2021 (DrQ-v2), arXiv:2107.09645"),
        Citation("tasks and budget", "Hafner et al. 2023, arXiv:2301.04104"),
        STATISTICS,
    ),
    notes=(
        "DreamerV3's 20 tasks: DrQ-v2's 24 without humanoid and reach_duplo; 1M "
        "control steps are 500,000 decisions, action repeat 2.",
        PIXELS_NOTE,
        ACTIONS_NOTE,
        ENDS_NOTE,
        SCORE_NOTE,
    ),
    deviations=(
        Deviation(
            "DrQ-v2",
            "1M, 3M or 30M control steps by difficulty; settings differ by task; four "
            "tasks more (humanoid, reach_duplo)",
            "facebookresearch/drqv2",
        ),
        Deviation(
            "A-LIX",
            "DrQ-v2's task files and evaluation, 3M or 30M control steps on its medium "
            "and hard tasks; which 15 the paper takes is not stated in its code",
            "Aladoro/Stabilizing-Off-Policy-RL",
        ),
        Deviation(
            "DreamerV3",
            "64x64 without a stack; action repeat 2 in the published data, 1 in "
            "today's configuration; scores are the returns of training episodes",
            "danijar/dreamerv3",
        ),
        Deviation(
            "CURL",
            "84x84 cropped from 100x100",
            "protocol of the CURL paper",
        ),
        Deviation(
            "MR.Q",
            "28 tasks, with dog, fish and humanoid; 10 episodes every 5,000 decisions",
            "facebookresearch/MRQ",
        ),
        Deviation(
            "TD-MPC2",
            "64x64, three frames; 12 tasks from pixels; 10 episodes every 50,000 "
            "decisions",
            "nicklashansen/tdmpc2",
        ),
    ),
)


def _planet(budget: str, budget_env_frames: int) -> Suite:
    """PlaNet's six tasks at one of the two budgets."""
    return Suite(
        name=f"dmc-planet-{budget}",
        version=1,
        kind="benchmark",
        summary=f"PlaNet's 6 tasks from pixels, {budget} control steps, return / 1000",
        tasks=tuple(
            dmc_task(
                domain,
                task,
                budget_env_frames=budget_env_frames,
                action_repeat=repeat,
                pixels=True,
            )
            for (domain, task), repeat in PLANET_REPEATS.items()
        ),
        scoring=DMC_SCORING,
        seeds=10,
        citations=(
            TASSA,
            SOFTWARE,
            Citation("the tasks' choice", "Hafner et al. 2019, arXiv:1811.04551"),
            STATISTICS,
        ),
        notes=(
            "Action repeat by task as in PlaNet: cartpole 8; reacher, cheetah and "
            "ball_in_cup 4; finger and walker 2 (some texts print 6 for ball_in_cup).",
            PIXELS_NOTE,
            ACTIONS_NOTE,
            ENDS_NOTE,
            SCORE_NOTE,
        ),
        deviations=(
            Deviation("PlaNet, Dreamer", "64x64 frames", "google-research/planet"),
            Deviation(
                "CURL", "84x84 cropped from 100x100", "protocol of the CURL paper"
            ),
            Deviation(
                "TD-MPC2, DreamerV3 (later)",
                "action repeat 2 on every task",
                "nicklashansen/tdmpc2, danijar/dreamerv3",
            ),
        ),
    )


DMC_PLANET_100K = _planet("100k", 100_000)
DMC_PLANET_500K = _planet("500k", 500_000)
