"""What is done where methods lack runs: one of three policies, chosen and printed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from results_db.method_data import MethodData
from results_db.stats.scores import Scores
from suites.spec import Suite, Task

Missing = Literal["refuse", "common", "random"]
POLICIES: tuple[Missing, ...] = get_args(Missing)


@dataclass(frozen=True)
class Comparable:
    """Scores of several methods over the same tasks."""

    policy: Missing
    tasks: tuple[str, ...]
    """What the aggregates are over."""
    scores: dict[str, Scores]
    """Label -> normalised scores; a method that does not compare is absent."""
    filled: dict[str, int]
    """Label -> runs that are missing and were filled in."""


def comparable(
    suite: Suite, methods: Mapping[str, MethodData], policy: Missing
) -> Comparable:
    """Makes the methods comparable, or leaves out those that are not.

    Args:
        policy: `refuse`: methods that lack a task are left out. `common`: all methods
            with a run, over the tasks of which each of them has one. `random`: all
            methods with a run; what was planned and has no score gets the task's random
            reference, on every task of the suite as many runs as seeds were planned.

    Raises:
        ValueError: no such policy.
    """
    if policy not in POLICIES:
        raise ValueError(f"missing must be one of {POLICIES} (got {policy!r})")
    tasks = tuple(task.name for task in suite.tasks)
    values = {
        label: method.normalised(suite)
        for label, method in methods.items()
        if method.finals
    }
    filled = {}
    if policy == "common":
        tasks = tuple(t for t in tasks if all(t in runs for runs in values.values()))
    if policy == "random":
        for label, runs in values.items():
            filled[label] = _fill(suite, methods[label], runs)
    return Comparable(
        policy=policy,
        tasks=tasks,
        scores={
            label: Scores.of({task: runs[task] for task in tasks})
            for label, runs in values.items()
            if tasks and all(task in runs for task in tasks)
        },
        filled=filled,
    )


def _fill(suite: Suite, method: MethodData, runs: dict[str, list[float]]) -> int:
    """Adds a random score for every missing run; returns how many there were."""
    have = defaultdict(set)
    for final in method.finals:
        have[final.task].add(final.seed)
    seeds = {seed for _, seed in method.planned} | set().union(*have.values())
    filled = 0
    for task in suite.tasks:
        if method.foreign and have[task.name]:
            continue  # how many runs others planned is not known
        lacking = len(seeds - have[task.name])
        if lacking:
            score = suite.normalise(task, random_reference(suite, task))
            runs.setdefault(task.name, []).extend([score] * lacking)
            filled += lacking
    return filled


def random_reference(suite: Suite, task: Task) -> float:
    """The raw score of a random policy; where the suite has none, what counts as 0.

    Raises:
        ValueError: the task has neither.
    """
    for reference in task.references:
        if reference.name == "random" and reference.value is not None:
            return reference.value
    bounds = suite.bounds(task)
    if bounds is None:
        raise ValueError(f"{suite.id}/{task.name} has no normalisation constants")
    return bounds[0]


def policy_sentences(
    found: Comparable, suite: Suite, methods: Iterable[MethodData]
) -> Iterable[str]:
    """What a caption says of the policy and of whom it met."""
    lacking = sorted(m.label for m in methods if len(m.raw) < len(suite.tasks))
    if found.policy == "refuse" and lacking:
        yield (
            f"Not ranked, because tasks are missing: {', '.join(lacking)} "
            "(--missing common compares over the tasks that all have, --missing random "
            "fills in random scores)."
        )
    if found.policy == "common":
        names = f" ({', '.join(found.tasks)})" if lacking and found.tasks else ""
        yield (
            f"Missing runs: aggregates are over the {len(found.tasks)} of "
            f"{len(suite.tasks)} tasks that all shown methods have{names}."
        )
    if found.policy == "random":
        counts = [f"{label} {n}" for label, n in sorted(found.filled.items()) if n]
        yield (
            "Missing runs count as the task's random score, or as 0 where it has none: "
            f"{', '.join(counts) or 'none was missing'}."
        )
