import json
import os
from dataclasses import fields

import numpy as np
import pytest

from results_db.stats import (
    bootstrap,
    compare,
    curves,
    differences,
    profiles,
    ranking,
    store,
    stored,
)
from results_db.stats.scores import Scores
from suites.canonical import digest

A = Scores.of({"a": [0.1, 0.5, 0.9], "b": [0.0, 0.3]})
B = Scores.of({"a": [0.2, 0.5], "b": [1.0, 0.7, 0.3]})
STEPS = np.array([10, 20, 30])
RUNS = {
    "a": [(STEPS, np.array([0.1, 0.2, 0.4])), (STEPS, np.array([0.3, 0.2, 0.1]))],
    "b": [(STEPS, np.array([0.1, 0.2, 0.4])), (STEPS[:2], np.array([0.3, 0.9]))],
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PODIUM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files(cache):
    return sorted(cache.rglob("*.json"))


def ask(answer=7, **parameters):
    """Asks a question whose answer says whether it was computed."""
    return store.stored("e/1", parameters, ["d"], lambda: answer, lambda found: found)


def test_an_answer_is_computed_once(cache):
    assert [ask(1, seed=0), ask(2, seed=0)] == [1, 1]
    assert ask(3, seed=1) == 3
    assert store.stored("e/2", {"seed": 0}, ["d"], lambda: 4, int) == 4
    assert store.stored("e/1", {"seed": 0}, ["other"], lambda: 5, int) == 5
    assert len(files(cache)) == 4


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"key": 1}', "\0\xff", '{"answer": 9}', "[" * 100_000],
)
def test_a_damaged_file_is_written_anew(cache, content):
    ask(1)
    (file,) = files(cache)
    whole = file.read_text()
    file.write_text(content)
    assert ask(1) == 1
    assert file.read_text() == whole


def test_a_changed_answer_and_a_file_of_another_question_are_ignored(cache):
    ask(1)
    (file,) = files(cache)
    file.write_text(json.dumps({**json.loads(file.read_text()), "answer": 2}))
    assert ask(3) == 3
    ask(4, seed=1)
    (other,) = (path for path in files(cache) if path != file)
    other.write_bytes(file.read_bytes())
    assert ask(5, seed=1) == 5


@pytest.mark.parametrize("blocked", ["", "statistics"])
def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_nothing(cache, blocked):
    (cache / blocked).parent.mkdir(parents=True, exist_ok=True)
    (cache / blocked).write_text("a file stands in the way")
    assert [ask(1), ask(2)] == [1, 2]


def test_nothing_but_whole_files_is_left(cache):
    ask(1)
    assert [p.suffix for p in cache.rglob("*") if p.is_file()] == [".json"]


def test_where_the_folder_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PODIUM_CACHE", "")
    assert store.cache_folder() is None
    monkeypatch.delenv("PODIUM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store.cache_folder() == tmp_path / "podium"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store.cache_folder() == tmp_path / ".cache" / "podium"


def test_what_is_no_plain_file_is_not_waited_for(cache):
    ask(1)
    (file,) = files(cache)
    file.unlink()
    os.mkfifo(file)
    assert ask(2) == 2
    assert file.is_file()
    file.unlink()
    file.mkdir()
    assert ask(3) == 3


def same(a, b):
    return all(
        np.array_equal(getattr(a, f.name), getattr(b, f.name), equal_nan=True)
        if isinstance(getattr(a, f.name), np.ndarray)
        else getattr(a, f.name) == getattr(b, f.name)
        for f in fields(a)
    )


@pytest.mark.parametrize("scores", [A, Scores.of({"a": [1.0]})])
def test_summaries_and_profiles_come_back_as_they_were(scores, cache):
    for _ in range(2):
        assert stored.summarise(scores, resamples=50) == bootstrap.summarise(
            scores, resamples=50
        )
        profile = stored.performance_profile(scores, [0.1, 0.5], resamples=50)
        computed = profiles.performance_profile(scores, [0.1, 0.5], resamples=50)
        assert same(profile, computed)
    assert len(files(cache)) == 2


def test_comparisons_and_ranks_come_back_as_they_were(cache):
    methods = {"x": A, "y": B}
    for _ in range(2):
        pairs = stored.all_pairs(methods, resamples=50)
        assert pairs == compare.all_pairs(methods, resamples=50)
        ranks = stored.rank_sets(methods, resamples=50)
        assert ranks == ranking.rank_sets(methods, resamples=50)
    stored.rank_sets({"y": A, "x": B}, resamples=50)
    assert len(files(cache)) == 3


def test_differences_come_back_as_they_were(cache):
    pairs = {"a": [0.1, -0.2, 0.4], "b": [0.5]}
    for _ in range(2):
        assert stored.unpaired_differences(
            A, B, resamples=50
        ) == differences.unpaired_differences(A, B, resamples=50)
        assert stored.paired_differences(
            pairs, resamples=50
        ) == differences.paired_differences(pairs, resamples=50)
    assert len(files(cache)) == 2


@pytest.mark.parametrize("grid", [None, [10, 15]])
def test_curves_come_back_as_they_were(grid, cache):
    for _ in range(2):
        curve = stored.sample_efficiency(RUNS, grid=grid, resamples=50)
        assert same(curve, curves.sample_efficiency(RUNS, grid=grid, resamples=50))
    assert len(files(cache)) == 1


ALL = {
    "summary": lambda: stored.summarise(A, resamples=50),
    "profile": lambda: stored.performance_profile(A, [0.1, 0.5], resamples=50),
    "pairs": lambda: stored.all_pairs({"x": A, "y": B}, resamples=50)[0],
    "difference": lambda: stored.unpaired_differences(A, B, resamples=50)["b"],
    "curve": lambda: stored.sample_efficiency(RUNS, resamples=50),
}


def without_a_field(answer):
    if isinstance(answer, list):
        return [without_a_field(item) for item in answer]
    return dict(list(answer.items())[1:])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "change",
    [
        without_a_field,
        lambda answer: {"a": 1},
        lambda answer: [answer],
        lambda answer: 3,
        lambda answer: [{"estimate": None}],
    ],
)
def test_what_cannot_be_rebuilt_is_computed_anew(cache, name, change):
    first = ALL[name]()
    (file,) = files(cache)
    whole = file.read_text()
    document = json.loads(whole)
    answer = change(document["answer"])
    file.write_text(json.dumps({**document, "answer": answer, "check": digest(answer)}))
    assert same(ALL[name](), first)
    assert file.read_text() == whole


def test_ranks_that_cannot_be_rebuilt_are_computed_anew(cache):
    ranks = stored.rank_sets({"x": A, "y": B}, resamples=50)
    (file,) = files(cache)
    for answer in ({"x": [1, 2]}, {"x": [1], "y": [2]}, [], {"x": 1, "y": 2}):
        document = {**json.loads(file.read_text()), "answer": answer}
        file.write_text(json.dumps({**document, "check": digest(answer)}))
        assert stored.rank_sets({"x": A, "y": B}, resamples=50) == ranks


def test_another_definition_of_a_result_is_another_question(cache, monkeypatch):
    stored.summarise(A, resamples=50)
    monkeypatch.setattr(stored, "fields", lambda kind: fields(kind)[:-1])
    stored.summarise(A, resamples=50)
    assert len(files(cache)) == 2


def test_the_second_time_nothing_is_computed(cache, monkeypatch):
    first = stored.summarise(A, resamples=50)
    changed = os.stat(files(cache)[0]).st_mtime_ns
    assert stored.summarise(A, resamples=50) == first
    assert os.stat(files(cache)[0]).st_mtime_ns == changed
