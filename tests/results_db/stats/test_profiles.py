"""Our profiles against rliable's, and against slow definitions on ragged runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rliable import library

from results_db.stats import resampling
from results_db.stats.profiles import performance_profile
from results_db.stats.scores import Scores

TAUS = np.linspace(-1, 3, 41)


def of(matrix):
    return Scores.of({f"t{i:03}": column for i, column in enumerate(matrix.T)})


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 57), (2, 3), (5, 26), (10, 16), (100, 4)]
)
@pytest.mark.parametrize("form", ["runs", "tasks"])
def test_equal_to_rliable_on_rectangles(shape, form):
    # Rounded, so that scores tie with each other and lie on thresholds; means that lie
    # on one to the last bit depend on the order in which runs are added.
    matrix = np.random.default_rng(0).normal(0.5, 1, shape).round(1)
    taus = TAUS.round(1) + 0.003 * (form == "tasks")
    theirs = (library.run_score_deviation, library.mean_score_deviation)[
        form == "tasks"
    ]
    ours = performance_profile(of(matrix), taus, form=form, resamples=10)
    assert ours.value == pytest.approx([theirs(matrix, tau) for tau in taus], abs=1e-12)


@pytest.mark.parametrize("form", ["runs", "tasks"])
def test_bands_agree_with_rliable_within_monte_carlo_error(form):
    matrix = np.random.default_rng(1).normal(0.5, 1, (5, 10))
    np.random.seed(0)
    _, bands = library.create_performance_profile(
        {"m": matrix}, TAUS, use_score_distribution=form == "runs", reps=4_000
    )
    ours = performance_profile(of(matrix), TAUS, form=form, resamples=20_000)
    step = 1 / (matrix.size if form == "runs" else matrix.shape[1])
    assert ours.low == pytest.approx(bands["m"][0], abs=step + 1e-9)
    assert ours.high == pytest.approx(bands["m"][1], abs=step + 1e-9)


numbers = st.integers(-4, 8).map(lambda x: x / 4)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(numbers, min_size=1, max_size=6), min_size=1, max_size=6),
    st.lists(numbers, min_size=1, max_size=6),
)
def test_ragged_runs_follow_the_definition(groups, taus):
    scores = Scores.of({f"t{i}": group for i, group in enumerate(groups)})
    runs = performance_profile(scores, taus, resamples=5).value
    tasks = performance_profile(scores, taus, form="tasks", resamples=5).value
    for index, tau in enumerate(taus):
        share = np.mean([np.mean([x > tau for x in group]) for group in groups])
        assert runs[index] == pytest.approx(share, abs=1e-12)
        solved = np.mean([np.mean(group) > tau for group in groups])
        assert tasks[index] == pytest.approx(solved, abs=1e-12)


def test_the_bands_hold_the_profile_and_repeat_from_their_seed(monkeypatch):
    scores = Scores.of({"a": [0.1, 0.5, 0.9, 1.2], "b": [0.0, 0.3, 2.0]})
    first = performance_profile(scores, TAUS, resamples=2000)
    assert (first.low <= first.value).all()
    assert (first.value <= first.high).all()
    assert (np.diff(first.value) <= 0).all()
    monkeypatch.setattr(resampling, "CHUNK", 300)
    again = performance_profile(scores, TAUS, resamples=2000)
    assert (again.low == first.low).all()
    other = performance_profile(scores, TAUS[::-1], resamples=2000)
    assert (other.high == first.high[::-1]).all()


def test_one_run_gives_no_band():
    profile = performance_profile(Scores.of({"a": [1.0, 2.0], "b": [1.0]}), [0.5])
    assert (profile.low, profile.high, profile.fewest_runs) == (None, None, 1)


@pytest.mark.parametrize(
    ("taus", "form", "complaint"),
    [([], "runs", "thresholds"), ([np.nan], "runs", "finite"), ([1], "x", "'tasks'")],
)
def test_bad_questions_are_refused(taus, form, complaint):
    with pytest.raises(ValueError, match=complaint):
        performance_profile(Scores.of({"a": [1.0]}), taus, form=form)
