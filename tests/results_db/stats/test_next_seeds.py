import numpy as np
import pytest

from results_db.stats.bootstrap import percentile_interval
from results_db.stats.compare import probability_of_improvement, wins
from results_db.stats.next_seeds import (
    excludes_half,
    improvement_and_error,
    seeds_to_separate,
    told_apart,
)
from results_db.stats.resampling import slots, times_drawn
from results_db.stats.scores import Scores


def normal(seed, shift=0.0, runs=5, tasks=10):
    rng = np.random.default_rng(seed)
    return Scores.of({f"t{i}": rng.normal(shift, 1, runs) for i in range(tasks)})


def now(x, y, resamples=1000):
    return probability_of_improvement(x, y, resamples=resamples).estimate


def separate(x, y, **options):
    return seeds_to_separate(x, y, now(x, y), **options)


def once(scores):
    return [np.ones((runs.size, 1)) for runs in scores.runs]


def tables(x, y):
    return [wins(*runs) / 2.0 for runs in zip(x.runs, y.runs, strict=True)]


@pytest.mark.parametrize("runs", [3, 5, 10])
def test_the_error_is_that_of_the_bootstrap(runs):
    x, y = normal(0, 0.3, runs), normal(1, runs=runs)
    value, error = improvement_and_error(tables(x, y), once(x), once(y))
    counts = [runs] * 10
    both = []
    for label in ("x", "y"):
        (drawn,) = slots(counts, resamples=8000, seed=0, label=label)
        both.append([times_drawn(task, range(runs)).astype(float) for task in drawn])
    # Of every resample the value, which is what the bootstrap takes percentiles of.
    values, _ = improvement_and_error(tables(x, y), *both)
    found = probability_of_improvement(x, y, resamples=8000).estimate
    assert value[0] == pytest.approx(found.value)
    assert percentile_interval(values) == pytest.approx((found.low, found.high))
    assert error[0] == pytest.approx(values.std(), rel=0.12)


def test_told_apart_agrees_with_the_intervals_that_are_printed():
    agree = 0
    for trial in range(60):
        x, y = normal(2 * trial, 0.4), normal(2 * trial + 1)
        agree += (
            excludes_half(now(x, y)) == told_apart(tables(x, y), once(x), once(y))[0]
        )
    assert agree >= 54


def test_clear_differences_need_no_more_seeds():
    assert separate(normal(0, 3.0), normal(1)).more == 0


def test_no_more_seeds_are_needed_only_where_the_printed_interval_says_so():
    """Near 1/2 its normal form may differ from it; the printed one decides."""
    differ = 0
    for trial in range(120):
        x, y = normal(2 * trial, 0.4, 3), normal(2 * trial + 1, runs=3)
        printed = now(x, y)
        differ += (
            excludes_half(printed) != told_apart(tables(x, y), once(x), once(y))[0]
        )
        found = seeds_to_separate(x, y, printed, simulations=20, cap=5)
        assert (found.more == 0) == excludes_half(printed)
    assert differ > 0


def test_equal_methods_are_not_told_apart_by_any_number():
    x = Scores.of({"a": [0.0, 1.0, 2.0, 3.0]})
    found = separate(x, x, cap=20)
    assert found.more is None
    assert found.power < 0.3


def test_the_answer_is_the_fewest_that_are_enough():
    # A run of x beats one of y in 7 of 9 cases, on four tasks.
    x = Scores.of({f"t{i}": [1.0, 2.5, 3.5] for i in range(3)})
    y = Scores.of({f"t{i}": [0.0, 2.0, 3.0] for i in range(3)})
    found = separate(x, y, power=0.8)
    assert 1 <= found.more <= 15
    assert found.power >= 0.8
    assert separate(x, y, power=0.99).more > found.more
    assert separate(x, y, cap=found.more - 1).more is None


def test_one_run_tells_nothing_about_more():
    with pytest.raises(ValueError, match="one run only"):
        separate(normal(0, runs=1), normal(1))
