"""docs/random_agent.md says what the shipped runs say."""

from pathlib import Path

from scripts.random_agent_table import PAGE, Measured, agrees, page, read, rounded
from suites.registry import load_suite

RESULTS = Path(__file__).parents[2] / "results"


def test_the_page_is_what_the_shipped_runs_give():
    assert PAGE.read_text() == page(RESULTS)


def test_every_task_of_three_suites_has_three_runs():
    measured = read(RESULTS)
    for suite in map(load_suite, ("atari100k", "dmc-proprio", "procgen-easy")):
        splits = suite.tasks[0].protocol.evaluation.splits
        expected = {(task.name, split) for task in suite.tasks for split in splits}
        assert set(measured[suite.id]) == expected
        assert {one.runs for one in measured[suite.id].values()} == {3}


def test_agreement_is_judged_by_the_error_of_the_difference():
    one = Measured(returns=(0.0, 2.0) * 150, runs=3)
    assert agrees(one, 1.0)
    assert agrees(one, 1.37)
    assert not agrees(one, 1.4)


def test_numbers_have_the_digits_that_mean_something():
    assert [rounded(x) for x in (7648.3, 55.23, 0.04, -20.25)] == [
        "7,648",
        "55.2",
        "0.04",
        "-20.2",
    ]
