"""Imported and reported rows beside the measured ones."""

import pytest

from results_db.database import open_for_reading, read_session
from results_db.export.tables import caption, to_csv, to_latex, to_markdown
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from results_db.reported_rows import with_reported
from suites.registry import load_suite
from tests.results_db.conftest import FULL
from tests.results_db.imports import ATARI, HEADER, TOY, Importer


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


def board(importer, suite=TOY, *, reported=True, **options):
    with read_session(open_for_reading(importer.database)) as session:
        found = leaderboard(session, suite, resamples=100, **options)
    return with_reported(found) if reported else found


def by_name(rows):
    return {row.method: row for row in rows}


def test_imported_rows_stand_by_iqm_and_have_no_rank(importer, writer):
    writer.submission("worse", scores={t: [-9.0, -9.5] for t in FULL})
    writer.submission("best", scores={t: [9.0, 9.5] for t in FULL})
    ingest(writer.runs, importer.database)
    importer(citation="Somebody 2026")
    found = board(importer)
    assert [(row.method, row.rank, row.origin) for row in found.rows] == [
        ("best", 1, "here"),
        ("theirs", None, "imported"),
        ("worse", 2, "here"),
    ]
    row = found.rows[1]
    assert row.summary.iqm.low < row.summary.iqm.value < row.summary.iqm.high
    assert (row.runs, row.runs_planned, row.tasks) == (6, 6, 3)
    (note,) = [note for note in found.notes if "Imported" in note]
    for part in ("theirs", "theirs.csv", "final evaluations", "Somebody 2026", "raw"):
        assert part in note


def test_imported_scores_are_those_of_the_same_runs_measured(importer, writer):
    writer.submission("here", scores=FULL)
    ingest(writer.runs, importer.database)
    rows = "".join(
        f"there,{task},{run},{score}\n"
        for task, scores in FULL.items()
        for run, score in enumerate(scores)
    )
    importer(f"{HEADER}\n{rows}")
    here, there = (by_name(board(importer).rows)[name] for name in ("here", "there"))
    assert there.summary.iqm.value == pytest.approx(here.summary.iqm.value, abs=1e-12)
    assert there.summary.mean.value == pytest.approx(here.summary.mean.value, abs=1e-12)
    assert (here.rank, there.rank) == (1, None)


def test_normalised_imports_are_not_normalised_again(importer):
    importer(unit=TOY.scoring.label)
    (row,) = board(importer).rows
    assert row.summary.mean.value == pytest.approx((0.75 + 0.625 - 4.625) / 3)
    (record,) = as_records(board(importer))
    assert record["unit"] == TOY.scoring.label


def test_an_import_that_lacks_tasks_has_no_aggregates_unless_asked(importer):
    importer(f"{HEADER}\npart,catch,0,1\npart,catch,1,0\n")
    (row,) = board(importer).rows
    assert (row.summary, row.tasks, row.tasks_total) == (None, 1, 3)
    (row,) = board(importer, missing="common").rows
    assert row.rank is None
    assert row.summary.iqm.value == 0.75
    (row,) = board(importer, missing="random").rows
    assert (row.rank, row.filled) == (None, 4)


def test_unequal_numbers_of_foreign_runs_are_not_missing_ones(importer):
    importer(f"{HEADER}\na,catch,0,1\na,catch,1,1\na,reach,0,1\na,hurry,0,1\n")
    (row,) = board(importer, missing="random").rows
    assert (row.runs, row.filled) == (4, 0)


def test_few_runs_are_said(importer):
    importer(f"{HEADER}\none,catch,0,1\none,reach,0,1\none,hurry,0,1\n")
    found = board(importer)
    assert found.rows[0].summary.iqm.low is None
    assert "one: a task has one run only: no interval." in found.notes


def test_names_are_told_apart(importer, writer):
    writer.submission("SPR", suite="atari100k", scores={"pong": [1.0, 2.0]})
    ingest(writer.runs, importer.database)
    importer(f"{HEADER}\nSPR,pong,0,3\nDER,pong,0,3\n", suite=ATARI)
    rows = board(importer, ATARI).rows
    origins = {row.method: row.origin for row in rows}
    assert origins["SPR"] == "here"
    assert origins["SPR (imported)"] == "imported"
    assert origins["SPR (reported)"] == "reported"
    assert (origins["DER"], origins["DER (reported)"]) == ("imported", "reported")
    assert len(origins) == len(rows)
    assert len({row.digest for row in rows}) == len(rows)


@pytest.fixture
def reported(importer):
    """Makes an empty database and shows what papers report."""
    importer()

    def show(suite, **options):
        return board(importer, load_suite(suite), **options)

    return show


def test_reported_rows_have_means_and_no_intervals(reported):
    found = reported("atari100k")
    rows = by_name(found.rows)
    assert {row.origin for row in found.rows} == {"reported"}
    assert {row.rank for row in found.rows} == {None}
    summary = rows["EfficientZero"].summary
    assert (summary.iqm, summary.optimality_gap) == (None, None)
    assert summary.mean.value == pytest.approx(1.943, abs=1e-3)
    assert summary.median.value == pytest.approx(1.090, abs=1e-3)
    spr = rows["SPR"].summary
    assert (spr.iqm.value, spr.iqm.low, spr.iqm.high) == (0.337, None, None)
    assert rows["SPR"].foreign.task_means["pong"] == -5.4
    # By IQM; what has none stands below.
    values = [row.summary.iqm and row.summary.iqm.value for row in found.rows]
    assert values[-1] is None
    assert values[:-1] == sorted(values[:-1], reverse=True)


@pytest.mark.parametrize(
    ("suite", "method", "mean", "median"),
    [
        ("atari100k", "SimPLe", 0.332, 0.134),
        ("atari100k", "SPR", 0.616, 0.396),
        ("atari100k", "IRIS", 1.046, 0.289),
        ("atari100k", "STORM", 1.222, 0.425),
        ("atari100k", "DIAMOND", 1.459, 0.373),
        ("atari100k", "DreamerV3", 1.226, 0.470),
        ("procgen-easy", "PPO", 0.325, None),
        ("procgen-easy", "PPG", 0.497, None),
        ("procgen-easy", "IDAAC", 0.539, None),
        ("procgen-easy", "PPO (OpenAI)", 0.355, None),
        ("procgen-hard", "PPG (OpenAI, all levels, 100M)", 0.756, None),
        ("procgen-hard", "DreamerV3 (all levels, 50M)", 0.658, None),
        ("dmc-vision", "DreamerV3", 0.785, 0.860),
        ("dmc-vision", "CURL", 0.526, None),
    ],
)
def test_known_means_and_medians(reported, suite, method, mean, median):
    summary = by_name(reported(suite).rows)[method].summary
    assert summary.mean.value == pytest.approx(mean, abs=1e-3)
    if median is not None:
        assert summary.median.value == pytest.approx(median, abs=1e-3)


def test_incomplete_reports_are_shown_as_such(reported):
    rows = by_name(reported("memory-maze").rows)
    assert (rows["IMPALA"].summary, rows["IMPALA"].tasks) == (None, 1)


def test_reports_are_over_the_tasks_that_the_others_are_over(
    reported, writer, importer
):
    writer.submission("part", suite="memory-maze", scores={"9x9": [1.0, 2.0]})
    ingest(writer.runs, importer.database)
    found = reported("memory-maze", missing="common")
    rows = by_name(found.rows)
    assert rows["IMPALA"].summary.mean.value == pytest.approx(23.4 / 34.8)
    assert (rows["part"].rank, rows["IMPALA"].rank) == (1, None)
    writer.submission("pong", suite="atari100k", scores={"pong": [1.0, 2.0]})
    ingest(writer.runs, importer.database)
    summary = by_name(reported("atari100k", missing="common").rows)["SPR"].summary
    assert (summary.iqm, summary.optimality_gap) == (None, None)
    assert summary.mean.value == pytest.approx((-5.4 + 20.7) / (14.6 + 20.7))


def test_notes_cite_and_tell_the_deviations(reported):
    text = caption(reported("atari100k"))
    for part in (
        "SPR (Schwarzer et al. 2021, arXiv:2007.05929)",
        "Second-hand, as quoted by others: EfficientZero.",
        "Deviations of EfficientZero: episodes cut after 12,000 frames",
        "no intervals, never ranked",
    ):
        assert part in text
    quoted = "Second-hand, as quoted by others: Dreamer (TBTT), IMPALA."
    assert quoted in caption(reported("memory-maze"))


def test_reported_rows_can_be_left_out(reported):
    assert reported("atari100k", reported=False).rows == ()
    assert reported("atari100k", reported=False).notes == ()


def test_records_say_what_a_row_is(reported, importer):
    importer(f"{HEADER}\nz,pong,0,3\n", suite=ATARI, evaluation=None)
    records = {record["method"]: record for record in as_records(reported("atari100k"))}
    assert len({tuple(record) for record in records.values()}) == 1
    fields = ("origin", "evaluation", "second_hand", "interval", "iqm_low")
    assert [records["EfficientZero"][f] for f in fields] == [
        "reported",
        "final",
        True,
        None,
        None,
    ]
    assert records["DreamerV3"]["evaluation"] == "training-window"
    assert records["z"]["evaluation"] == "unknown"
    assert records["SPR"]["citation"].endswith("arXiv:2007.05929")


def test_every_table_shows_foreign_rows_and_the_best_is_a_measured_one(
    reported, importer, writer
):
    for name, score in (("a", 0.1), ("b", 0.2)):
        tasks = {task.name: [score, score] for task in ATARI.tasks}
        writer.submission(name, suite="atari100k", scores=tasks, points=0)
    ingest(writer.runs, importer.database)
    found = reported("atari100k")
    for text in (to_latex(found), to_markdown(found), to_csv(found)):
        assert "EfficientZero" in text
    bold = [line for line in to_latex(found).splitlines() if "textbf" in line]
    assert {line[0] for line in bold} <= {"a", "b"}
    assert bold


def test_runs_that_a_paper_does_not_state_are_not_zero(reported):
    text = to_markdown(reported("dmc-planet-100k"))
    (line,) = [line for line in text.splitlines() if line.startswith("| - | SUNRISE")]
    assert "| - | 6 | reported |" in line
