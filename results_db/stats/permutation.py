"""A test of whether two methods differ, exact for any number of runs: within each task
the runs are dealt anew to the two methods, and the probability of improvement compared.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from results_db.stats.bootstrap import RESAMPLES
from results_db.stats.resampling import CHUNK, fractions, streams
from results_db.stats.scores import Floats, Scores

ESTIMATOR = "stratified permutation test of the probability of improvement/1"

Shape = tuple[tuple[int, int], ...]
"""For each task the runs of both methods."""


def permutation_p_values(
    pairs: Sequence[tuple[Scores, Scores]],
    *,
    permutations: int = RESAMPLES,
    seed: int = 0,
) -> list[float]:
    """Two-sided p-values, one a pair; the two of a pair have equal tasks.

    The null hypothesis: on every task the runs of both come from one distribution. The
    statistic: the distance of the probability of improvement from 1/2, i.e. a Wilcoxon
    rank-sum statistic stratified by task. p = (1 + dealings at least as far) / (1 +
    dealings), which never is 0 and never too small (Phipson and Smyth 2010).

    Source: van Elteren 1960 for the stratified rank-sum statistic; Phipson and Smyth
    2010 (doi:10.2202/1544-6115.1585) for the p-value.
    """
    by_shape: dict[Shape, list[int]] = defaultdict(list)
    for index, (x, y) in enumerate(pairs):
        shape = tuple(zip(x.counts.tolist(), y.counts.tolist(), strict=True))
        by_shape[shape].append(index)
    found = [1.0] * len(pairs)
    for shape, members in by_shape.items():
        ranks = _ranks([pairs[index] for index in members])
        p_values = _p_values(ranks, shape, permutations=permutations, seed=seed)
        for index, p_value in zip(members, p_values, strict=True):
            found[index] = p_value
    return found


def _p_values(
    ranks: list[NDArray[np.float32]], shape: Shape, *, permutations: int, seed: int
) -> list[float]:
    """The p-values of pairs of one shape, from the same dealings.

    Args:
        ranks: for each task [pairs, runs of both].
    """
    rngs = streams(seed, len(shape), label="permutation")
    observed = np.zeros(len(ranks[0]))
    for task_ranks, (n, m) in zip(ranks, shape, strict=True):
        observed += task_ranks[:, :n].sum(axis=1, dtype=np.float64) / (n * m)
    # Equal sums may differ in the last bits where tasks have unequal numbers of runs.
    bound = np.abs(observed) * (1 - 1e-12) - 1e-12
    farther = np.zeros(len(observed), dtype=np.int64)
    for done in range(0, permutations, CHUNK):
        size = min(CHUNK, permutations - done)
        dealt = np.zeros((len(observed), size))
        for task_ranks, (n, m), rng in zip(ranks, shape, rngs, strict=True):
            # Whole numbers, exact in float32 in whatever order they are added.
            sums = task_ranks @ _dealings(rng, size, first=n, all_runs=n + m)
            dealt += np.divide(sums, n * m, dtype=np.float64)
        farther += (np.abs(dealt) >= bound[:, None]).sum(axis=1)
    return [(1 + int(count)) / (1 + permutations) for count in farther]


def _dealings(
    rng: np.random.Generator, size: int, *, first: int, all_runs: int
) -> NDArray[np.float32]:
    """[all_runs, size]: 1 where a run is dealt to the first method, which gets `first`.

    Each run in turn is taken with probability (still to take) / (still to come).
    """
    chances = fractions(rng, size, all_runs).T
    taken = np.empty((all_runs, size), dtype=np.float32)
    left = np.full(size, first, dtype=np.float32)
    for run in range(all_runs):
        np.less(chances[run] * np.float32(all_runs - run), left, out=taken[run])
        left -= taken[run]
    return taken


def _ranks(pairs: list[tuple[Scores, Scores]]) -> list[NDArray[np.float32]]:
    """For each task [pairs, runs of both]: doubled middle ranks less their mean, so
    that the first method's sum is 0 when it is level with the second."""
    tasks = range(len(pairs[0][0].tasks))
    return [
        np.array([_centred(np.concatenate([x.runs[t], y.runs[t]])) for x, y in pairs])
        for t in tasks
    ]


def _centred(values: Floats) -> NDArray[np.float32]:
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to - values.size).astype(np.float32)
