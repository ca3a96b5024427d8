"""Results from elsewhere: a runs folder in which bundle.json stands."""

import json
import shutil

import pytest
from sqlalchemy import select

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from results_db.models import RunRow, SubmissionRow
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer
from tests.results_db.test_ingest import contents


def named_lab(folder):
    """Writes made-up runs into a bundle named `lab`."""
    writer = Writer(folder)
    document = {"format": 1, "name": "lab"}
    (writer.runs / "bundle.json").write_text(json.dumps(document))
    return writer


@pytest.fixture
def bundle(tmp_path):
    return named_lab(tmp_path / "bundle")


def board(database):
    with read_session(open_for_reading(database)) as session:
        return leaderboard(session, load_suite("toy"), resamples=10)


def test_a_bundles_runs_say_where_they_come_from(bundle, tmp_path):
    database = str(tmp_path / "x.db")
    bundle.submission("m", scores=FULL)
    assert ingest(bundle.runs, database).problems == []
    assert ingest(bundle.runs, database).changed == 0
    (row,) = board(database).rows
    assert (row.origin, row.runs, row.runs_planned) == ("bundle", 6, 6)
    with read_session(open_for_reading(database)) as session:
        assert session.scalar(select(SubmissionRow.name)).startswith("lab/toy@1-m-")


def test_the_same_method_run_here_too_overwrites_nothing(bundle, writer, tmp_path):
    database = str(tmp_path / "x.db")
    better = {task: [value + 0.1 for value in values] for task, values in FULL.items()}
    bundle.submission("m", scores=FULL)
    writer.submission("m", scores=better)
    for runs in (bundle.runs, writer.runs, bundle.runs):
        ingest(runs, database)
    with read_session(open_for_reading(database)) as session:
        origins = sorted(session.scalars(select(RunRow.origin)))
    assert origins == ["bundle"] * 6 + ["here"] * 6
    (row,) = board(database).rows
    # A cell that was run twice counts once: what was run here comes first.
    assert (row.runs, row.runs_planned, row.origin) == (6, 6, "here")
    assert row.task_scores["catch"] == pytest.approx((0.1, 0.6))


def mark(folder, task, old, new):
    """Changes words in what the runs of a task say of themselves."""
    for path in [
        file
        for name in ("attempts.jsonl", "done")
        for file in folder.path.glob(f"{task}-s*/{name}")
    ]:
        path.write_text(path.read_text().replace(old, new))


DRIFTED = ('"host":"h","packages"', '"fingerprint":{"status":"drifted"},"packages"')
DIVERGED = ("finished", "diverged")


@pytest.mark.parametrize(("old", "new"), [DRIFTED, DIVERGED])
def test_only_runs_that_count_are_reported(bundle, writer, tmp_path, old, new):
    database = str(tmp_path / "x.db")
    mark(bundle.submission("m", scores=FULL), "*", old, new)
    ingest(bundle.runs, database)
    word = "diverged" if (old, new) == DIVERGED else "--accept-drift"
    (note,) = [note for note in board(database).notes if word in note]
    assert "m: 6 of 6 runs" in note
    writer.submission("m", scores={"catch": [0.0, 0.5]})
    ingest(writer.runs, database)
    (note,) = [note for note in board(database).notes if word in note]
    assert "m: 4 of 6 runs" in note


def test_records_count_the_runs_that_drifted(bundle, tmp_path):
    mark(bundle.submission("m", scores=FULL), "catch", *DRIFTED)
    bundle.submission("n", scores=FULL)
    ingest(bundle.runs, str(tmp_path / "x.db"))
    records = {r["method"]: r for r in as_records(board(str(tmp_path / "x.db")))}
    assert (records["m"]["drifted"], records["n"]["drifted"]) == (2, 0)


def test_a_run_without_a_time_counts_last(bundle, writer, tmp_path):
    database = str(tmp_path / "x.db")
    timeless = bundle.submission("m", scores=FULL)
    for file in timeless.path.glob("*/attempts.jsonl"):
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        for row in rows:
            row.pop("started_at", None)
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    ingest(bundle.runs, database)
    (bundle.runs / "bundle.json").write_text('{"format": 1, "name": "other"}')
    for folder in list(bundle.runs.glob("toy*")):
        shutil.rmtree(folder)
    better = {task: [value + 0.1 for value in values] for task, values in FULL.items()}
    bundle.submission("m", scores=better)
    ingest(bundle.runs, database)
    (row,) = board(database).rows
    assert row.task_scores["catch"] == pytest.approx((0.1, 0.6))


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ({"catch": [0.0, 0.5]}, "lacks hurry seed 0"),
        ({t: [9.0, *v[1:]] for t, v in FULL.items()}, "has another catch seed 0"),
    ],
    ids=["fewer", "other"],
)
def test_a_second_bundle_of_the_same_name_overwrites_nothing(
    bundle, tmp_path, scores, reason
):
    database = str(tmp_path / "x.db")
    bundle.submission("m", scores=FULL)
    ingest(bundle.runs, database)
    before = contents(database)
    second = named_lab(tmp_path / "second")
    second.submission("m", scores=scores)
    (problem,) = ingest(second.runs, database).problems
    assert "another bundle named 'lab'" in problem
    assert reason in problem
    assert contents(database) == before


def test_a_bundle_that_grew_is_brought_up_to_date(bundle, tmp_path):
    database = str(tmp_path / "x.db")
    folder = bundle.submission("m", scores={"catch": [0.0]}, planned=2)
    ingest(bundle.runs, database)
    done = folder.run("catch", 0).path
    kept = {path: path.read_bytes() for path in done.iterdir()}
    bundle.submission("m", scores=FULL)
    for path, content in kept.items():
        path.write_bytes(content)
    report = ingest(bundle.runs, database)
    assert (report.problems, report.changed) == ([], 5)


def test_a_bundle_with_a_bad_name_is_left_out_and_said(bundle, tmp_path):
    (bundle.runs / "bundle.json").write_text('{"format": 1, "name": "../up"}')
    bundle.submission("m", scores=FULL)
    report = ingest(bundle.runs, str(tmp_path / "x.db"))
    assert report.runs == 0
    assert "cannot be a bundle's name" in report.problems[0]
