"""A suite's protocol as a paragraph for a paper, written from the protocol itself."""

from collections.abc import Iterator

from results_db.export.escape import latex_sentence, markdown_sentence
from results_db.stats.bootstrap import CONFIDENCE, RESAMPLES
from suites.spec import SEEDING, Suite
from suites.words import (
    budget_sentence,
    choices_sentence,
    curve_sentence,
    episodes_sentence,
    joined,
    observation_sentence,
    settings_sentence,
)

Part = tuple[str, str]
"""A heading and what stands under it, both plain text."""


def protocol_parts(suite: Suite) -> list[Part]:
    """Everything that a reader needs to repeat the measurement, in order."""
    normalisation = (
        f"{suite.scoring.label}: (score - {suite.scoring.low}) / "
        f"({suite.scoring.high} - {suite.scoring.low}), never clipped. Constants "
        f"{'; '.join(_sources(suite))}."
    )
    statistics = (
        "Tasks weigh equally. Interquartile mean, median, mean and optimality gap "
        f"(target {suite.scoring.optimality_target:g}) over runs, with {CONFIDENCE:.0%}"
        f" stratified percentile bootstrap intervals ({RESAMPLES:,} resamples of runs "
        f"within tasks); estimators: {suite.scoring.estimators}."
    )
    parts = [
        ("Protocol", f"Podium's {suite.id}: {suite.summary}."),
        ("Budget", f"{budget_sentence(suite)} a run{_repeat(suite)}."),
        ("Observation", f"{observation_sentence(suite)}."),
        ("Environment", f"{settings_sentence(suite)}."),
        ("Left to the agent", f"{choices_sentence(suite)}."),
        ("Resets", " ".join(_resets(suite))),
        ("Evaluation", _evaluation(suite)),
        ("Seeds", " ".join(_seeds(suite))),
        ("Normalisation", normalisation),
        ("Statistics", statistics),
        ("Choices", " ".join(suite.notes)),
        ("References", _citations(suite)),
        (
            "Hashes",
            f"measurement {suite.measurement_hash[:12]}, "
            f"scoring {suite.scoring_hash[:12]}.",
        ),
    ]
    return [part for part in parts if part[1]]


def protocol_latex(suite: Suite) -> str:
    """One paragraph, for `\\input`."""
    sentences = [
        rf"\textbf{{{latex_sentence(heading)}:}} {latex_sentence(text)}"
        for heading, text in protocol_parts(suite)
    ]
    note = (
        "% Needs, for quotes, \\usepackage[T1]{fontenc} and \\usepackage{textcomp}.\n"
    )
    return note + "\n".join(sentences) + "\n"


def protocol_markdown(suite: Suite) -> str:
    """One paragraph of Markdown."""
    sentences = [
        f"**{markdown_sentence(heading)}:** {markdown_sentence(text)}"
        for heading, text in protocol_parts(suite)
    ]
    return "\n".join(sentences) + "\n"


def _repeat(suite: Suite) -> str:
    repeats = sorted({task.protocol.action_repeat for task in suite.tasks})
    return "" if repeats == [1] else f"; an agent step is {joined(repeats)} frames"


def _resets(suite: Suite) -> Iterator[str]:
    limits = {task.protocol.episode_limit_agent_steps for task in suite.tasks}
    known = sorted(limit for limit in limits if limit is not None)
    if known:
        some = " where a task has a limit" if None in limits else ""
        yield (
            f"An episode is cut (a truncation, no termination) after {joined(known)} "
            f"agent steps{some}."
        )
    yield "An ended episode is followed by the next in the same step."


def _evaluation(suite: Suite) -> str:
    curve = curve_sentence(suite)
    during = f" In training: {curve}." if curve else ""
    return (
        f"The frozen policy plays; the score of a run is the "
        f"{suite.scoring.reduction} ({episodes_sentence(suite)}).{during}"
    )


def _seeds(suite: Suite) -> Iterator[str]:
    yield (
        f"{suite.seeds} runs a task unless a table says otherwise, each with a seed of "
        "its own. Every evaluation episode has a seed of its own, the same for all "
        f"methods ({SEEDING})."
    )
    distances = {task.protocol.reseed_after_agent_steps for task in suite.tasks}
    if distances == {0}:
        yield "So has every training episode."
    elif distances == {None}:
        yield "Training sub-environments are seeded once."
    elif len(distances) == 1:
        yield (
            "Training sub-environments are seeded anew at the first episode end after "
            f"{joined(distances)} of their steps."
        )


def _sources(suite: Suite) -> list[str]:
    """Where the constants that normalise were read, each once."""
    used = (suite.scoring.low, suite.scoring.high)
    sources: dict[str, dict[str, None]] = {}
    for task in suite.tasks:
        for name in used:
            sources.setdefault(task.reference(name).source, {})[name] = None
    return [f"({', '.join(names)}): {text}" for text, names in sources.items()]


def _citations(suite: Suite) -> str:
    named = "; ".join(f"{one.what}: {one.reference}" for one in suite.citations)
    return named and f"{named}."
