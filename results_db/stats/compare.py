"""Probability of improvement: how likely a run of one method beats a run of another on
a task, averaged over tasks; with intervals, and tests adjusted for many pairs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from results_db.stats.bootstrap import RESAMPLES, Estimate, with_interval
from results_db.stats.permutation import permutation_p_values
from results_db.stats.resampling import Slots, slots, times_drawn
from results_db.stats.scores import Floats, Scores

ESTIMATOR = "probability of improvement, both sides resampled/1"

Wins = NDArray[np.float32]
"""[first's runs, second's runs]: 2 where the first is higher, 1 where equal."""


@dataclass(frozen=True)
class Improvement:
    """How one method compares with another."""

    first: str
    second: str
    estimate: Estimate
    """P(first > second), ties half. That of second over first is 1 minus it."""
    p_value: float | None
    """Two-sided, of the stratified permutation test; None where not asked for."""
    adjusted_p: float | None
    """The same after Holm's adjustment for all pairs compared together."""
    tasks: dict[str, float]
    """Task -> P(first > second) on it."""


def probability_of_improvement(
    x: Scores, y: Scores, *, resamples: int = RESAMPLES, seed: int = 0
) -> Improvement:
    """P(x > y): the Mann-Whitney statistic, ties half, averaged over tasks.

    The interval resamples the runs of both within each task; with one run of a task on
    either side there is none.

    Raises:
        ValueError: the two have different tasks.

    Source: Agarwal et al. 2021 (arXiv:2108.13264); equal to rliable 1.2.0 on rectangles
    (tests/results_db/stats/test_compare.py).
    """
    (found,) = _improvements({"x": x, "y": y}, resamples=resamples, seed=seed)
    return found


def all_pairs(
    methods: Mapping[str, Scores], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Improvement, ...]:
    """P(improvement) of every pair, in the order of the names given, with p-values.

    The p-value is of the stratified permutation test (`permutation.py`), Holm-adjusted
    over all pairs. A method's resamples depend on its name and the seed alone, so a
    pair's numbers do not depend on which other methods are compared.

    Raises:
        ValueError: the methods have different tasks.
    """
    found = _improvements(methods, resamples=resamples, seed=seed)
    pairs = [(methods[pair.first], methods[pair.second]) for pair in found]
    p_values = permutation_p_values(pairs, permutations=resamples, seed=seed)
    adjusted = holm(p_values)
    return tuple(
        replace(pair, p_value=p, adjusted_p=a)
        for pair, p, a in zip(found, p_values, adjusted, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (1979), in the order given."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(np.argsort(p_values, kind="stable").tolist()):
        larger = min(1.0, (len(p_values) - place) * p_values[index])
        adjusted[index] = largest = max(largest, larger)
    return adjusted


def wins(x: Floats, y: Floats) -> Wins:
    """Compares every run of x [n] with every run of y [m], as `Wins`."""
    higher, equal = x[:, None] > y, x[:, None] == y
    return np.asarray(2 * higher + equal, dtype=np.float32)


def _improvements(
    methods: Mapping[str, Scores], *, resamples: int, seed: int
) -> tuple[Improvement, ...]:
    _same_tasks(methods)
    pairs = list(combinations(methods, 2))
    tables = {
        (a, b): [
            wins(*runs) for runs in zip(methods[a].runs, methods[b].runs, strict=True)
        ]
        for a, b in pairs
    }
    replicates: dict[tuple[str, str], list[Floats]] = {pair: [] for pair in pairs}
    for times in _chunks(methods, resamples=resamples, seed=seed):
        for first, second in pairs:
            replicates[first, second].append(
                _of_resamples(tables[first, second], times[first], times[second])
            )
    found = []
    for first, second in pairs:
        tasks = [
            float(table.mean(dtype=np.float64) / 2) for table in tables[first, second]
        ]
        fewest = min(methods[name].counts.min() for name in (first, second))
        several = np.concatenate(replicates[first, second]) if fewest > 1 else None
        found.append(
            Improvement(
                first=first,
                second=second,
                estimate=with_interval(float(np.mean(tasks)), several),
                p_value=None,
                adjusted_p=None,
                tasks=dict(zip(methods[first].tasks, tasks, strict=True)),
            )
        )
    return tuple(found)


def _same_tasks(methods: Mapping[str, Scores]) -> None:
    """Raises ValueError where two methods have different tasks."""
    if not methods:
        return
    first, tasks = next((name, set(s.tasks)) for name, s in methods.items())
    for name, scores in methods.items():
        if different := tasks ^ set(scores.tasks):
            raise ValueError(
                f"{first} and {name} were not run on the same tasks "
                f"(one of them lacks {', '.join(sorted(different))}); compare them on "
                "the tasks that they share"
            )


def _chunks(
    methods: Mapping[str, Scores], *, resamples: int, seed: int
) -> Iterator[dict[str, list[NDArray[np.float32]]]]:
    """Chunks of resamples: method -> for each task [runs, chunk] times drawn."""
    drawn = [
        slots(scores.counts.tolist(), resamples=resamples, seed=seed, label=name)
        for name, scores in methods.items()
    ]
    for chunk in zip(*drawn, strict=True):
        yield {
            name: [_as_floats(task) for task in tasks]
            for name, tasks in zip(methods, chunk, strict=True)
        }


def _as_floats(drawn: Slots) -> NDArray[np.float32]:
    return times_drawn(drawn, range(len(drawn))).astype(np.float32)


def _of_resamples(
    tables: list[Wins],
    first: list[NDArray[np.float32]],
    second: list[NDArray[np.float32]],
) -> Floats:
    """[resamples]: P(first > second), averaged over tasks.

    Products of whole numbers below 2**24, exact in float32 in whatever order they are
    added: a matrix product gives the same bits on any number of threads.
    """
    total = np.zeros(first[0].shape[1])
    for table, x, y in zip(tables, first, second, strict=True):
        won = (table.T @ x) * y  # [second's runs, resamples]
        total += won.sum(axis=0, dtype=np.float64) / (2 * table.size * len(tables))
    return total
