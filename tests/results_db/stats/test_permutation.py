"""The permutation test against full enumeration and scipy, and its error rate."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from results_db.stats.permutation import permutation_p_values
from results_db.stats.scores import Scores


def enumerated(x, y):
    """The p-value over every way of dealing the runs of each task."""

    def distance(firsts):
        total = 0.0
        for values, first, n in zip(pooled, firsts, sizes, strict=True):
            rest = [v for i, v in enumerate(values) if i not in first]
            won = [
                (values[i] > v) + 0.5 * (values[i] == v) for i in first for v in rest
            ]
            total += sum(won) / (n * len(rest)) - 0.5
        return abs(total)

    pooled = [[*a, *b] for a, b in zip(x.runs, y.runs, strict=True)]
    sizes = [len(a) for a in x.runs]
    seen = distance([tuple(range(n)) for n in sizes])
    deals = [combinations(range(len(v)), n) for v, n in zip(pooled, sizes, strict=True)]
    found = [distance(firsts) >= seen - 1e-9 for firsts in product(*deals)]
    return np.mean(found)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ({"a": [1, 2, 5]}, {"a": [0, 1, 3, 4]}),
        ({"a": [1, 2, 5], "b": [3, 3]}, {"a": [0, 1], "b": [3, 1, 0]}),
        ({"a": [5, 6], "b": [7, 8], "c": [9]}, {"a": [1, 2], "b": [3, 4], "c": [0]}),
    ],
)
def test_equal_to_full_enumeration(x, y):
    x, y = Scores.of(x), Scores.of(y)
    (p_value,) = permutation_p_values([(x, y)], permutations=20_000)
    assert p_value == pytest.approx(enumerated(x, y), abs=0.012)


def test_on_one_task_it_is_the_rank_sum_test():
    rng = np.random.default_rng(0)
    x, y = rng.normal(0.8, 1, 8), rng.normal(0, 1, 9)
    (p_value,) = permutation_p_values([(Scores.of({"a": x}), Scores.of({"a": y}))])
    assert p_value == pytest.approx(mannwhitneyu(x, y, method="exact").pvalue, abs=0.01)


def test_equal_methods_are_called_different_as_often_as_the_level_says():
    rng = np.random.default_rng(1)

    def drawn():
        return Scores.of({f"t{i}": rng.normal(i, 1, 3) for i in range(4)})

    p_values = permutation_p_values(
        [(drawn(), drawn()) for _ in range(600)], permutations=2000
    )
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(np.array(p_values) <= 0.5) == pytest.approx(0.5, abs=0.06)
