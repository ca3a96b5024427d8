"""Methods of a suite beside each other: who beats whom, where, and how sure that is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from sqlalchemy.orm import Session

from results_db.method_data import MethodData, load_methods
from results_db.missing import Comparable, Missing, comparable, policy_sentences
from results_db.query import final_episodes
from results_db.stats import stored
from results_db.stats.bootstrap import RESAMPLES, Estimate, Summary
from results_db.stats.compare import Improvement
from results_db.stats.next_seeds import NextSeeds, seeds_to_separate
from suites.messages import Misused, unknown_name
from suites.spec import Suite

Pair = tuple[str, str]
"""Labels of the first and the second method."""


@dataclass(frozen=True)
class TaskDifference:
    """First minus second on one task, normalised."""

    task: str
    estimate: Estimate
    pairs: int
    """Pairs of runs with the same seed, which played the same evaluation episodes; 0
    where the means of all runs are compared."""
    runs: tuple[int, int]
    """Of the first and the second, filled in ones among them."""
    episodes: int
    """Evaluation episodes that the pairs share."""


@dataclass(frozen=True)
class More:
    """More seeds for a pair, and what they would cost."""

    seeds: NextSeeds
    hours: float | None
    """Of both methods' new runs one after the other, by the wall time of their measured
    runs; None where there is no answer or a time is not known."""


@dataclass(frozen=True)
class Comparison:
    """Everything that `podium compare` prints."""

    suite: Suite
    methods: dict[str, MethodData]
    found: Comparable
    summaries: dict[str, Summary]
    rank_sets: dict[str, tuple[int, int]]
    """Among the methods compared."""
    improvements: tuple[Improvement, ...]
    differences: dict[Pair, tuple[TaskDifference, ...]]
    """By difference, the largest first."""
    more: dict[Pair, More | None]
    """Empty where it was not asked for; None for a pair with one run of a task."""
    notes: tuple[str, ...]


def compare(
    session: Session,
    suite: Suite,
    labels: Sequence[str],
    *,
    missing: Missing = "refuse",
    next_seeds: bool = False,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Compares methods by the labels that the leaderboard prints.

    Raises:
        Misused: fewer than two methods, one twice, an unknown one, one that lacks runs
            where that is refused, or no task in common; more seeds are asked for where
            runs were filled in.
    """
    methods = _chosen(session, suite, labels)
    found = comparable(suite, methods, missing)
    _refuse_incomplete(suite, methods, found)
    if next_seeds:
        _refuse_filled(found)
    pairs = list(combinations(methods, 2))
    gamma = suite.scoring.optimality_target
    summaries = {
        label: stored.summarise(scores, gamma=gamma, resamples=resamples)
        for label, scores in found.scores.items()
    }
    improvements = stored.all_pairs(found.scores, resamples=resamples)
    by_task = _differences(session, suite, methods, found, resamples=resamples)
    return Comparison(
        suite=suite,
        methods=methods,
        found=found,
        summaries=summaries,
        rank_sets=stored.rank_sets(found.scores, gamma=gamma, resamples=resamples),
        improvements=improvements,
        differences=by_task,
        more={
            pair: _more(methods, found, pair, improvement.estimate)
            for pair, improvement in zip(pairs, improvements, strict=True)
            if next_seeds
        },
        notes=(
            *policy_sentences(found, suite, methods.values()),
            *_warnings(summaries, by_task),
        ),
    )


def _chosen(
    session: Session, suite: Suite, labels: Sequence[str]
) -> dict[str, MethodData]:
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise Misused(f"compare needs two methods or more, each once (got {labels})")
    known = load_methods(session, suite)
    for label in labels:
        if label not in known:
            raise Misused(unknown_name(f"method on {suite.id}", label, known))
    return {label: known[label] for label in labels}


def _refuse_incomplete(
    suite: Suite, methods: Mapping[str, MethodData], found: Comparable
) -> None:
    """Raises Misused unless all methods can be compared."""
    for label, method in methods.items():
        if label in found.scores:
            continue
        if not method.finals:
            raise Misused(f"{label!r} has no finished run on {suite.id}")
        if found.policy == "refuse":
            raise Misused(
                f"{label!r} has runs on {len(method.raw)} of the {len(suite.tasks)} "
                f"tasks of {suite.id}; --missing common compares over the tasks that "
                "all have, --missing random counts what is missing as random"
            )
        raise Misused(f"no task of {suite.id} has runs of all these methods")


def _refuse_filled(found: Comparable) -> None:
    """Raises Misused where simulated runs would be drawn from what nobody measured."""
    counts = [f"{label} {n}" for label, n in sorted(found.filled.items()) if n]
    if counts:
        raise Misused(
            "--next-seeds draws from measured runs, and missing ones count as random "
            f"({', '.join(counts)}): run them first, or take --missing common"
        )


def _warnings(
    summaries: Mapping[str, Summary],
    by_task: Mapping[Pair, Sequence[TaskDifference]],
) -> Iterator[str]:
    """What a reader must know about the intervals."""
    warned: dict[str, list[str]] = defaultdict(list)
    for label, summary in summaries.items():
        if summary.warning:
            warned[summary.warning].append(label)
    for warning, labels in warned.items():
        yield f"{', '.join(sorted(labels))}: {warning}."
    if any(row.pairs == 2 for rows in by_task.values() for row in rows):
        # The resampled means of two numbers are these and their middle; each pair lies
        # on either side of the truth by chance.
        yield (
            "A difference over two pairs has an interval from the one to the other: it "
            "covers about 50 %."
        )


def _differences(
    session: Session,
    suite: Suite,
    methods: Mapping[str, MethodData],
    found: Comparable,
    *,
    resamples: int,
) -> dict[Pair, tuple[TaskDifference, ...]]:
    runs = [final.run_id for method in methods.values() for final in method.finals]
    episodes = final_episodes(session, runs, suite.scoring.split)
    result = {}
    for first, second in combinations(methods, 2):
        shared = {
            task: _shared(suite, task, methods[first], methods[second], episodes)
            for task in found.tasks
            if not (found.filled.get(first) or found.filled.get(second))
        }
        pairs = {task: values for task, (values, _) in shared.items() if values}
        estimates = {}
        if len(pairs) < len(found.tasks):
            estimates = stored.unpaired_differences(
                found.scores[first], found.scores[second], resamples=resamples
            )
        if pairs:
            paired = stored.paired_differences(pairs, resamples=resamples)
            estimates.update(paired)
        first_runs, second_runs = (
            dict(zip(scores.tasks, scores.counts.tolist(), strict=True))
            for scores in (found.scores[first], found.scores[second])
        )
        rows = [
            TaskDifference(
                task=task,
                estimate=estimates[task],
                pairs=len(pairs.get(task, ())),
                runs=(first_runs[task], second_runs[task]),
                episodes=shared[task][1] if task in pairs else 0,
            )
            for task in found.tasks
        ]
        rows.sort(key=lambda row: (-row.estimate.value, row.task))
        result[first, second] = tuple(rows)
    return result


def _shared(
    suite: Suite,
    task: str,
    first: MethodData,
    second: MethodData,
    episodes: Mapping[int, Mapping[int, float]],
) -> tuple[list[float], int]:
    """The pairs' normalised differences, each the mean over the episodes that both runs
    played, and the number of those; none unless all runs of the side with fewer are in
    pairs, since what is not would be dropped. Nor is one pair formed where a side has
    several runs.

    An episode is fixed by task, seed and number, whatever the method.
    """
    runs = [
        {final.seed: final.run_id for final in method.finals if final.task == task}
        for method in (first, second)
    ]
    bounds = suite.bounds(suite.task(task))
    assert bounds is not None  # the scores are normalised already
    values, count = [], 0
    for seed in sorted(runs[0].keys() & runs[1].keys()):
        x, y = (episodes.get(of_method[seed], {}) for of_method in runs)
        if both := sorted(x.keys() & y.keys()):
            difference = fmean(x[number] - y[number] for number in both)
            values.append(difference / (bounds[1] - bounds[0]))
            count += len(both)
    fewer, larger = sorted(map(len, runs))
    whole = len(values) == fewer and (fewer > 1 or larger == 1)
    return (values, count) if whole else ([], 0)


def _more(
    methods: Mapping[str, MethodData], found: Comparable, pair: Pair, now: Estimate
) -> More | None:
    first, second = (found.scores[label] for label in pair)
    if min(first.counts.min(), second.counts.min()) < 2:
        return None
    seeds = seeds_to_separate(first, second, now)
    if seeds.more is None:
        return More(seeds, None)
    costs = [_hours_of_a_seed(methods[label], found.tasks) for label in pair]
    known = [cost for cost in costs if cost is not None]
    return More(seeds, seeds.more * sum(known) if len(known) == len(costs) else None)


def _hours_of_a_seed(method: MethodData, tasks: Sequence[str]) -> float | None:
    """The mean wall time of a run, over all tasks together."""
    hours = 0.0
    for task in tasks:
        seconds = [final.wall_seconds for final in method.finals if final.task == task]
        known = [value for value in seconds if value is not None]
        if not known:
            return None
        hours += fmean(known) / 3600
    return hours
