"""Published aggregates, recomputed from published runs."""

import csv
from collections import defaultdict

import pytest

from results_db.stats.metrics import Estimators
from results_db.stats.scores import Scores
from suites.registry import load_suite


@pytest.mark.parametrize(
    ("method", "iqm"),
    [
        ("SimPLe", 0.130),
        ("OTRainbow", 0.117),
        ("CURL", 0.113),
        ("DER", 0.183),
        ("DrQ", 0.224),
        ("DrQ(eps)", 0.280),
        ("SPR", 0.337),
    ],
)
def test_atari_100k(reference_scores, method, iqm):
    suite = load_suite("atari100k")
    scores = defaultdict(list)
    with (reference_scores / "atari100k_runs.csv").open() as file:
        for row in csv.DictReader(file):
            if row["method"] == method:
                task = suite.task(row["game"])
                scores[task.name].append(suite.normalise(task, float(row["score"])))
    found = Scores.of(scores)
    assert len(found.tasks) == 26
    result = Estimators(found, gamma=1.0).of_data()
    assert result.iqm[0] == pytest.approx(iqm, abs=5e-4)


@pytest.mark.parametrize(
    ("method", "iqm"),
    [
        ("PPO", 0.315),
        ("MixReg", 0.414),
        ("UCB-DrAC", 0.407),
        ("PLR", 0.457),
        ("PPG", 0.532),
        ("DAAC", 0.575),
        ("IDAAC", 0.603),
    ],
)
def test_procgen_easy(reference_scores, method, iqm):
    suite = load_suite("procgen-easy")
    scores = defaultdict(list)
    with (reference_scores / "procgen_runs.csv").open() as file:
        for row in csv.DictReader(file):
            if row["method"] == method and row["protocol"].startswith("test (all lev"):
                task = suite.task(row["game"])
                scores[task.name].append(suite.normalise(task, float(row["score"])))
    found = Scores.of(scores)
    assert len(found.tasks) == 16
    result = Estimators(found, gamma=1.0).of_data()
    assert result.iqm[0] == pytest.approx(iqm, abs=1e-3)
