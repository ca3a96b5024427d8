"""How many of a suite's runs an agent has, by its present code and by earlier ones."""

import pytest

from results_db.agent_runs import SuiteRuns, agent_runs
from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from suites.registry import load_suite

TOY = load_suite("toy")
NOW, EARLIER = "1" * 64, "2" * 64


@pytest.fixture
def counted(writer, tmp_path):
    """Ingests what was written and counts the runs of `random`."""

    def count(*names):
        ingest(writer.runs, str(tmp_path / "x.db"))
        with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
            return agent_runs(session, [TOY], names or ("random",), NOW)

    return count


def test_runs_are_counted_of_tasks_times_seeds(writer, counted):
    writer.submission(code=NOW, scores={"catch": [0.0, 0.5], "reach": [1.0]})
    assert counted() == [SuiteRuns("toy", 3, 0, 3 * TOY.seeds)]
    assert counted("another") == []


def test_what_other_code_did_is_earlier_and_counts_once(writer, counted):
    writer.submission("a", code=EARLIER, scores={"catch": [0.0, 0.5, 0.5]})
    writer.submission("b", code=NOW, scores={"catch": [0.0]})
    assert counted() == [SuiteRuns("toy", 1, 2, 3 * TOY.seeds)]


def test_a_task_has_no_more_runs_than_the_suite_has_seeds(writer, counted):
    writer.submission(code=NOW, scores={"catch": [0.5] * (TOY.seeds + 2)})
    assert counted() == [SuiteRuns("toy", TOY.seeds, 0, 3 * TOY.seeds)]


def test_runs_with_other_settings_or_measurements_do_not_count(writer, counted):
    writer.submission("a", code=NOW, overrides={"x": 1}, scores={"catch": [0.5]})
    writer.submission("b", code=NOW, measurement="9" * 64, scores={"catch": [0.5]})
    assert counted() == []
