"""How many more seeds would tell two methods apart, by simulation from their runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results_db.stats.bootstrap import Estimate
from results_db.stats.compare import wins
from results_db.stats.resampling import Slots, fractions, scaled, streams, times_drawn
from results_db.stats.scores import Floats, Scores

POWER = 0.8
CAP = 50
SIMULATIONS = 2000
NORMAL_95 = 1.959963984540054
"""Half-width of a 95 % interval in standard errors."""

Counts = list[NDArray[np.float64]]
"""For each task [runs, simulations]: how often each measured run stands in the data."""


@dataclass(frozen=True)
class NextSeeds:
    """What more seeds on every task would bring."""

    more: int | None
    """Seeds that each of the two methods needs beyond those that it has, 0 where they
    are told apart already; None where `cap` are not enough."""
    power: float
    """Share of the simulations in which the two are told apart then; at the cap where
    it is not enough."""
    cap: int


def seeds_to_separate(
    x: Scores,
    y: Scores,
    now: Estimate,
    *,
    power: float = POWER,
    cap: int = CAP,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> NextSeeds:
    """The fewest more seeds with which two methods would be told apart.

    Told apart: the 95 % interval of the probability of improvement excludes 1/2. With
    the runs that are there that is the interval which was computed. More runs are
    simulated by drawing from those of the same method and task, beside those that are
    there, so the answer is as good as the measured runs are typical: from two or three
    it is a rough guess, and from one it is none, since nothing is known of the spread.
    Their interval is the bootstrap's in its normal form, from the variances over runs
    of how often each run wins (tests/results_db/stats/test_next_seeds.py).

    Args:
        x, y: scores over the same tasks.
        now: P(x > y) with its interval, as `compare.probability_of_improvement` or
            `compare.all_pairs` give it.
        power: the share of simulations that is asked for.
        cap: no more seeds are tried.

    Raises:
        ValueError: a task has one run only, on either side.
    """
    fewest = min(int(x.counts.min()), int(y.counts.min()))
    if fewest < 2:
        raise ValueError("a task has one run only: nothing is known of its spread")
    tables = [wins(*runs) / 2.0 for runs in zip(x.runs, y.runs, strict=True)]
    drawn_x = _draws(x, cap, simulations, seed=seed, label="first")
    drawn_y = _draws(y, cap, simulations, seed=seed, label="second")

    def reached(more: int) -> float:
        counts = [
            _counts(scores, drawn, more)
            for scores, drawn in ((x, drawn_x), (y, drawn_y))
        ]
        return float(told_apart(tables, *counts).mean())

    if excludes_half(now):
        return NextSeeds(0, 1.0, cap)
    if (at_cap := reached(cap)) < power:
        return NextSeeds(None, at_cap, cap)
    low, high = 0, cap  # the answer lies in (low, high]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    return NextSeeds(high, reached(high), cap)


def excludes_half(estimate: Estimate) -> bool:
    """Whether an interval of a probability of improvement leaves 1/2 out."""
    if estimate.low is None or estimate.high is None:
        return False
    return estimate.low > 0.5 or estimate.high < 0.5


def told_apart(tables: list[Floats], x: Counts, y: Counts) -> NDArray[np.bool_]:
    """[simulations]: whether the interval of P(x > y) excludes 1/2.

    Args:
        tables: for each task [runs of x, runs of y], 1 where x is higher, 1/2 level.
    """
    value, error = improvement_and_error(tables, x, y)
    return np.asarray(np.abs(value - 0.5) > NORMAL_95 * error)


def improvement_and_error(
    tables: list[Floats], x: Counts, y: Counts
) -> tuple[Floats, Floats]:
    """[simulations] each: P(x > y) averaged over tasks, and its standard error."""
    value, variance = 0.0, 0.0
    for table, times_x, times_y in zip(tables, x, y, strict=True):
        runs_x, runs_y = times_x[:, 0].sum(), times_y[:, 0].sum()
        of_x = table @ times_y / runs_y  # how often each run of x wins
        of_y = table.T @ times_x / runs_x
        mean = (times_x * of_x).sum(axis=0) / runs_x
        spread_x = (times_x * of_x**2).sum(axis=0) / runs_x - mean**2
        spread_y = (times_y * of_y**2).sum(axis=0) / runs_y - mean**2
        value = value + mean / len(tables)
        variance += (spread_x / runs_x + spread_y / runs_y) / len(tables) ** 2
    return np.asarray(value), np.sqrt(np.maximum(variance, 0.0))


def _draws(
    scores: Scores, cap: int, simulations: int, *, seed: int, label: str
) -> list[Slots]:
    """For each task [cap, simulations]: the runs that new seeds would repeat. The first
    ones are the same whatever the cap."""
    rngs = streams(seed, len(scores.tasks), label=label)
    return [
        scaled(fractions(rng, cap, simulations), runs)
        for rng, runs in zip(rngs, scores.counts.tolist(), strict=True)
    ]


def _counts(scores: Scores, drawn: list[Slots], more: int) -> Counts:
    """The measured runs once, and the first `more` drawn ones."""
    return [
        1.0 + times_drawn(task[:more], range(runs))
        for task, runs in zip(drawn, scores.counts.tolist(), strict=True)
    ]
