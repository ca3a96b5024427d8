"""Atari 100k: 26 games, 100,000 decisions, human-normalised."""

from dataclasses import replace

from suites.options import AllowedOptions
from suites.reference import read_table
from suites.settings import AtariSettings
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

CONSTANTS_SOURCE = (
    "random and human scores of google-deepmind/dqn_zoo (atari_data.py); the 26 games "
    "agree with rliable, SPR, BBF and DreamerV3"
)

ATARI_SCORING = Scoring(label="human-normalised", low="random", high="human")

PROTOCOL = Protocol(
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


def atari_task(row: dict[str, str], protocol: Protocol) -> Task:
    """One game of reference/atari57.csv under a protocol."""
    settings = protocol.settings
    assert isinstance(settings, AtariSettings)
    full = settings.full_action_space
    return Task(
        name=row["task"],
        aliases=(row["simulator_name"],),
        observation=Observation((4, 84, 84), "uint8"),
        actions=Discrete(18 if full else int(row["minimal_actions"])),
        protocol=replace(protocol, settings=replace(settings, rom=row["task"])),
        references=tuple(
            Reference(name, float(row[name]), CONSTANTS_SOURCE)
            for name in ("random", "human")
        ),
    )


ATARI100K = Suite(
    name="atari100k",
    version=1,
    kind="benchmark",
    summary="26 Atari games, 100k decisions (400k frames), human-normalised",
    tasks=tuple(
        atari_task(row, PROTOCOL)
        for row in read_table("atari57")
        if row["atari100k"] == "yes"
    ),
    scoring=ATARI_SCORING,
    seeds=5,
    citations=(
        Citation("the benchmark", "Kaiser et al. 2020, arXiv:1903.00374"),
        Citation("the emulator", "Bellemare et al. 2013, arXiv:1207.4708"),
        Citation("the statistics", "Agarwal et al. 2021, arXiv:2108.13264"),
    ),
    notes=(
        "No sticky actions and the minimal action set, as in Dopamine's Atari 100k "
        "configuration, SPR and DreamerV3.",
        "Episodes start after 0 .. 29 no-op frames, the rule of ale_py's vector "
        "engine. Published code draws 1 .. 30 (gymnasium, SPR), 0 .. 29 (Dopamine) "
        "or 0 .. 30 (DreamerV3).",
        "Frames: the maximum of the last two of four, grey, 84x84 by area "
        "interpolation, four stacked; padded with zeros at the start.",
        "A lost life and clipped rewards may be shown to the agent in training only; "
        "scores are whole games with raw rewards.",
        "An episode is cut after 108,000 frames (a truncation). EfficientZero cuts "
        "after 12,000.",
        "The score of a run is the mean return of 100 games with the final policy "
        "(Dopamine, SPR, BBF). DreamerV3 reports training episodes instead.",
    ),
)
