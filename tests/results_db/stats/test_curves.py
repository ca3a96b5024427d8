"""Curves against slow definitions: of the points, of the band and of the area."""

import numpy as np
import pytest
from rliable import library
from rliable import metrics as rliable

from results_db.stats import resampling
from results_db.stats.bootstrap import summarise
from results_db.stats.curves import data_digest, sample_efficiency
from results_db.stats.scores import Scores

STEPS = np.array([100, 200, 300, 400])


def data(runs=4, tasks=3, seed=0):
    rng = np.random.default_rng(seed)
    return {
        f"t{i}": [(STEPS, i + STEPS / 100 + rng.normal(0, 1, 4)) for _ in range(runs)]
        for i in range(tasks)
    }


def cut(runs, number, last):
    """The same runs, one of which ends after `last` points."""
    steps, scores = runs[number]
    return [*runs[:number], (steps[:last], scores[:last]), *runs[number + 1 :]]


@pytest.mark.parametrize("aggregate", ["iqm", "median", "mean", "optimality_gap"])
def test_each_point_is_the_aggregate_there(aggregate):
    curve = sample_efficiency(data(), aggregate, resamples=3000)
    for point in range(4):
        scores = Scores.of(
            {task: [run[1][point] for run in runs] for task, runs in data().items()}
        )
        alone = getattr(summarise(scores, resamples=3000), aggregate)
        assert curve.value[point] == pytest.approx(alone.value)
        assert curve.low[point] == pytest.approx(alone.low, abs=0.15)
        assert curve.high[point] == pytest.approx(alone.high, abs=0.15)
    assert curve.live_runs.tolist() == [12] * 4


def test_the_band_agrees_with_rliable_within_monte_carlo_error():
    runs = data(runs=5, tasks=4)
    cube = np.array([[run[1] for run in several] for several in runs.values()])
    np.random.seed(0)
    values, bands = library.get_interval_estimates(
        {"m": cube.transpose(1, 0, 2)},  # runs, tasks, points
        lambda x: np.array([rliable.aggregate_iqm(x[..., p]) for p in range(4)]),
        reps=3000,
    )
    ours = sample_efficiency(runs, resamples=20_000)
    assert ours.value == pytest.approx(values["m"], abs=1e-12)
    width = ours.high - ours.low
    assert (np.abs(ours.low - bands["m"][0]) < 0.08 * width).all()
    assert (np.abs(ours.high - bands["m"][1]) < 0.08 * width).all()


def test_a_run_has_no_value_before_its_first_and_after_its_last_evaluation():
    runs = data()
    runs["t1"] = cut(runs["t1"], 2, last=2)
    runs["t0"][0] = (STEPS[1:], np.array([9.0, 9.0, 9.0]))
    curve = sample_efficiency(runs, "mean", resamples=200)
    assert curve.live_runs.tolist() == [11, 12, 11, 11]
    left = [run[1][3] for n, run in enumerate(runs["t1"]) if n != 2]
    tasks = [
        np.mean(left),
        *(np.mean([r[1][-1] for r in runs[t]]) for t in ("t0", "t2")),
    ]
    assert curve.value[3] == pytest.approx(np.mean(tasks))


def test_the_curve_ends_with_the_last_run_of_a_task():
    runs = {"a": [(STEPS[:2], np.ones(2))] * 2, "b": [(STEPS, np.ones(4))] * 2}
    curve = sample_efficiency(runs, resamples=50)
    assert curve.at.tolist() == [100, 200]
    with pytest.raises(ValueError, match="no step at which every task has a run"):
        sample_efficiency({**runs, "c": [(STEPS + 900, np.ones(4))]})


def test_between_evaluations_a_run_lies_on_the_straight_line():
    runs = {"a": [(np.array([0, 100]), np.array([0.0, 1.0]))] * 2}
    curve = sample_efficiency(runs, grid=[-5, 25, 50, 101], resamples=50)
    assert curve.at.tolist() == [25, 50]
    assert curve.value.tolist() == [0.25, 0.5]


def test_the_area_is_the_mean_height_and_its_runs_stay_whole():
    # Of two runs one is high throughout: whole runs give areas 0, 1/2 or 1.
    steps = np.array([0, 10, 100])
    runs = {"a": [(steps, np.zeros(3)), (steps, np.ones(3))]}
    area = sample_efficiency(runs, "mean", resamples=2000).area
    assert (area.value, area.low, area.high) == (0.5, 0.0, 1.0)
    slope = {"a": [(steps, np.array([0.0, 1.0, 1.0]))]}
    assert sample_efficiency(slope).area.value == pytest.approx(0.95)


def test_bands_are_of_the_runs_that_are_live():
    # After its last evaluation the outlier is gone, and so is the spread.
    runs = {"a": [(STEPS, np.ones(4))] * 3 + [(STEPS[:2], np.array([9.0, 9.0]))]}
    curve = sample_efficiency(runs, "mean", resamples=2000)
    assert curve.high[1] > 3
    assert (curve.low[2], curve.high[2]) == (1.0, 1.0)


def test_no_band_from_one_run():
    runs = data()
    assert sample_efficiency({"a": runs["t0"][:1]}).low is None
    runs["t1"] = [
        runs["t1"][0],
        *(r for n in (1, 2, 3) for r in cut(runs["t1"], n, 2)[n : n + 1]),
    ]
    curve = sample_efficiency(runs, resamples=100)
    assert np.isnan(curve.low).tolist() == [False, False, True, True]
    assert curve.area.low is None
    assert curve.runs == 12


def test_the_same_seed_gives_the_same_bits_whatever_the_chunks(monkeypatch):
    runs = data()
    runs["t1"] = cut(runs["t1"], 2, last=2)
    first = sample_efficiency(runs, resamples=1000)
    monkeypatch.setattr(resampling, "CHUNK", 77)
    monkeypatch.setattr("results_db.stats.live_runs.CHUNK", 77)
    again = sample_efficiency(runs, resamples=1000)
    assert (again.low == first.low).all()
    assert again.area == first.area
    other = sample_efficiency(runs, resamples=1000, seed=1)
    assert (other.low != first.low).any()


def test_a_run_that_ends_early_changes_nothing_before():
    whole, ended = data(), data()
    ended["t1"] = cut(ended["t1"], 2, last=2)
    low = sample_efficiency(whole, resamples=500).low
    assert (sample_efficiency(ended, resamples=500).low[:2] == low[:2]).all()


@pytest.mark.parametrize(
    ("runs", "complaint"),
    [
        ({}, "needs tasks"),
        ({"a": []}, "task a has no runs"),
        ({"a": [(STEPS, np.ones(3))]}, "as many steps as scores"),
        ({"a": [(STEPS[::-1], np.ones(4))]}, "must ascend"),
        ({"a": [(STEPS, np.array([1, 2, np.nan, 3]))]}, "not finite"),
    ],
)
def test_unusable_points_are_refused(runs, complaint):
    with pytest.raises(ValueError, match=complaint):
        sample_efficiency(runs)


def test_the_digest_is_of_the_points():
    assert data_digest(data()) == data_digest(data())
    assert data_digest(data()) != data_digest(data(seed=1))
