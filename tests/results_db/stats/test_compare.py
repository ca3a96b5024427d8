"""P(improvement) against rliable's, and against its slow definition on ragged runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rliable import library
from rliable import metrics as rliable

from results_db.stats import resampling
from results_db.stats.compare import all_pairs, holm, probability_of_improvement
from results_db.stats.scores import Scores


def of(matrix):
    return Scores.of({f"t{i:03}": column for i, column in enumerate(matrix.T)})


def normal(seed, runs=5, tasks=8, shift=0.0):
    rng = np.random.default_rng(seed)
    return of(rng.normal(shift, 1, (runs, tasks)))


@pytest.mark.parametrize(
    ("runs", "tasks"), [((1, 1), 1), ((2, 3), 57), ((5, 5), 26), ((100, 7), 3)]
)
@pytest.mark.parametrize("digits", [0, 8])
def test_equal_to_rliable_on_rectangles(runs, tasks, digits):
    rng = np.random.default_rng(0)
    x, y = (rng.normal(-1, 1, (n, tasks)).round(digits) for n in runs)
    found = probability_of_improvement(of(x), of(y), resamples=10)
    assert found.estimate.value == pytest.approx(
        rliable.probability_of_improvement(x, y), abs=1e-12
    )


def test_the_interval_agrees_with_rliable_within_monte_carlo_error():
    rng = np.random.default_rng(3)
    x, y = rng.normal(0.3, 1, (5, 6)), rng.normal(0, 1, (7, 6))
    np.random.seed(0)
    _, theirs = library.get_interval_estimates(
        {"pair": [x, y]}, rliable.probability_of_improvement, reps=1500
    )
    ours = probability_of_improvement(of(x), of(y), resamples=20_000).estimate
    assert [ours.low, ours.high] == pytest.approx(theirs["pair"][:, 0], abs=0.012)


group = st.lists(st.integers(-2, 2).map(float), min_size=1, max_size=5)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(group, group), min_size=1, max_size=5))
def test_ragged_runs_follow_the_definition(groups):
    x, y = (
        Scores.of({f"t{i}": pair[side] for i, pair in enumerate(groups)})
        for side in (0, 1)
    )
    found = probability_of_improvement(x, y, resamples=5)
    tasks = [
        np.mean([(a > b) + 0.5 * (a == b) for a in first for b in second])
        for first, second in groups
    ]
    assert list(found.tasks.values()) == pytest.approx(tasks, abs=1e-12)
    assert found.estimate.value == pytest.approx(np.mean(tasks), abs=1e-12)
    back = probability_of_improvement(y, x, resamples=5)
    assert back.estimate.value == pytest.approx(1 - found.estimate.value, abs=1e-12)


def test_equal_data_is_level_and_uncertain():
    found = probability_of_improvement(normal(0), normal(0), resamples=2000).estimate
    assert found.value == 0.5
    assert found.low < 0.45
    assert found.high > 0.55


def test_numbers_of_a_pair_do_not_depend_on_the_others_nor_on_chunks(monkeypatch):
    methods = {"a": normal(0), "b": normal(1), "c": normal(2, runs=3)}
    every = {(p.first, p.second): p for p in all_pairs(methods, resamples=1000)}
    assert list(every) == [("a", "b"), ("a", "c"), ("b", "c")]
    monkeypatch.setattr(resampling, "CHUNK", 100)
    (alone,) = all_pairs({"b": methods["b"], "c": methods["c"]}, resamples=1000)
    assert alone.estimate == every["b", "c"].estimate
    assert alone.p_value == every["b", "c"].p_value
    (other,) = all_pairs({"b": methods["b"], "c": methods["c"]}, resamples=1000, seed=1)
    assert other.estimate != alone.estimate


def test_one_run_on_either_side_gives_no_interval_but_a_test():
    (pair,) = all_pairs({"a": normal(0), "b": normal(1, runs=1)}, resamples=100)
    assert (pair.estimate.low, pair.estimate.high) == (None, None)
    assert 0 < pair.p_value <= 1


def test_a_clear_difference_stays_significant_after_holm():
    methods = {"best": normal(0, shift=3.0), "a": normal(1), "b": normal(2)}
    pairs = all_pairs(methods, resamples=2000)
    assert [p.adjusted_p < 0.05 for p in pairs] == [True, True, False]
    assert pairs[0].adjusted_p == pytest.approx(3 / 2001)


def test_holm_is_the_textbook_example():
    adjusted = holm([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]


def test_different_tasks_are_refused_by_name():
    with pytest.raises(ValueError, match="x and y .* lacks t007"):
        probability_of_improvement(normal(0), normal(0, tasks=7))
