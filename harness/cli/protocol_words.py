"""A suite's protocol in plain words: what `podium suites SUITE` prints around the
table of tasks."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from results_db.export.tables import budget_sentence, episodes_sentence
from suites.spec import Suite


def protocol_lines(suite: Suite) -> Iterator[str]:
    """Budget, score, environment, choices and the reasons for them."""
    yield f"Budget: {budget_sentence(suite)}; {suite.seeds} seeds a task by default."
    yield f"Score of a run: {suite.scoring.reduction}: {episodes_sentence(suite)}."
    yield from _curve(suite)
    yield (
        f"Normalised: 0 is {suite.scoring.low}, 1 is {suite.scoring.high} "
        f"({suite.scoring.label})."
    )
    yield f"Environment: {_settings(suite)}."
    yield f"The agent chooses: {_choices(suite)}."
    for note in suite.notes:
        yield f"- {note}"


def source_lines(suite: Suite) -> Iterator[str]:
    """Where the constants come from, how published protocols differ, whom to cite."""
    sources: dict[str, dict[str, None]] = {}
    for task in suite.tasks:
        for reference in task.references:
            absent = " (absent)" if reference.value is None else ""
            label = f"{reference.name}{absent}"
            sources.setdefault(reference.source, {})[label] = None
    yield "Constants"
    for source, names in sources.items():
        yield f"  {', '.join(names)}: {source}"
    if suite.deviations:
        yield "Published numbers were measured otherwise"
        for deviation in suite.deviations:
            yield f"  {deviation.of}: {deviation.differs} [{deviation.source}]"
    yield "How to cite"
    for citation in suite.citations:
        yield f"  {citation.what}: {citation.reference}"
    yield (
        f"  the protocol: Podium's {suite.id}, measurement "
        f"{suite.measurement_hash[:12]}, scoring {suite.scoring_hash[:12]}"
    )


def _curve(suite: Suite) -> Iterator[str]:
    plans = {task.protocol.evaluation for task in suite.tasks}
    distances = sorted({plan.every_agent_steps or 0 for plan in plans} - {0})
    episodes = sorted({plan.episodes for plan in plans if plan.every_agent_steps})
    if distances:
        yield (
            f"Curve: {_joined(episodes)} episodes every {_joined(distances)} agent "
            "steps."
        )


def _settings(suite: Suite) -> str:
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
            parts.append(f"{name} {_word(values[0])}")
        elif len(values) <= 4 and not isinstance(values[0], str):
            parts.append(f"{name} {_joined(sorted(values))} by task")
    return f"{simulators[0]}: {', '.join(parts)}"


def _choices(suite: Suite) -> str:
    """What the protocol leaves open, the default first."""
    options = {task.protocol.options for task in suite.tasks}
    if len(options) > 1:
        return "what each task's own suite allows"
    allowed = options.pop()
    parts = ["the number of training environments"]
    if len(allowed.resolution) > 1:
        parts.append(f"resolution {_joined(allowed.resolution)}")
    if len(allowed.grayscale) > 1:
        parts.append("grey or colour" if allowed.grayscale[0] else "colour or grey")
    if len(allowed.stack) > 1:
        parts.append(f"{_joined(allowed.stack)} frames in a stack")
    if allowed.life_loss_ends:
        parts.append("in training, whether a lost life looks like an end")
    if allowed.clip_rewards:
        parts.append("in training, whether rewards are clipped to their sign")
    return "; ".join(parts)


def _joined(values: Any) -> str:
    return " or ".join(_word(value) for value in values)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
