import numpy as np
import pytest

from results_db.stats.differences import paired_differences, unpaired_differences
from results_db.stats.scores import Scores


def test_pairs_cancel_what_their_runs_share():
    rng = np.random.default_rng(0)
    shared, noise = rng.normal(0, 5, 6), rng.normal(0, 0.1, (2, 6))
    first, second = shared + 1 + noise[0], shared + noise[1]
    paired = paired_differences({"a": list(first - second)})["a"]
    apart = unpaired_differences(Scores.of({"a": first}), Scores.of({"a": second}))["a"]
    assert paired.value == pytest.approx(apart.value)
    assert paired.high - paired.low < 0.3 < 3 < apart.high - apart.low
    assert paired.low < paired.value < paired.high


def test_the_interval_is_the_bootstrap_of_the_mean():
    values = [0.0, 1.0, 4.0, 9.0]
    found = paired_differences({"a": values, "b": [1.0]}, resamples=20_000)
    rng = np.random.default_rng(0)
    means = rng.choice(values, (20_000, 4)).mean(axis=1)
    ends = np.percentile(means, [2.5, 97.5])
    assert [found["a"].low, found["a"].high] == pytest.approx(ends, abs=0.26)
    assert (found["b"].value, found["b"].low, found["b"].high) == (1.0, None, None)


def test_both_sides_are_resampled_on_their_own():
    scores = Scores.of({"a": [0.0, 1.0, 2.0]})
    found = unpaired_differences(scores, scores, resamples=2000)["a"]
    assert found.value == 0
    assert found.low < -0.5 < 0.5 < found.high


def test_one_run_on_either_side_gives_no_interval():
    once, several = Scores.of({"a": [1.0]}), Scores.of({"a": [1.0, 2.0]})
    assert unpaired_differences(once, several)["a"].low is None
    assert unpaired_differences(several, once)["a"].low is None


def test_different_tasks_are_refused():
    with pytest.raises(ValueError, match="same tasks"):
        unpaired_differences(Scores.of({"a": [1.0]}), Scores.of({"b": [1.0]}))
