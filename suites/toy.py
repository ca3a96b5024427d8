"""Toys: seconds, no simulator, for a first agent and for Podium's own tests."""

from suites.options import AllowedOptions
from suites.settings import ToySettings
from suites.spec import (
    Actions,
    Continuous,
    Discrete,
    EvaluationPlan,
    Observation,
    Protocol,
    Reference,
    Scoring,
    Suite,
    Task,
)

BY_CONSTRUCTION = "by construction of the toy"


def _toy(
    name: str,
    observation: Observation,
    actions: Actions,
    limit: int,
    bounds: tuple[float, float],
    *,
    budget_agent_steps: int = 2_000,
) -> Task:
    return Task(
        name=name,
        observation=observation,
        actions=actions,
        protocol=Protocol(
            budget_agent_steps=budget_agent_steps,
            action_repeat=1,
            episode_limit_agent_steps=limit,
            settings=ToySettings(name),
            options=AllowedOptions(life_loss_ends=True, clip_rewards=True),
            evaluation=EvaluationPlan(
                every_agent_steps=budget_agent_steps // 4,
                episodes=20,
                final_episodes=40,
                num_envs=4,
            ),
            adapter_version=1,
        ),
        references=tuple(
            Reference(label, value, BY_CONSTRUCTION)
            for label, value in zip(("min", "max"), bounds, strict=True)
        ),
    )


TOY = Suite(
    name="toy",
    version=1,
    kind="toy",
    summary="three toys that need no simulator: try an agent in seconds",
    tasks=(
        _toy("catch", Observation((36,), "float32"), Discrete(3), 5, (-1.0, 1.0)),
        _toy("reach", Observation((4,), "float32"), Continuous(2), 20, (-20.0, 0.0)),
        _toy("hurry", Observation((2,), "float32"), Discrete(2), 40, (0.0, 1.0)),
    ),
    scoring=Scoring(label="min-max normalised", low="min", high="max"),
    seeds=3,
    notes=(
        "catch: move a paddle under a falling ball (6x6 grid, one decision a row).",
        "reach: accelerate a point towards a goal; reward is minus the distance.",
        "hurry: half of the episodes are short and worth 0, half long and worth 1, "
        "whatever is done: an evaluation that favours short episodes shows it.",
    ),
)

TOY_MEMORY = Suite(
    name="toy-memory",
    version=1,
    kind="toy",
    summary="a T-maze: whether an agent remembers ten steps back, in a minute",
    tasks=(
        _toy(
            "t_maze",
            Observation((4,), "float32"),
            Discrete(3),
            30,
            (0.0, 1.0),
            budget_agent_steps=160_000,
        ),
    ),
    scoring=Scoring(label="min-max normalised", low="min", high="max"),
    seeds=3,
    notes=(
        "t_maze: a cue at the start of a corridor of ten steps tells the arm to turn "
        "into at its end (after Bakker 2002). Right is worth 1, wrong 0: an agent "
        "without memory scores 0.5 at best.",
    ),
)
