"""A suite's protocol in plain words: what `podium suites SUITE` prints around the
table of tasks."""

from collections.abc import Iterator

from suites.spec import Suite
from suites.words import (
    budget_sentence,
    choices_sentence,
    curve_sentence,
    episodes_sentence,
    settings_sentence,
)


def protocol_lines(suite: Suite) -> Iterator[str]:
    """Budget, score, environment, choices and the reasons for them."""
    yield f"Budget: {budget_sentence(suite)}; {suite.seeds} seeds a task by default."
    yield f"Score of a run: {suite.scoring.reduction}: {episodes_sentence(suite)}."
    curve = curve_sentence(suite)
    if curve:
        yield f"Curve: {curve}."
    yield (
        f"Normalised: 0 is {suite.scoring.low}, 1 is {suite.scoring.high} "
        f"({suite.scoring.label})."
    )
    yield f"Environment: {settings_sentence(suite)}."
    yield f"The agent chooses: {choices_sentence(suite)}."
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
