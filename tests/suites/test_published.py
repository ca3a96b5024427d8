"""Published means: every row of the tables, and what the published runs say."""

import csv
import gzip
import json
import re
from collections import defaultdict
from statistics import stdev

import pytest

from suites.published import published
from suites.reference import read_table
from suites.registry import all_suites, load_suite
from suites.task_names import find_task

METHODS = read_table("published_methods")
MEANS = read_table("published_means")
SUITES = {suite.name: suite for suite in all_suites()}


def key(row):
    return row["suite"], row["method"]


@pytest.mark.parametrize("row", METHODS, ids=lambda row: "-".join(key(row)))
def test_every_method_says_what_its_numbers_are(row):
    assert row["suite"] in SUITES
    assert row["unit"] == "raw"
    assert row["evaluation"] in ("final", "training-window", "unknown")
    assert re.fullmatch(r"\w.+ \d{4}, arXiv:\d{4}\.\d{5}", row["citation"])
    assert row["statistic"]
    assert row["source"]
    assert row["second_hand"] in ("yes", "no")
    for aggregate in ("iqm", "optimality_gap"):
        assert row[aggregate] == "" or 0 < float(row[aggregate]) < 2
    assert all(text.isprintable() for text in row.values())
    assert any(key(row) == key(mean) for mean in MEANS)


def test_every_mean_is_of_a_task_and_a_method_once():
    listed = {key(row) for row in METHODS}
    assert len(listed) == len(METHODS)
    places = [(*key(row), row["task"]) for row in MEANS]
    assert len(set(places)) == len(places)
    for row in MEANS:
        assert key(row) in listed
        suite = SUITES[row["suite"]]
        assert row["task"] in {task.name for task in suite.tasks}
        assert row["runs"] == "" or 1 <= int(row["runs"]) <= 100
        assert row["deviation"] == "" or float(row["deviation"]) >= 0


def test_every_mean_lies_where_scores_lie():
    highest = {"atari100k": 15, "dmc": 1, "procgen": 1, "memory": 1}
    for row in MEANS:
        suite = SUITES[row["suite"]]
        value = suite.normalise(suite.task(row["task"]), float(row["mean"]))
        family = row["suite"].partition("-")[0]
        lowest = -0.2 if family in ("procgen", "atari100k") else 0
        assert lowest <= value <= highest[family], row


def test_a_result_is_read_whole():
    (result,) = [r for r in published(load_suite("dmc-vision")) if r.method == "DrQ-v2"]
    assert result.means["walker_walk"] == 768
    assert (set(result.runs.values()), result.iqm) == ({8, 9, 10}, None)
    assert (len(result.means), result.second_hand) == (20, False)
    (maze, _) = published(load_suite("memory-maze"))
    assert (maze.second_hand, maze.means) == (True, {"9x9": 33.2})
    assert published(load_suite("toy")) == ()


def rounded(text):
    """Half of the last digit of a printed number."""
    digits = len(text.partition(".")[2])
    return 0.5 * 10**-digits + 1e-9


def printed(suite):
    return {
        (row["method"], row["task"]): row["mean"]
        for row in MEANS
        if row["suite"] == suite
    }


def per_run(path, suite, method_of):
    """(method, task) -> scores of the published runs."""
    scores = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            method = method_of(row)
            if method is not None:
                task = suite.task(row.get("game") or row["task"]).name
                scores[method, task].append(float(row["score"]))
    return scores


def assert_agrees(suite, scores):
    found = printed(suite)
    rows = {(row["method"], row["task"]): row for row in MEANS if row["suite"] == suite}
    checked = 0
    for place, runs in scores.items():
        if place in found:
            mean = sum(runs) / len(runs)
            assert abs(mean - float(found[place])) <= rounded(found[place]), place
            assert rows[place]["runs"] == str(len(runs))
            if len(runs) > 1:  # the files round single scores differently
                deviation = float(rows[place]["deviation"])
                assert deviation == pytest.approx(stdev(runs), rel=2e-3, abs=0.06)
            checked += 1
    return checked


def test_atari_means_are_those_of_the_published_runs(reference_scores):
    suite = load_suite("atari100k")
    path = reference_scores / "atari100k_runs.csv"
    scores = per_run(path, suite, lambda row: row["method"])
    assert assert_agrees("atari100k", scores) == 10 * 26
    with (reference_scores / "atari100k_means.csv").open() as file:
        means = {suite.task(row["game"]).name: row for row in csv.DictReader(file)}
    for (method, task), mean in printed("atari100k").items():
        assert float(means[task][method]) == pytest.approx(float(mean), abs=0.051)


@pytest.mark.parametrize(
    ("suite", "benchmark", "names", "places"),
    [
        (
            "dmc-vision",
            "dmc_vision 1000000 env steps",
            {
                "curl": "CURL",
                "dreamerv3": "DreamerV3",
                "drqv2": "DrQ-v2",
                "ppo_fixhp": "PPO (fixed hp)",
                "sac": "SAC (pixels)",
            },
            100,
        ),
        (
            "dmc-proprio",
            "dmc_proprio 500000 env steps",
            {
                "d4pg": "D4PG",
                "ddpg": "DDPG",
                "dmpo": "DMPO",
                "mpo": "MPO",
                "dreamerv3": "DreamerV3",
                "ppo_fixhp": "PPO (fixed hp)",
            },
            108,
        ),
        (
            "dmc-proprio",
            "proprio 500000 env_step as recorded",
            {"SAC (SimBa repo)": "SAC", "SimBa (SAC)": "SimBa (SAC)"},
            34,
        ),
        ("dmc-planet-100k", "planet-100k", {"PISAC": "PI-SAC"}, 36),
        ("dmc-planet-500k", "planet-500k", {"PISAC": "PI-SAC"}, 36),
    ],
)
def test_dmc_means_are_those_of_the_published_runs(
    reference_scores, suite, benchmark, names, places
):
    tasks = {task.name for task in load_suite(suite).tasks}

    def method(row):
        shown = row["benchmark"] == benchmark and row["task"] in tasks
        return names.get(row["method"], row["method"]) if shown else None

    path = reference_scores / "dmc_runs.csv"
    scores = per_run(path, load_suite(suite), method)
    assert assert_agrees(suite, scores) == places


@pytest.mark.parametrize(
    ("suite", "method", "window"),
    [
        ("atari100k", "DreamerV3", "the budget"),
        ("dmc-vision", "CURL", "the budget"),
        ("dmc-vision", "DreamerV3", "the budget"),
        ("dmc-proprio", "DreamerV3", "the budget"),
        ("procgen-hard", "DreamerV3 (all levels, 50M)", "50M steps"),
    ],
)
def test_the_statistic_is_what_the_curves_give(reference_scores, suite, method, window):
    """Their curves end before the window does, so it makes a difference whose it is."""
    (row,) = [row for row in METHODS if key(row) == (suite, method)]
    assert row["statistic"] == f"mean over runs of the last thirtieth of {window}"
    name = re.search(r"scores/([\w-]+)", row["source"])[1]
    path = reference_scores / "dreamerv3" / f"{name}.json.gz"
    scores = defaultdict(list)
    for run in json.loads(gzip.decompress(path.read_bytes())):
        task = find_task(SUITES[suite], run["task"])
        protocol = task.protocol
        end = 50_000_000 if window == "50M steps" else protocol.budget_env_frames
        curve = [p for p in zip(run["xs"], run["ys"], strict=True) if p[1] is not None]
        last = [y for x, y in curve if end * 29 / 30 < x <= end] or [curve[-1][1]]
        scores[method, task.name].append(sum(last) / len(last))
    assert assert_agrees(suite, scores) == len(SUITES[suite].tasks)


@pytest.mark.parametrize(
    ("suite", "protocols", "places"),
    [
        (
            "procgen-easy",
            {
                "test (all levels), train 200 levels, 25M": "{}",
                "easy-200 test_25M (EMA 0.9 of mean training-window return)": "{}",
            },
            8 * 16,
        ),
        (
            "procgen-hard",
            {
                "hard-500 test_200M (EMA 0.9 of mean training-window return)": "{}",
                "hard-all all_200M (EMA 0.9 of mean training-window return)": (
                    "PPO (OpenAI, all levels, 200M)"
                ),
                "unlimited levels, training returns, 50M, last 1/30 bin": "50M",
            },
            5 * 16,
        ),
    ],
)
def test_procgen_means_are_those_of_the_published_runs(
    reference_scores, suite, protocols, places
):
    def method(row):
        shown = protocols.get(row["protocol"])
        if shown == "50M":
            words = row["method"].replace(" (fixed hp)", " (fixed hp")
            joined = f"{words}, " if "(" in words else f"{words} ("
            return f"{joined}all levels, 50M)"
        return shown and shown.format(row["method"])

    path = reference_scores / "procgen_runs.csv"
    scores = per_run(path, load_suite(suite), method)
    assert assert_agrees(suite, scores) == places
