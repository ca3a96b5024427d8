"""docs/interval_coverage.md says what the simulation says."""

from math import sqrt

import pytest

from scripts.interval_coverage import RUNS, TRIALS, coverage, read_table


def test_the_page_has_every_number_of_runs_and_what_the_warnings_say():
    table = read_table()
    assert list(table) == list(RUNS)
    assert table[1] == [0.0] * 4
    # What the warning for two runs and the docstring of the bootstrap say of the IQM.
    shares = {runs: round(100 * table[runs][0]) for runs in (2, 3, 5)}
    assert shares == {2: 81, 3: 87, 5: 92}


@pytest.mark.slow
@pytest.mark.parametrize("runs", RUNS)
def test_the_page_agrees_with_another_simulation_within_its_error(runs):
    trials = 400
    shown = read_table()[runs]
    for found, expected in zip(
        coverage(runs, trials=trials, seed=1), shown, strict=True
    ):
        variance = max(expected * (1 - expected), 0.01) * (1 / trials + 1 / TRIALS)
        assert found == pytest.approx(expected, abs=4 * sqrt(variance) * (runs > 1))
