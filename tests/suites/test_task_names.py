import pytest

from suites.registry import all_suites, load_suite
from suites.task_names import find_task


@pytest.mark.parametrize(
    ("suite", "name", "task"),
    [
        ("atari100k", "Breakout", "breakout"),
        ("atari100k", "breakout", "breakout"),
        ("atari100k", "atari_breakout", "breakout"),
        ("atari100k", "ALE/Breakout-v5", "breakout"),
        ("atari100k", "BREAKOUT", "breakout"),
        ("atari100k", "Atari_msPacman", "ms_pacman"),
        ("atari100k", "MsPacman", "ms_pacman"),
        ("atari100k", "jamesbond", "jamesbond"),
        ("atari100k", "atari_jamesbond", "jamesbond"),
        ("atari100k", "james_bond", "jamesbond"),
        ("dmc-vision", "dmc_walker_walk", "walker_walk"),
        ("dmc-vision", "walker-walk", "walker_walk"),
        ("dmc-vision", "cup_catch", "ball_in_cup_catch"),
        ("dmc-vision", "dmc_ball_in_cup_catch", "ball_in_cup_catch"),
        ("procgen-easy", "procgen_coinrun", "coinrun"),
        ("memory-maze", "memory_maze_9x9", "9x9"),
    ],
)
def test_tasks_are_found_by_the_names_of_other_data_sets(suite, name, task):
    assert find_task(load_suite(suite), name).name == task


@pytest.mark.parametrize("suite", all_suites(), ids=lambda suite: suite.name)
def test_every_task_is_found_by_its_own_names(suite):
    for task in suite.tasks:
        for name in (task.name, *task.aliases):
            assert find_task(suite, name) is task
            assert find_task(suite, f"{task.simulator}_{name}") is task


@pytest.mark.parametrize("name", ["breakot", "", "procgen_breakout", "x" * 10_000])
def test_an_unknown_task_is_named_with_the_nearest(name):
    with pytest.raises(KeyError) as error:
        find_task(load_suite("atari100k"), name)
    assert "Unknown task of atari100k" in error.value.args[0]
    assert len(error.value.args[0]) < 600
