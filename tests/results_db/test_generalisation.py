"""The generalisation gap on Procgen's two splits."""

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from results_db.run_files import append_line, read_lines
from suites.registry import load_suite

EASY = load_suite("procgen-easy")


def with_training_levels(submission, better):
    """Raises what was evaluated on the training levels by `better`, normalised."""
    for run in submission.runs():
        path = run.path / "evaluations.jsonl"
        bounds = EASY.bounds(EASY.task(run.spec.task))
        more = better * (bounds[1] - bounds[0])
        rows = list(read_lines(path))
        path.unlink()
        for row in rows:
            if row["split"] == "train_levels":
                row["returns"] = [value + more for value in row["returns"]]
            append_line(path, row)


@pytest.fixture
def gap(writer, tmp_path):
    def of(tasks, better):
        scores = {task.name: [1.0, 2.0] for task in tasks}
        written = writer.submission("m", suite="procgen-easy", scores=scores)
        with_training_levels(written, better)
        database = str(tmp_path / "x.db")
        ingest(writer.runs, database)
        with read_session(open_for_reading(database)) as session:
            (record,) = as_records(leaderboard(session, EASY, resamples=10))
        return record["generalisation_gap"]

    return of


def test_it_is_the_mean_over_tasks_of_the_normalised_difference(gap):
    assert gap(EASY.tasks, 0.25) == pytest.approx(0.25)


def test_a_method_without_all_tasks_has_none(gap):
    assert gap(EASY.tasks[:3], 0.25) is None
