"""DreamerV3's score files: nulls, unequal lengths and numbers of runs."""

import gzip
import json

import pytest

from results_db import import_read
from results_db.import_format import BadImport
from suites.registry import load_suite
from tests.results_db.imports import ATARI, read, record, score_file


def test_the_score_is_the_mean_of_the_last_thirtieth_of_the_longest_run():
    xs = range(4, 364, 4)  # the last thirtieth begins behind frame 348
    (run,) = read(score_file(record(xs=xs, ys=xs)), ATARI).runs
    assert run.score == pytest.approx((352 + 356 + 360) / 3)
    assert (run.task, run.run, len(run.points)) == ("pong", 0, 90)
    assert run.points[0] == (1, 4.0)


def test_runs_that_end_early_count_with_their_last_point():
    long = record(seed=0, xs=[4, 400_000], ys=[0, 7])
    short = record(seed=1, xs=[4, 200_000], ys=[0, 3])
    null = record(seed=2, xs=[4, 300_000, 400_000], ys=[0, 5, None])
    data = read(score_file(long, short, null), ATARI)
    assert [run.score for run in data.runs] == [7, 3, 5]
    assert data.runs[2].points == ((1, 0.0), (75_000, 5.0))
    assert any("of pong seed 1, pong seed 2 the last point" in r for r in data.remarks)


def test_each_task_has_a_longest_run_of_its_own():
    long = record(task="atari_pong", xs=[4, 300_000], ys=[0, 7])
    short = record(task="atari_alien", xs=[4, 20_000], ys=[0, 3])
    data = read(score_file(long, short), ATARI)
    assert [run.score for run in data.runs] == [3, 7]
    assert not any("last point" in remark for remark in data.remarks)
    assert "curves end after 75,000 of 100,000 agent steps" in data.remarks


def test_what_a_run_did_before_it_learnt_is_no_result():
    untrained = record(seed=1, xs=[0], ys=[50])
    empty = record(seed=2, xs=[], ys=[])
    null = record(seed=3, xs=[4, 8], ys=[None, None])
    data = read(score_file(record(), untrained, empty, null), ATARI)
    assert [run.run for run in data.runs] == [0]
    (said,) = [remark for remark in data.remarks if "left out" in remark]
    assert "pong seed 1, pong seed 2, pong seed 3" in said
    with pytest.raises(BadImport, match="no run of the file has a point"):
        read(score_file(untrained), ATARI)


def test_points_beyond_the_budget_are_cut_and_said():
    longer = record(xs=[4, 400_000, 600_000], ys=[1, 2, 3])
    data = read(score_file(longer), ATARI)
    assert data.runs[0].score == 2
    assert "1 runs were cut at the suite's budget" in data.remarks


def test_frames_become_agent_steps_by_the_tasks_repeat():
    suite = load_suite("dmc-planet-100k")
    runs = score_file(
        record(task="dmc_cartpole_swingup", xs=[8, 12, 100_000], ys=[1, 3, 5]),
        record(task="dmc_walker_walk", xs=[8, 12, 100_000], ys=[1, 3, 5]),
    )
    cartpole, walker = read(runs, suite).runs
    assert cartpole.points == ((1, 2.0), (12_500, 5.0))
    assert walker.points == ((4, 1.0), (6, 3.0), (50_000, 5.0))


def test_a_method_may_be_named_anew_and_a_file_may_be_unpacked():
    content = gzip.decompress(score_file(record(method="dreamerv3")))
    assert read(content, ATARI, method="DreamerV3").methods == ["DreamerV3"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"task": "atari_chess"}, "run 2 of the file: Unknown task"),
        ({"task": 3}, "run 2 of the file: task must be text"),
        ({"method": ""}, "run 2 of the file: the method's name is empty"),
        ({"method": "\u202e"}, "run 2 of the file: .*invisible"),
        ({"seed": "1"}, "run 2 of the file: seed must be a whole number"),
        ({"seed": True}, "run 2 of the file: seed must be a whole number"),
        ({"seed": 0}, r"run 2 of the file \(pong, seed 0\): d has this run twice"),
        ({"xs": [4]}, r"\(pong, seed 1\): xs and ys must be lists of the same length"),
        ({"xs": [4, 4, 8]}, "xs must grow"),
        ({"xs": [-4, 4, 8]}, "xs must grow"),
        ({"xs": [4, 8, "12"]}, "xs holds '12', not a number"),
        ({"xs": [4, 8, None]}, "xs holds None, not a number"),
        ({"ys": [1, 2, False]}, "ys holds False, not a number"),
        ({"ys": [1, 2, 10**400]}, "ys holds a number that is too large"),
        ({"ys": [1, 2, 1e99]}, "the score must be a finite number"),
        ({"ys": None}, "must be lists"),
    ],
)
def test_a_bad_run_is_named_and_nothing_is_taken(change, complaint):
    with pytest.raises(BadImport, match=complaint) as error:
        read(score_file(record(), {**record(seed=1), **change}), ATARI)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[", "not JSON"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[[]]", "run 1 of the file: not a JSON object"),
        (b"[]", "the file holds no runs"),
        (b'{"task": 1}', "a JSON array of runs is expected"),
        (b"[" * 200_000, "nested too deeply|not JSON"),
        (b"[" + b"9" * 10_000 + b"]", "not JSON"),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], "gzip is damaged"),
        (b"\x1f\x8b" + b"nonsense", "gzip is damaged"),
    ],
)
def test_a_file_that_is_none_says_so(content, complaint):
    with pytest.raises(BadImport, match=complaint):
        read(content, ATARI)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused():
    bomb = gzip.compress(b" " * (import_read.LARGEST_UNPACKED_BYTES + 1), 1)
    assert len(bomb) < 10**6
    with pytest.raises(BadImport, match="unpacks to more than 64 MB"):
        read(bomb, ATARI)


@pytest.mark.parametrize(
    ("name", "suite", "runs", "left_out"),
    [
        ("atari100k-dreamerv3", "atari100k", 130, 0),
        ("dmc_vision-dreamerv3", "dmc-vision", 197, 0),
        ("dmc_vision-sac", "dmc-vision", 198, 2),
        ("dmc_proprio-d4pg", "dmc-proprio", 180, 0),
        ("procgen-dreamerv3", "procgen-hard", 16, 0),
    ],
)
def test_the_published_files_are_read_whole(
    reference_scores, name, suite, runs, left_out
):
    path = reference_scores / "dreamerv3" / f"{name}.json.gz"
    found = load_suite(suite)
    data = read(path.read_bytes(), found)
    assert len(data.runs) == runs
    assert {run.task for run in data.runs} == {task.name for task in found.tasks}
    listed = len(json.loads(gzip.decompress(path.read_bytes())))
    assert listed - runs == left_out
