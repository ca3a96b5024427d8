"""One walk over every suite: names, sources, constants, hashes."""

import json

import pytest

from suites.registry import SUITES, all_suites, load_suite
from suites.spec import Continuous

EVERY_SUITE = pytest.mark.parametrize(
    "suite", [load_suite(key) for key in SUITES], ids=lambda suite: suite.id
)

PLANET = load_suite("dmc-planet-100k")

GOLDEN = {
    "atari100k@1": ("16b139b91aac", "9e21b7e2b710"),
    "atari57@1": ("69e08aad5e4f", "4dea14efa0cd"),
    "dmc-proprio@1": ("5713f94649b3", "90fe6de8032b"),
    "dmc-vision@1": ("2aa77db5415e", "71669087368c"),
    "dmc-planet-100k@1": ("acb8e00b8ad4", "5a4c6e880ee5"),
    "dmc-planet-500k@1": ("fd8cc0aa1e00", "5a4c6e880ee5"),
    "procgen-easy@2": ("311fcc57442b", "0415258a2277"),
    "procgen-hard@1": ("b5502e4af417", "7ba5b4d9b0f2"),
    "memory-maze@1": ("1b0fd40c2937", "41e864c9ea6b"),
    "memory-maze-10m@1": ("ff0ebf6056ee", "7ade695df165"),
    "practice@2": ("80afddcac4be", "c44b035be315"),
    "toy@1": ("e1b97aff1379", "ecb249ca85a2"),
    "toy-memory@1": ("41a148f6eba6", "172a61b024d9"),
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
        assert len(points) <= 100


@EVERY_SUITE
def test_a_benchmark_says_whom_to_cite_and_why_it_is_as_it_is(suite):
    assert suite.notes
    if suite.kind == "benchmark":
        assert suite.citations
        assert suite.deviations
    for deviation in suite.deviations:
        assert min(map(len, (deviation.of, deviation.differs, deviation.source))) >= 3


SIZES = {
    "atari100k": 26,
    "atari57": 57,
    "dmc-proprio": 18,
    "dmc-vision": 20,
    "dmc-planet-100k": 6,
    "dmc-planet-500k": 6,
    "procgen-easy": 16,
    "procgen-hard": 16,
    "memory-maze": 4,
    "memory-maze-10m": 2,
}


def test_sizes_of_the_benchmarks():
    benchmarks = [suite for suite in all_suites() if suite.kind == "benchmark"]
    assert {suite.name: len(suite.tasks) for suite in benchmarks} == SIZES


@pytest.mark.parametrize(
    ("suite", "task", "agent_steps", "env_frames"),
    [
        ("atari100k", "pong", 100_000, 400_000),
        ("atari57", "pong", 50_000_000, 200_000_000),
        ("dmc-proprio", "walker_walk", 250_000, 500_000),
        ("dmc-vision", "quadruped_run", 500_000, 1_000_000),
        ("dmc-planet-100k", "cartpole_swingup", 12_500, 100_000),
        ("dmc-planet-500k", "finger_spin", 250_000, 500_000),
        ("procgen-easy", "coinrun", 25_000_000, 25_000_000),
        ("procgen-hard", "coinrun", 200_000_000, 200_000_000),
        ("memory-maze", "9x9", 100_000_000, 100_000_000),
        ("memory-maze-10m", "15x15", 10_000_000, 10_000_000),
    ],
)
def test_budgets_are_those_of_the_papers(suite, task, agent_steps, env_frames):
    protocol = load_suite(suite).task(task).protocol
    assert protocol.budget_agent_steps == agent_steps
    assert protocol.budget_env_frames == env_frames


def test_planets_action_repeats():
    repeats = {t.name: t.protocol.action_repeat for t in PLANET.tasks}
    assert repeats["cartpole_swingup"] == 8
    assert repeats["finger_spin"] == repeats["walker_walk"] == 2
    for name in ("reacher_easy", "cheetah_run", "ball_in_cup_catch"):
        assert repeats[name] == 4


def test_settings_of_the_two_atari_protocols():
    def settings(name):
        return {task.protocol.settings for task in load_suite(name).tasks}

    for one in settings("atari100k"):
        assert (one.sticky_probability, one.full_action_space) == (0.0, False)
        assert (one.frame_skip, one.max_frames, one.max_no_ops) == (4, 108_000, 30)
    for one in settings("atari57"):
        assert (one.sticky_probability, one.full_action_space) == (0.25, True)
        assert (one.frame_skip, one.max_frames, one.max_no_ops) == (4, 108_000, 0)
    assert not load_suite("atari57").tasks[0].protocol.options.life_loss_ends


def test_procgen_trains_on_200_or_500_levels_and_is_scored_on_all():
    for name, levels in (("procgen-easy", 200), ("procgen-hard", 500)):
        suite = load_suite(name)
        assert suite.scoring.split == "all_levels"
        for task in suite.tasks:
            assert task.protocol.settings.train_levels == levels
            assert task.protocol.settings.distribution_mode == name.split("-")[1]
            assert task.protocol.evaluation.splits == ("all_levels", "train_levels")


@pytest.mark.parametrize("name", ["atari100k", "atari57"])
def test_atari_constants_are_those_of_dqn_zoo(reference_scores, name):
    published = json.loads((reference_scores / "atari57_random_human.json").read_text())
    for task in load_suite(name).tasks:
        for constant in ("random", "human"):
            assert task.reference(constant).value == published[task.name][constant]


def test_dmc_bounds_are_zero_and_a_thousand():
    suite = load_suite("dmc-proprio")
    assert {suite.bounds(task) for task in suite.tasks} == {(0.0, 1000.0)}
    assert all(isinstance(task.actions, Continuous) for task in suite.tasks)


PROCGEN_BOUNDS = """
bigfish 1 40 0 40; bossfight .5 13 .5 13; caveflyer 3.5 12 2 13.4; chaser .5 13 .5 14.2;
climber 2 12.6 1 12.6; coinrun 5 10 5 10; dodgeball 1.5 19 1.5 19;
fruitbot -1.5 32.4 -.5 27.2; heist 3.5 10 2 10; jumper 1 10 1 10; leaper 1.5 10 1.5 10;
maze 5 10 4 10; miner 1.5 13 1.5 20; ninja 3.5 10 2 10; plunder 4.5 30 3 30;
starpilot 2.5 64 1.5 35
"""
"""game, easy min and max, hard min and max (Cobbe et al. 2020, train-procgen)."""


def test_procgen_bounds_are_those_of_train_procgen():
    easy, hard = load_suite("procgen-easy"), load_suite("procgen-hard")
    rows = [row.split() for row in PROCGEN_BOUNDS.split(";")]
    assert [row[0] for row in rows] == [task.name for task in easy.tasks]
    for name, *numbers in rows:
        bounds = (*easy.bounds(easy.task(name)), *hard.bounds(hard.task(name)))
        assert bounds == tuple(map(float, numbers))


def test_memory_mazes_references_are_those_of_its_readme():
    published = {
        "9x9": (1000, 26.4, 34.8),
        "11x11": (2000, 44.3, 58.0),
        "13x13": (3000, 55.5, 74.5),
        "15x15": (4000, 67.7, 87.7),
    }
    for task in load_suite("memory-maze").tasks:
        limit = task.protocol.episode_limit_agent_steps
        human, oracle = (task.reference(name).value for name in ("human", "oracle"))
        assert (limit, human, oracle) == published[task.name]


VISION = """
acrobot_swingup ball_in_cup_catch cartpole_balance cartpole_balance_sparse
cartpole_swingup cartpole_swingup_sparse cheetah_run finger_spin finger_turn_easy
finger_turn_hard hopper_hop hopper_stand pendulum_swingup quadruped_run quadruped_walk
reacher_easy reacher_hard walker_run walker_stand walker_walk
"""
"""The tasks of DreamerV3's vision benchmark."""


def test_task_lists_of_deepmind_control():
    def names(suite):
        return {task.name for task in load_suite(suite).tasks}

    vision = set(VISION.split())
    assert names("dmc-vision") == vision
    assert names("dmc-proprio") == vision - {"quadruped_run", "quadruped_walk"}
    planet = "ball_in_cup_catch cartpole_swingup cheetah_run finger_spin reacher_easy"
    assert names("dmc-planet-100k") == {*planet.split(), "walker_walk"}
    assert names("dmc-planet-500k") == names("dmc-planet-100k")
