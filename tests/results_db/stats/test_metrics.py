"""Our estimators against rliable's, and against slow definitions where it has none."""

from fractions import Fraction
from math import lcm

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rliable import metrics as rliable

from results_db.stats.metrics import Estimators
from results_db.stats.resampling import times_drawn
from results_db.stats.scores import Scores


def ours(matrix):
    """Aggregates of a [runs, tasks] matrix."""
    scores = Scores.of({f"t{i:03}": column for i, column in enumerate(matrix.T)})
    return [float(v[0]) for v in Estimators(scores, gamma=1.0).of_data()]


def theirs(matrix):
    return [
        rliable.aggregate_iqm(matrix),
        rliable.aggregate_median(matrix),
        rliable.aggregate_mean(matrix),
        rliable.aggregate_optimality_gap(matrix),
    ]


@pytest.mark.parametrize("runs", [1, 2, 3, 5, 10, 100])
@pytest.mark.parametrize("tasks", [1, 2, 3, 4, 16, 26, 57])
def test_equal_to_rliable_on_rectangles(runs, tasks):
    matrix = np.random.default_rng(runs * 100 + tasks).normal(0.5, 2, (runs, tasks))
    assert ours(matrix) == pytest.approx(theirs(matrix), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((5, 26)),
        np.ones((3, 4)),
        np.repeat([[0.0, 1.0, 1.0, 2.0]], 5, axis=0),
        np.full((4, 4), -3.0),
    ],
)
def test_equal_to_rliable_with_ties_and_constants(matrix):
    assert ours(matrix) == pytest.approx(theirs(matrix), rel=1e-12, abs=1e-12)


def slow_iqm(groups):
    """The definition: K copies of runs, floor(K/4) dropped at each end."""
    multiple = lcm(*[len(group) for group in groups])
    copies = sorted(
        value
        for group in groups
        for value in group
        for _ in range(multiple // len(group))
    )
    drop = len(copies) // 4
    kept = [Fraction(value) for value in copies[drop : len(copies) - drop]]
    return float(sum(kept) / len(kept))


numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 3))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(numbers, min_size=1, max_size=6), min_size=1, max_size=6))
def test_ragged_runs_follow_the_definition(groups):
    scores = Scores.of({f"t{i}": group for i, group in enumerate(groups)})
    result = Estimators(scores, gamma=1.0).of_data()
    means = [float(np.mean(group)) for group in groups]
    gap = 1 - np.mean([np.mean(np.minimum(group, 1)) for group in groups])
    assert result.iqm[0] == pytest.approx(slow_iqm(groups), rel=1e-9, abs=1e-9)
    assert result.mean[0] == pytest.approx(np.mean(means), rel=1e-9, abs=1e-9)
    assert result.median[0] == pytest.approx(np.median(means), rel=1e-9, abs=1e-9)
    assert result.optimality_gap[0] == pytest.approx(gap, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("counts", [(3, 3, 3, 3), (1, 2, 5), (4, 3, 4, 7, 2)])
def test_a_resample_counts_as_the_data_that_it_draws(counts):
    rng = np.random.default_rng(0)
    scores = Scores.of({f"t{i}": rng.normal(1, 1, n) for i, n in enumerate(counts)})
    draws = [rng.integers(n, size=(20, n)) for n in counts]
    times = [times_drawn(d.T.astype(np.uint8), range(d.shape[1])) for d in draws]
    together = Estimators(scores, gamma=1.0).of(np.concatenate(times))
    for row in range(20):
        drawn = {f"t{i}": runs[draws[i][row]] for i, runs in enumerate(scores.runs)}
        alone = Estimators(Scores.of(drawn), gamma=1.0).of_data()
        assert [v[row] for v in together] == pytest.approx([v[0] for v in alone])


@pytest.mark.parametrize(
    ("groups", "complaint"),
    [
        ({}, "tasks"),
        ({"a": []}, "task a has no runs"),
        ({"a": [1.0], "b": [float("nan")]}, "task b .* not finite"),
        ({"a": [float("inf")]}, "not finite"),
    ],
)
def test_missing_and_non_finite_scores_are_refused(groups, complaint):
    with pytest.raises(ValueError, match=complaint):
        Scores.of(groups)
