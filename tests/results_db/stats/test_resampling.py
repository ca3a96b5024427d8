import numpy as np
import pytest

from results_db.stats import resampling
from results_db.stats.resampling import resampled_times, scaled, streams, times_drawn


@pytest.mark.parametrize("counts", [(1, 2, 5), (300, 4)])
def test_every_resample_draws_as_many_runs_of_each_task_as_there_are(counts):
    (times,) = resampled_times(counts, resamples=500, seed=0)
    assert times.shape == (sum(counts), 500)
    start = 0
    for count in counts:
        assert (times[start : start + count].sum(axis=0) == count).all()
        start += count


def test_every_run_is_drawn_equally_often():
    (times,) = resampled_times([4], resamples=8000, seed=0)
    assert times.mean(axis=1) == pytest.approx(1, abs=0.05)
    assert times.var(axis=1) == pytest.approx(0.75, abs=0.05)


def test_times_are_counts_of_the_slots():
    drawn = np.array([[0, 2], [0, 1], [3, 2]], dtype=np.uint8)
    assert times_drawn(drawn, range(4)).tolist() == [[2, 0], [0, 1], [0, 2], [1, 0]]
    assert times_drawn(drawn, (2, 3)).tolist() == [[0, 2], [1, 0]]


@pytest.mark.parametrize("runs", [1, 3, 64, 65, 100, 129, 1000, 70_000])
def test_the_largest_fraction_is_the_last_run(runs):
    largest = np.float32(1 - 2**-24)
    assert scaled(np.array([[0, largest]], np.float32), runs).tolist() == [
        [0, runs - 1]
    ]


def test_draws_depend_on_seed_and_label_only(monkeypatch):
    def drawn(**options):
        return np.hstack(list(resampled_times([3, 5], resamples=1000, **options)))

    first = drawn(seed=0, label="a")
    assert (drawn(seed=0, label="b") != first).any()
    assert (drawn(seed=1, label="a") != first).any()
    monkeypatch.setattr(resampling, "CHUNK", 77)
    assert (drawn(seed=0, label="a") == first).all()


def test_streams_differ_from_each_other():
    values = {rng.random() for rng in streams(0, 50)}
    assert len(values) == 50
