"""Published aggregates by the whole path: file, import, database, leaderboard."""

import csv
import gzip
import json
from collections import defaultdict

import numpy as np
import pytest

from suites.registry import load_suite
from suites.task_names import find_task

ATARI = {
    "SimPLe": 0.130,
    "OTRainbow": 0.117,
    "CURL": 0.113,
    "DER": 0.183,
    "DrQ": 0.224,
    "DrQ(eps)": 0.280,
    "SPR": 0.337,
}
PROCGEN = {
    "PPO": 0.315,
    "MixReg": 0.414,
    "UCB-DrAC": 0.407,
    "PLR": 0.457,
    "PPG": 0.532,
    "DAAC": 0.575,
    "IDAAC": 0.603,
}


def documented(source, target, shown):
    """Writes the chosen rows of a table of published runs as the documented CSV."""
    with source.open() as file, target.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["method", "task", "run", "score"])
        for row in csv.DictReader(file):
            if shown(row):
                writer.writerow([row[k] for k in ("method", "game", "run", "score")])


def imported(podium, suite):
    result = podium("leaderboard", suite, "--format", "json")
    rows = [r for r in json.loads(result.out) if r["origin"] == "imported"]
    assert {row["rank"] for row in rows} == {None}
    return {row["method"]: row for row in rows}


def test_atari_100k(podium, reference_scores, tmp_path):
    source = reference_scores / "atari100k_runs.csv"
    documented(source, tmp_path / "a.csv", lambda row: row["method"] in ATARI)
    arguments = ("a.csv", "--suite", "atari100k", "--evaluation", "final")
    assert podium("import", *arguments).code == 0
    rows = imported(podium, "atari100k")
    assert set(rows) == set(ATARI)
    for method, iqm in ATARI.items():
        assert rows[method]["iqm"] == pytest.approx(iqm, abs=5e-4)
        assert rows[method]["iqm_low"] < iqm < rows[method]["iqm_high"]
        assert rows[method]["tasks"] == 26


def test_procgen_easy(podium, reference_scores, tmp_path):
    documented(
        reference_scores / "procgen_runs.csv",
        tmp_path / "p.csv",
        lambda row: row["protocol"] == "test (all levels), train 200 levels, 25M",
    )
    arguments = ("p.csv", "--suite", "procgen-easy", "--evaluation", "final")
    assert podium("import", *arguments).code == 0
    rows = imported(podium, "procgen-easy")
    assert set(rows) == set(PROCGEN)
    for method, iqm in PROCGEN.items():
        assert rows[method]["iqm"] == pytest.approx(iqm, abs=5.1e-4)
        assert rows[method]["iqm_low"] < iqm < rows[method]["iqm_high"]


def mean_of_file(path, suite, *, of_longest):
    """The mean of a score file by hand: over the last thirtieth of each task's longest
    run, or of the budget; a run without a point there counts with its last one."""
    curves = defaultdict(list)
    for run in json.loads(gzip.decompress(path.read_bytes())):
        points = np.array(list(zip(run["xs"], run["ys"], strict=True)), dtype=float)
        points = points[~np.isnan(points[:, 1])]
        if points[-1, 0] > 0:
            curves[run["task"]].append(points)
    means = []
    for name, runs in curves.items():
        task = find_task(suite, name)
        budget = task.protocol.budget_env_frames
        end = max(points[-1, 0] for points in runs) if of_longest else budget
        assert end <= budget
        windows = [points[points[:, 0] > end * 29 / 30, 1] for points in runs]
        scores = [
            window.mean() if window.size else points[-1, 1]
            for window, points in zip(windows, runs, strict=True)
        ]
        means.append(np.mean([suite.normalise(task, score) for score in scores]))
    return np.mean(means)


@pytest.mark.parametrize(
    ("file", "suite", "runs", "published"),
    [
        ("atari100k-dreamerv3", "atari100k", 130, 1.226),
        ("dmc_vision-dreamerv3", "dmc-vision", 197, 0.785),
        ("dmc_vision-sac", "dmc-vision", 198, 0.229),
        ("procgen-dreamerv3", "procgen-hard", 16, None),  # of 50M, a part of the budget
    ],
)
def test_dreamerv3s_score_files(podium, reference_scores, file, suite, runs, published):
    path = reference_scores / "dreamerv3" / f"{file}.json.gz"
    arguments = ("--suite", suite, "--method", "x", "--evaluation", "training-window")
    assert podium("import", path, *arguments).code == 0
    row = imported(podium, suite)["x"]
    assert row["runs"] == runs
    by_hand = mean_of_file(path, load_suite(suite), of_longest=True)
    assert row["mean"] == pytest.approx(by_hand, rel=1e-12)
    if published is not None:
        of_budget = mean_of_file(path, load_suite(suite), of_longest=False)
        assert of_budget == pytest.approx(published, abs=5.1e-4)
    assert row["evaluation"] == "training-window"
    early = "up_n_down run 1 (81,598 of 100,000 agent steps)"
    assert (early in podium("leaderboard", suite).out.replace("\n", " ")) == (
        suite == "atari100k"
    )
    again = podium("import", path, *arguments)
    assert (again.code, "Nothing to do" in again.out) == (0, True)
