import sqlite3

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL

TOY = load_suite("toy")


@pytest.fixture
def board(writer, tmp_path):
    """Ingests what was written and builds the toy leaderboard."""

    def build(**options):
        ingest(writer.runs, str(tmp_path / "x.db"))
        with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
            return leaderboard(session, TOY, resamples=200, **options)

    return build


def test_methods_are_ranked_by_iqm_of_normalised_scores(writer, board):
    better = {task: [value + 0.1 for value in values] for task, values in FULL.items()}
    writer.submission("worse", scores=FULL)
    writer.submission("better", scores=better)
    rows = board().rows
    assert [(row.method, row.rank) for row in rows] == [("better", 1), ("worse", 2)]
    expected = sorted([0.5, 0.75, 0.75, 0.8, 0.5, 0.75])[1:5]
    assert rows[1].summary.iqm.value == pytest.approx(sum(expected) / 4)


def test_equal_methods_share_a_rank(writer, board):
    for name in ("a", "b"):
        writer.submission(name, scores={t: [0.0, 0.0] for t in FULL}, points=0)
    writer.submission("c", scores={t: [-0.5, -0.5] for t in FULL})
    # The evaluation's episodes straddle the score, so means differ in the last bit.
    rows = board().rows
    assert [row.method for row in rows][2] == "c"
    assert rows[2].rank == 3


def test_a_method_that_lacks_a_task_is_not_ranked(writer, board):
    writer.submission("full", scores=FULL)
    writer.submission("part", scores={"catch": [1.0, 1.0]})
    found = board()
    assert [(row.method, row.rank) for row in found.rows] == [
        ("full", 1),
        ("part", None),
    ]
    record = as_records(found)[1]
    assert (record["tasks"], record["tasks_total"], record["iqm"]) == (1, 3, None)
    assert any("Not ranked, because tasks are missing: part" in n for n in found.notes)
    assert (record["missing"], record["rank_low"]) == ("refuse", None)


def test_over_the_common_tasks_all_are_ranked(writer, board):
    writer.submission("full", scores=FULL)
    writer.submission("part", scores={"catch": [1.0, 1.0]})
    found = board(missing="common")
    assert [(row.method, row.rank) for row in found.rows] == [("part", 1), ("full", 2)]
    assert found.rows[1].summary.mean.value == pytest.approx((0.5 + 0.75) / 2)
    assert (found.rows[0].tasks, found.rows[0].tasks_total) == (1, 3)
    assert any(
        "1 of 3 tasks that all shown methods have (catch)" in n for n in found.notes
    )


def test_without_a_common_task_none_is_ranked(writer, board):
    writer.submission("a", scores={"catch": [1.0, 1.0]})
    writer.submission("b", scores={"reach": [1.0, 1.0]})
    assert [row.rank for row in board(missing="common").rows] == [None, None]


def test_missing_runs_count_as_random_and_are_counted(writer, board):
    writer.submission("full", scores=FULL)
    writer.submission("part", scores={"catch": [1.0], "reach": [-5.0, -5.0]}, planned=2)
    found = board(missing="random")
    rows = {row.method: row for row in found.rows}
    assert (rows["full"].filled, rows["part"].filled) == (0, 3)
    assert (rows["part"].runs, rows["part"].runs_planned) == (3, 4)
    low, reach = 0.0, TOY.normalise(TOY.task("reach"), -5.0)
    catch = [TOY.normalise(TOY.task("catch"), 1.0), low]
    expected = (sum(catch) / 2 + reach + low) / 3
    assert rows["part"].summary.mean.value == pytest.approx(expected)
    assert any("as the task's random score" in n and "part 3" in n for n in found.notes)


def test_an_unknown_policy_is_refused(board):
    with pytest.raises(ValueError, match="'guess'"):
        board(missing="guess")


def test_rank_sets_say_what_the_intervals_leave_open(writer, board):
    better = {
        task: [value + 9, value + 9.1]
        for task, value in zip(FULL, (0, 0, 0), strict=True)
    }
    writer.submission("best", scores=better)
    writer.submission("a", scores=FULL)
    writer.submission("b", scores=FULL)
    found = board()
    assert [row.rank_set for row in found.rows] == [(1, 1), (2, 3), (2, 3)]
    record = as_records(found)[1]
    assert (record["rank_low"], record["rank_high"]) == (2, 3)


def test_only_what_the_harness_measured_is_ranked(writer, board, tmp_path):
    writer.submission("a", scores=FULL)
    writer.submission(
        "foreign", scores={t: [v + 9 for v in x] for t, x in FULL.items()}
    )
    board()
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute(
            "UPDATE runs SET origin = 'imported' WHERE submission_id = 2"
        )
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        rows = leaderboard(session, TOY, resamples=10).rows
    assert [(r.method, r.rank) for r in rows] == [("foreign", None), ("a", 1)]
    assert [r.rank_set for r in rows] == [None, (1, 1)]


def test_ragged_runs_are_counted_and_shown(writer, board):
    scores = {**FULL, "catch": [0.0]}
    writer.submission("ragged", scores=scores, planned=2)
    found = board()
    (row,) = found.rows
    assert (row.runs, row.runs_planned, row.rank) == (5, 6, 1)
    assert row.summary.iqm.low is None
    assert any("ragged 5/6" in note for note in found.notes)
    assert any("no interval" in note for note in found.notes)


def test_two_settings_of_a_method_are_told_apart(writer, board):
    writer.submission("a", scores=FULL)
    writer.submission("a", scores=FULL, overrides={"noise": 0.1, "core": "lstm"})
    found = board()
    (other,) = (row.method for row in found.rows if row.overrides)
    assert [n for n in found.notes if "run with" in n] == [
        f"{other}: run with noise=0.1, core=lstm."
    ]


def test_another_measurement_never_shares_the_table(writer, board):
    writer.submission("here", scores=FULL)
    writer.submission("there", scores=FULL, measurement="f" * 64)
    found = board()
    assert [row.method for row in found.rows] == ["here"]
    assert any("another measurement (ffffffffffff)" in note for note in found.notes)


def test_a_repeated_cell_counts_once(writer, board, tmp_path):
    import shutil

    folder = writer.submission("m", scores=FULL)
    other = tmp_path / "elsewhere"
    shutil.copytree(folder.path, other / folder.path.name)
    ingest(other, str(tmp_path / "x.db"))
    assert board().rows[0].runs == 6


def test_json_holds_what_scripts_rely_on(writer, board):
    writer.submission("m", scores=FULL)
    (record,) = as_records(board())
    promised = """method origin isolation runs tasks iqm iqm_low iqm_high median
        median_low median_high mean mean_low mean_high optimality_gap
        optimality_gap_low optimality_gap_high protocol measurement_hash
        scoring_hash""".split()
    assert set(promised) <= set(record)
    assert (record["protocol"], record["origin"]) == ("toy@1", "here")
    assert record["measurement_hash"] == TOY.measurement_hash
    assert record["interval_resamples"] == 200


def test_a_corrected_constant_rescores_old_runs(writer, board, tmp_path):
    from dataclasses import replace

    writer.submission("m", scores=FULL)
    before = board().rows[0].summary.mean.value
    high = replace(TOY.tasks[0].references[1], value=3.0)
    catch = replace(TOY.tasks[0], references=(TOY.tasks[0].references[0], high))
    corrected = replace(TOY, tasks=(catch, *TOY.tasks[1:]))
    assert corrected.measurement_hash == TOY.measurement_hash
    assert corrected.scoring_hash != TOY.scoring_hash
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        after = leaderboard(session, corrected, resamples=10).rows[0]
    assert after.summary.mean.value < before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET task = 'chess' WHERE task = 'catch' AND seed = 1",
        "UPDATE evaluations SET mean_return = 9e999 WHERE id = 3",
    ],
)
def test_what_an_older_podium_let_in_is_skipped(writer, board, tmp_path, statement):
    writer.submission("m", scores=FULL)
    ingest(writer.runs, str(tmp_path / "x.db"))
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute(statement)
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        (row,) = leaderboard(session, TOY, resamples=10).rows
    assert (row.runs, row.tasks, row.rank) == (5, 3, 1)
