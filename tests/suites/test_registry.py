"""One walk over every suite: names, sources, constants, hashes."""

import json

import pytest

from suites.registry import SUITES, all_suites, load_suite
from suites.spec import Continuous

EVERY_SUITE = pytest.mark.parametrize(
    "suite", [load_suite(key) for key in SUITES], ids=lambda suite: suite.id
)

GOLDEN = {
    "atari100k@1": ("16b139b91aac", "9e21b7e2b710"),
    "dmc-proprio@1": ("5713f94649b3", "90fe6de8032b"),
    "procgen-easy@1": ("f7148e3a3a81", "0415258a2277"),
    "memory-maze@1": ("1b0fd40c2937", "41e864c9ea6b"),
    "practice@1": ("328f6b0b777d", "c44b035be315"),
    "toy@1": ("e1b97aff1379", "ecb249ca85a2"),
}
"""suite -> (measurement hash, scoring hash): a change of meaning is a new version."""


def test_suites_load_by_name_and_by_id():
    assert load_suite("atari100k") is load_suite("atari100k@1")
    assert [suite.id for suite in all_suites()] == list(SUITES)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("atari100", "Did you mean 'atari100k'"),
        ("atari100k@7", "Did you mean 'atari100k@1'"),
        ("", "Known: atari100k"),
    ],
)
def test_unknown_suites_are_named_with_the_nearest(name, complaint):
    with pytest.raises(KeyError, match=complaint):
        load_suite(name)


@EVERY_SUITE
def test_hashes_are_golden(suite):
    assert (suite.measurement_hash[:12], suite.scoring_hash[:12]) == GOLDEN[suite.id]


@EVERY_SUITE
def test_every_reference_has_a_source_or_a_reason(suite):
    for task in suite.tasks:
        assert task.references
        for reference in task.references:
            assert len(reference.source) > 10


@EVERY_SUITE
def test_every_task_can_be_normalised(suite):
    for task in suite.tasks:
        low, high = suite.bounds(task)
        assert suite.normalise(task, low) == 0.0
        assert suite.normalise(task, high) == pytest.approx(1.0)


@EVERY_SUITE
def test_budgets_and_evaluations_fit_together(suite):
    for task in suite.tasks:
        protocol = task.protocol
        points = protocol.evaluation.points(protocol.budget_agent_steps)
        assert protocol.budget_env_frames % protocol.action_repeat == 0
        assert all(0 < point < protocol.budget_agent_steps for point in points)
        assert len(points) <= 60


@EVERY_SUITE
def test_a_benchmark_says_whom_to_cite_and_why_it_is_as_it_is(suite):
    assert suite.notes
    if suite.kind == "benchmark":
        assert suite.citations


def test_sizes_of_the_benchmarks():
    def size(name):
        return len(load_suite(name).tasks)

    assert size("atari100k") == 26
    assert size("dmc-proprio") == 18
    assert size("procgen-easy") == 16
    assert size("memory-maze") == 4


def test_budgets_are_those_of_the_papers():
    def budget(suite, task):
        protocol = load_suite(suite).task(task).protocol
        return protocol.budget_agent_steps, protocol.budget_env_frames

    assert budget("atari100k", "pong") == (100_000, 400_000)
    assert budget("dmc-proprio", "walker_walk") == (250_000, 500_000)
    assert budget("procgen-easy", "coinrun") == (25_000_000, 25_000_000)
    assert budget("memory-maze", "9x9") == (100_000_000, 100_000_000)


def test_atari_constants_are_those_of_dqn_zoo(reference_scores):
    published = json.loads((reference_scores / "atari57_random_human.json").read_text())
    for task in load_suite("atari100k").tasks:
        for name in ("random", "human"):
            assert task.reference(name).value == published[task.name][name]


def test_dmc_bounds_are_zero_and_a_thousand():
    suite = load_suite("dmc-proprio")
    assert {suite.bounds(task) for task in suite.tasks} == {(0.0, 1000.0)}
    assert all(isinstance(task.actions, Continuous) for task in suite.tasks)
