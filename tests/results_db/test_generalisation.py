"""The generalisation gap on Procgen's two splits."""

import re

import pytest

from harness.cli.leaderboard import print_board
from results_db.database import open_for_reading, read_session
from results_db.export.tables import to_markdown
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
def board(writer, tmp_path):
    def of(tasks, better):
        scores = {task.name: [1.0, 2.0] for task in tasks}
        written = writer.submission("m", suite="procgen-easy", scores=scores)
        with_training_levels(written, better)
        database = str(tmp_path / "x.db")
        ingest(writer.runs, database)
        with read_session(open_for_reading(database)) as session:
            return leaderboard(session, EASY, resamples=10)

    return of


def test_it_is_the_mean_over_tasks_of_the_normalised_difference(board):
    (record,) = as_records(board(EASY.tasks, 0.25))
    assert record["generalisation_gap"] == pytest.approx(0.25)
    assert record["training_levels"] == pytest.approx(record["mean"] + 0.25)


def test_its_interval_pairs_the_two_scores_of_a_run(board):
    # The runs' scores differ, their gaps do not: resampling pairs finds no spread.
    (record,) = as_records(board(EASY.tasks, 0.25))
    assert record["mean_high"] > record["mean_low"]
    ends = [record["generalisation_gap_low"], record["generalisation_gap_high"]]
    assert ends == pytest.approx([0.25, 0.25])


def test_a_method_without_all_tasks_has_none(board):
    (record,) = as_records(board(EASY.tasks[:3], 0.25))
    assert (record["generalisation_gap"], record["training_levels"]) == (None, None)


def test_tables_show_training_levels_before_the_gap(board, capsys):
    found = board(EASY.tasks, 0.25)
    (record,) = as_records(found)
    values = [f"{record['training_levels']:.3f}", "0.250"]
    header, _, row = to_markdown(found).splitlines()[:3]
    titles = [cell.strip() for cell in header.split("|")]
    at = titles.index("Train")
    assert titles[at + 1] == "Train - test"
    assert [cell.strip() for cell in row.split("|")][at : at + 2] == values
    print_board(found)
    printed = capsys.readouterr().out
    assert re.search(r"train +train - test +runs", printed)
    assert re.search(rf"{values[0]} +{values[1]} +32", printed)


def test_tables_without_training_levels_have_no_such_columns(board):
    assert "Train" not in to_markdown(board(EASY.tasks[:3], 0.25))
