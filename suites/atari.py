"""Atari: 26 games with 100,000 decisions, and 57 games with 50 million."""

from dataclasses import replace

from suites.options import AllowedOptions
from suites.reference import read_table
from suites.settings import AtariSettings
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

CONSTANTS_SOURCE = (
    "random and human scores of google-deepmind/dqn_zoo (atari_data.py); the 26 games "
    "agree with rliable, SPR, BBF and DreamerV3"
)
VIDEO_PINBALL_SOURCE = (
    "random and human scores of google-deepmind/dqn_zoo (atari_data.py) and "
    "DreamerV3; Agent57's table, rliable and Dopamine print 0 for random"
)

FULL_ACTIONS = {"skiing": 9}
"""Actions of the full set where it is not 18: ale_py knows no fire button in Skiing."""

ATARI_SCORING = Scoring(label="human-normalised", low="random", high="human")

PROTOCOL_100K = Protocol(
    budget_agent_steps=100_000,
    action_repeat=4,
    episode_limit_agent_steps=27_000,
    settings=AtariSettings(rom=""),
    options=AllowedOptions(
        resolution=(84, 64),
        grayscale=(True, False),
        stack=(4, 1, 2, 3),
        life_loss_ends=True,
        clip_rewards=True,
    ),
    evaluation=EvaluationPlan(
        every_agent_steps=10_000, episodes=10, final_episodes=100, num_envs=10
    ),
    adapter_version=1,
    reseed_after_agent_steps=10_000,
)

PROTOCOL_57 = replace(
    PROTOCOL_100K,
    budget_agent_steps=50_000_000,
    settings=AtariSettings(
        rom="", sticky_probability=0.25, full_action_space=True, max_no_ops=0
    ),
    options=AllowedOptions(
        resolution=(84, 64, 96),
        grayscale=(True, False),
        stack=(4, 1, 2, 3),
        clip_rewards=True,
    ),
    evaluation=EvaluationPlan(
        every_agent_steps=1_000_000, episodes=10, final_episodes=100, num_envs=10
    ),
)


def atari_task(row: dict[str, str], protocol: Protocol) -> Task:
    """One game of reference/atari57.csv under a protocol."""
    settings = protocol.settings
    assert isinstance(settings, AtariSettings)
    minimal, full = int(row["minimal_actions"]), FULL_ACTIONS.get(row["task"], 18)
    pinball = row["task"] == "video_pinball"
    return Task(
        name=row["task"],
        aliases=(row["simulator_name"],),
        observation=Observation((4, 84, 84), "uint8"),
        actions=Discrete(full if settings.full_action_space else minimal),
        protocol=replace(protocol, settings=replace(settings, rom=row["task"])),
        references=tuple(
            Reference(
                name,
                float(row[name]),
                VIDEO_PINBALL_SOURCE if pinball else CONSTANTS_SOURCE,
            )
            for name in ("random", "human")
        ),
    )


LEARNING_ENVIRONMENT = Citation(
    "the environment", "Bellemare et al. 2013, arXiv:1207.4708"
)

FRAMES_NOTE = (
    "Frames: the maximum of the last two of four, grey, 84x84 by area "
    "interpolation, four stacked; padded with zeros at the start. Where a game ends "
    "within a repeat, the last frame shown is the one before (as in gymnasium)."
)

ATARI100K = Suite(
    name="atari100k",
    version=1,
    kind="benchmark",
    summary="26 Atari games, 100k decisions (400k frames), human-normalised",
    tasks=tuple(
        atari_task(row, PROTOCOL_100K)
        for row in read_table("atari57")
        if row["atari100k"] == "yes"
    ),
    scoring=ATARI_SCORING,
    seeds=5,
    citations=(
        LEARNING_ENVIRONMENT,
        Citation("the benchmark", "Kaiser et al. 2020 (SimPLe), arXiv:1903.00374"),
        STATISTICS,
    ),
    notes=(
        "No sticky actions and the minimal action set, as in Dopamine's Atari 100k "
        "configuration, SPR and DreamerV3.",
        "Episodes start after 0 .. 29 no-op frames, the rule of ale_py's vector "
        "engine; the cap does not count them. Published code draws 1 .. 30 "
        "(gymnasium, SPR), 0 .. 29 (Dopamine) or 0 .. 30 (DreamerV3). Fire is never "
        "pressed at a reset.",
        "Epsilon in evaluation is the agent's own: 0.001 in DQN Zoo, SPR, Dopamine's "
        "agents and BBF, none in IRIS.",
        FRAMES_NOTE,
        "A lost life and clipped rewards may be shown to the agent in training only; "
        "scores are whole games with raw rewards.",
        "An episode is cut after 108,000 frames (a truncation). EfficientZero cuts "
        "after 12,000.",
        "The score of a run is the mean return of 100 games with the final policy "
        "(Dopamine, SPR, BBF). DreamerV3 reports training episodes instead.",
    ),
    deviations=(
        Deviation(
            "SPR, DQN Zoo, gymnasium",
            "1 .. 30 no-op frames; gymnasium counts them towards the cap; SPR resizes "
            "by linear, DQN Zoo by bilinear interpolation and makes grey by luma",
            "mila-iqia/spr, google-deepmind/dqn_zoo, gymnasium 1.4.0",
        ),
        Deviation(
            "DER, OTRainbow, DrQ (Dopamine)",
            "the environment is cut after 100,000 frames in today's code",
            "google/dopamine, labs/atari_100k",
        ),
        Deviation(
            "BBF",
            "no-ops are 0 .. 29 decisions, up to 116 frames",
            "google-research, bigger_better_faster",
        ),
        Deviation(
            "DreamerV3",
            "64x64 colour by bilinear interpolation, no stack, 0 .. 30 no-ops, rewards "
            "not clipped, lives unused; scores are the returns of training episodes; a "
            "time-out counts as terminal in today's code",
            "danijar/dreamerv3",
        ),
        Deviation(
            "IRIS",
            "64x64 colour; one no-op in evaluation; sampled at temperature 0.5 without "
            "epsilon; training episodes cut after 20,000 (by its configuration)",
            "eloialonso/iris",
        ),
        Deviation(
            "EfficientZero",
            "episodes cut after 12,000 frames in training and test; 96x96; 32 "
            "evaluation episodes of 3 runs; 20,000 updates after the last step",
            "YeWR/EfficientZero, config/atari",
        ),
    ),
)

ATARI57 = Suite(
    name="atari57",
    version=1,
    kind="benchmark",
    summary="57 Atari games, sticky actions, 200M frames, human-normalised",
    tasks=tuple(atari_task(row, PROTOCOL_57) for row in read_table("atari57")),
    scoring=ATARI_SCORING,
    seeds=5,
    citations=(
        LEARNING_ENVIRONMENT,
        Citation("the protocol", "Machado et al. 2018, arXiv:1709.06009"),
        STATISTICS,
    ),
    notes=(
        "50M decisions are 200M frames. Sticky actions with probability 0.25, all 18 "
        "actions (ale_py gives Skiing 9), no no-ops; lives are never shown as ends "
        "(Machado et al. 2018; DreamerV3 plays all actions, Dopamine the minimal set).",
        FRAMES_NOTE,
        "Rewards may be clipped for the agent in training only; scores are whole "
        "games with raw rewards, cut after 108,000 frames (a truncation).",
        "The score of a run is the mean return of 100 games with the final policy; "
        "10 games every million decisions make the curve. Dopamine and DreamerV3 "
        "report training episodes.",
        "video_pinball's random score is 16256.9 (DQN Zoo, DreamerV3); with the 0 of "
        "other tables its human range is 12.5 times as wide, so means over 57 games "
        "are comparable only under one of the two.",
        "Surround and Defender are missing from older sets of 55 games (rliable, BBF, "
        "DreamerV2).",
    ),
    deviations=(
        Deviation(
            "DQN Zoo (Rainbow, IQN ...)",
            "no sticky actions, minimal action set, 1 .. 30 no-ops, evaluation on "
            "500,000 frames an iteration, life loss ends a return in training; epsilon "
            "by agent",
            "google-deepmind/dqn_zoo",
        ),
        Deviation(
            "Dopamine",
            "minimal action set; the curve is the training returns; epsilon 0.01 in "
            "training, 0.001 in evaluation",
            "google/dopamine, baselines/atari",
        ),
        Deviation(
            "DreamerV2, DreamerV3",
            "64x64 or 96x96 frames; 30 no-ops in today's configuration; scores are "
            "training returns; DreamerV2 has 55 games",
            "danijar/dreamerv3",
        ),
        Deviation(
            "MR.Q",
            "10M frames (2.5M decisions); evaluated every 100,000 decisions with "
            "epsilon 0.001",
            "facebookresearch/MRQ",
        ),
    ),
)
