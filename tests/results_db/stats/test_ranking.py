import numpy as np
import pytest

from results_db.stats.ranking import rank_sets
from results_db.stats.scores import Scores


def normal(seed, shift=0.0, runs=5):
    rng = np.random.default_rng(seed)
    return Scores.of({f"t{i}": rng.normal(shift, 0.3, runs) for i in range(10)})


METHODS = {"low": normal(0), "high": normal(1, 3.0), "also high": normal(2, 3.01)}


def test_what_cannot_be_told_apart_shares_its_ranks():
    found = rank_sets(METHODS, resamples=2000)
    assert found == {"low": (3, 3), "high": (1, 2), "also high": (1, 2)}


def test_lower_is_better_for_the_optimality_gap():
    found = rank_sets(METHODS, aggregate="optimality_gap", gamma=9.0, resamples=2000)
    assert found["low"] == (3, 3)


def test_a_method_with_one_run_of_a_task_is_separated_from_none():
    found = rank_sets({**METHODS, "once": normal(3, 9.0, runs=1)}, resamples=2000)
    assert found["once"] == (1, 4)
    assert found["low"] == (3, 4)


def test_constants_are_told_apart_exactly():
    methods = {
        n: Scores.of({"a": [v, v]}) for n, v in zip("abc", (1.0, 1.0, 2.0), strict=True)
    }
    assert rank_sets(methods, resamples=50) == {"a": (2, 3), "b": (2, 3), "c": (1, 1)}


@pytest.mark.parametrize("count", [0, 1])
def test_one_method_alone_is_first(count):
    alone = dict(list(METHODS.items())[:count])
    assert rank_sets(alone, resamples=50) == dict.fromkeys(alone, (1, 1))


def test_equal_methods_are_separated_in_few_tables():
    wrong = 0
    for trial in range(100):
        methods = {f"m{i}": normal(1000 * trial + i, runs=8) for i in range(4)}
        found = rank_sets(methods, resamples=500)
        wrong += any(ranks != (1, 4) for ranks in found.values())
    # 5 % are meant; the bootstrap of eight runs is somewhat too sure.
    assert wrong <= 15
