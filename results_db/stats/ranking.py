"""Rank sets: the ranks that a method may hold, as far as the runs can tell."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from results_db.stats.bootstrap import CONFIDENCE, RESAMPLES, replicates_of
from results_db.stats.metrics import Estimators
from results_db.stats.scores import Scores

ESTIMATOR = "simultaneous rank sets of studentised bootstrap differences/1"


def rank_sets(
    methods: Mapping[str, Scores],
    *,
    aggregate: str = "iqm",
    gamma: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, tuple[int, int]]:
    """Method -> its best and its worst rank (1 is best).

    Two methods are separated when their difference is farther from 0 than the 95 %
    quantile of the largest studentised error over all pairs, so that all rank sets
    together hold the true ranks with 95 % confidence. A method's best rank is 1 + the
    number of methods separated above it. A method with one run of a task is separated
    from none, since nothing is known of its spread.

    Args:
        methods: all over the same tasks.
        aggregate: one of `metrics.AGGREGATES`; lower is better for the optimality gap.

    Source: Mogstad, Romano, Shaikh and Wilhelm 2024 (doi:10.1093/restud/rdad006).
    """
    sign = -1 if aggregate == "optimality_gap" else 1
    values, replicates = {}, {}
    for name, scores in methods.items():
        estimators = Estimators(scores, gamma=gamma)
        values[name] = sign * float(estimators.one(aggregate, estimators.once)[0])
        if scores.counts.min() > 1:
            replicates[name] = sign * replicates_of(
                scores,
                aggregate,
                gamma=gamma,
                resamples=resamples,
                seed=seed,
                label=name,
            )
    spreads = {}
    largest = np.zeros(resamples)
    for a, b in combinations(replicates, 2):
        errors = (replicates[a] - replicates[b]) - (values[a] - values[b])
        spreads[a, b] = float(errors.std())
        if spreads[a, b] > 0:
            np.maximum(largest, np.abs(errors) / spreads[a, b], out=largest)
    bound = float(np.quantile(largest, CONFIDENCE))
    above = dict.fromkeys(methods, 0)
    below = dict.fromkeys(methods, 0)
    for (a, b), spread in spreads.items():
        difference = values[a] - values[b]
        if abs(difference) > bound * spread:
            better, worse = (a, b) if difference > 0 else (b, a)
            above[worse] += 1
            below[better] += 1
    return {name: (1 + above[name], len(methods) - below[name]) for name in methods}
