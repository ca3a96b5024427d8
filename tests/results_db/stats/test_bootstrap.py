import numpy as np
import pytest

from results_db.stats import resampling
from results_db.stats.bootstrap import summarise
from results_db.stats.scores import Scores

NAMES = ("iqm", "median", "mean", "optimality_gap")


def make(runs=5, tasks=26, seed=0):
    rng = np.random.default_rng(seed)
    return Scores.of({f"t{i}": rng.normal(i / tasks, 0.3, runs) for i in range(tasks)})


@pytest.mark.parametrize("ragged", [False, True])
def test_the_same_seed_gives_the_same_bits_whatever_the_chunks(monkeypatch, ragged):
    scores = Scores.of({"a": [1, 2, 4], "b": [0, 1, 3, 5]}) if ragged else make()
    first = summarise(scores, resamples=2000)
    assert summarise(scores, resamples=2000) == first
    monkeypatch.setattr(resampling, "CHUNK", 770)
    assert summarise(scores, resamples=2000) == first
    assert summarise(scores, resamples=2000, seed=1) != first


def test_the_order_of_runs_and_tasks_does_not_matter():
    a = Scores.of({"x": [1, 2, 3], "y": [4, 5, 7]})
    b = Scores.of({"y": [7, 4, 5], "x": [3, 1, 2]})
    assert summarise(a, resamples=500) == summarise(b, resamples=500)
    assert a.digest == b.digest != Scores.of({"x": [1, 2, 3]}).digest


def test_no_global_generator_is_touched():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    summarise(make(), resamples=100)
    assert (np.random.get_state()[1] == before).all()


def test_the_interval_holds_the_point_estimate():
    summary = summarise(make(), resamples=2000)
    for name in NAMES:
        estimate = getattr(summary, name)
        assert estimate.low < estimate.value < estimate.high


def test_one_run_gives_no_interval_and_two_a_warning():
    one = summarise(Scores.of({"a": [1.0, 2.0], "b": [3.0]}), resamples=100)
    assert one.iqm.low is None
    assert one.iqm.high is None
    assert one.fewest_runs == 1
    assert "no interval" in one.warning
    two = summarise(Scores.of({"a": [1.0, 2.0, 3.0], "b": [3.0, 5.0]}), resamples=100)
    assert two.iqm.low is not None
    assert "82 %" in two.warning
    assert summarise(make(runs=3), resamples=100).warning is None


@pytest.mark.parametrize("runs", [3, 10])
def test_intervals_agree_with_rliable_within_monte_carlo_error(runs):
    from rliable import library
    from rliable import metrics as rliable

    scores = make(runs=runs, tasks=10)
    matrix = np.stack(scores.runs, axis=1)
    ours = summarise(scores, resamples=20_000)
    np.random.seed(0)
    functions = [
        rliable.aggregate_iqm,
        rliable.aggregate_median,
        rliable.aggregate_mean,
        rliable.aggregate_optimality_gap,
    ]
    _, intervals = library.get_interval_estimates(
        {"m": matrix}, lambda x: np.array([f(x) for f in functions]), reps=5_000
    )
    for index, name in enumerate(NAMES):
        estimate = getattr(ours, name)
        width = estimate.high - estimate.low
        assert estimate.low == pytest.approx(intervals["m"][0][index], abs=0.06 * width)
        assert estimate.high == pytest.approx(
            intervals["m"][1][index], abs=0.06 * width
        )
