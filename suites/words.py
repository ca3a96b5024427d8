"""A suite's protocol in phrases: shared by the terminal, captions and papers."""

from dataclasses import fields
from typing import Any

from suites.spec import Suite


def budget_sentence(suite: Suite) -> str:
    """`100,000 agent steps = 400,000 frames`, or a range over the tasks."""
    steps = sorted({task.protocol.budget_agent_steps for task in suite.tasks})
    frames = sorted({task.protocol.budget_env_frames for task in suite.tasks})
    text = f"{_range(steps)} agent steps"
    return text if steps == frames else f"{text} = {_range(frames)} frames"


def episodes_sentence(suite: Suite) -> str:
    """`100 episodes, all levels`: of the evaluation that makes a run's score."""
    episodes = sorted({t.protocol.evaluation.final_episodes for t in suite.tasks})
    text = f"{_range(episodes)} episodes"
    splits = {task.protocol.evaluation.splits for task in suite.tasks}
    several = any(len(names) > 1 for names in splits)
    return f"{text}, {suite.scoring.split.replace('_', ' ')}" if several else text


def curve_sentence(suite: Suite) -> str | None:
    """`10 episodes every 5,000 agent steps`; None where only the end is evaluated."""
    plans = {task.protocol.evaluation for task in suite.tasks}
    distances = sorted({plan.every_agent_steps or 0 for plan in plans} - {0})
    episodes = sorted({plan.episodes for plan in plans if plan.every_agent_steps})
    if not distances:
        return None
    return f"{joined(episodes)} episodes every {joined(distances)} agent steps"


def settings_sentence(suite: Suite) -> str:
    """`frame skip 4, sticky probability 0, ...`; what differs by task says so."""
    simulators = sorted({task.simulator for task in suite.tasks})
    if len(simulators) > 1:
        return f"{', '.join(simulators)}, each as in its own suite"
    settings = [task.protocol.settings for task in suite.tasks]
    parts = []
    for field in fields(settings[0]):
        values = list(dict.fromkeys(getattr(one, field.name) for one in settings))
        name = field.name.replace("_", " ")
        if field.name == "max_no_ops":
            parts.append(f"no-ops 0 .. {values[0] - 1}" if values[0] else "no no-ops")
        elif len(values) == 1:
            parts.append(f"{name} {word(values[0])}")
        elif len(values) <= 4 and not isinstance(values[0], str):
            parts.append(f"{name} {joined(sorted(values))} by task")
    return f"{simulators[0]}: {', '.join(parts)}"


def observation_sentence(suite: Suite) -> str:
    """`4x84x84 uint8`: shape and type of an observation under the default options."""
    kinds = {
        f"{'x'.join(map(str, task.observation.shape))} {task.observation.dtype}": None
        for task in suite.tasks
    }
    if len(kinds) <= 4:
        return " or ".join(kinds)
    types = {task.observation.dtype: None for task in suite.tasks}
    return f"{' or '.join(types)}, of a size that differs by task"


def choices_sentence(suite: Suite) -> str:
    """What the protocol leaves open, the default first."""
    options = {task.protocol.options for task in suite.tasks}
    if len(options) > 1:
        return "what each task's own suite allows"
    allowed = options.pop()
    parts = ["the number of training environments"]
    if len(allowed.resolution) > 1:
        parts.append(f"resolution {joined(allowed.resolution)}")
    if len(allowed.grayscale) > 1:
        parts.append("grey or colour" if allowed.grayscale[0] else "colour or grey")
    if len(allowed.stack) > 1:
        parts.append(f"{joined(allowed.stack)} frames in a stack")
    if allowed.life_loss_ends:
        parts.append("in training, whether a lost life looks like an end")
    if allowed.clip_rewards:
        parts.append("in training, whether rewards are clipped to their sign")
    return "; ".join(parts)


def joined(values: Any) -> str:
    """`2 or 4 or 8`."""
    return " or ".join(word(value) for value in values)


def word(value: Any) -> str:
    """A setting as a person writes it: `yes`, `108,000`, `hard`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _range(values: list[int]) -> str:
    if len(values) == 1:
        return f"{values[0]:,}"
    return f"{values[0]:,} to {values[-1]:,}"
