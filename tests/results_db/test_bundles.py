"""Results from elsewhere: a runs folder in which bundle.json stands."""

import json

import pytest
from sqlalchemy import select

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
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
    # A cell that was run twice counts once, by its first execution.
    assert (row.runs, row.runs_planned, row.origin) == (6, 6, "bundle")


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
