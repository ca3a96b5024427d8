"""Imported files: kept whole, ingested once, rebuilt, and never trusted."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from results_db.database import open_for_reading, read_session
from results_db.import_format import BadImport
from results_db.imports import import_file
from results_db.leaderboard import leaderboard
from results_db.method_data import load_curves, load_methods
from results_db.models import ImportRow
from suites.registry import load_suite
from tests.results_db.conftest import FULL
from tests.results_db.imports import (
    ATARI,
    HEADER,
    SCORES,
    TOY,
    Importer,
    change,
    record,
    score_file,
)


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


def test_a_file_is_kept_and_its_scores_are_in_the_database(importer):
    report = importer(citation="Somebody 2026")
    assert report.new
    assert (report.path / "scores.csv").read_text() == SCORES
    document = json.loads((report.path / "import.json").read_text())
    declared = ("suite", "unit", "evaluation", "citation", "file_name", "method")
    assert [document[name] for name in declared] == [
        "toy@1",
        "raw",
        "final",
        "Somebody 2026",
        "theirs.csv",
        None,
    ]
    (method,) = importer.stored()
    assert method.raw == {
        "catch": (0.5, 1.0),
        "hurry": (0.5, 0.75),
        "reach": (-5.0, -4.25),
    }
    assert (method.label, method.foreign.unit, method.foreign.citation) == (
        "theirs",
        "raw",
        "Somebody 2026",
    )


def test_the_same_file_again_changes_nothing(importer):
    first = importer()
    files, database = importer.files(), Path(importer.database).read_bytes()
    again = importer(name="renamed.csv", evaluation=None)
    assert (again.new, again.path) == (False, first.path)
    assert again.imported_at == first.imported_at
    assert importer.files() == files
    assert Path(importer.database).read_bytes() == database


def test_a_rebuilt_database_has_the_imports(importer, writer):
    writer.submission("m", scores=FULL)
    importer(suite=ATARI, content=score_file(record()), name="d.json.gz")
    importer(method="renamed")
    before = [importer.stored(suite) for suite in (TOY, ATARI)]
    for file in importer.folder.glob("x.db*"):
        file.unlink()
    report = importer.ingest()
    assert (report.imports, report.imports_changed, report.problems) == (2, 2, [])
    assert [importer.stored(suite) for suite in (TOY, ATARI)] == before
    report = importer.ingest()
    assert (report.imports, report.imports_changed) == (2, 0)
    assert [m.label for m in before[0]] == ["renamed"]


def test_curves_come_back_normalised(importer):
    importer(suite=ATARI, content=score_file(record(), record(seed=1)))
    with read_session(open_for_reading(importer.database)) as session:
        curves = load_curves(session, ATARI, load_methods(session, ATARI))
    (first, _) = curves["d"]["pong"]
    assert first[0].tolist() == [1, 3]
    low, high = ATARI.bounds(ATARI.task("pong"))
    assert first[1].tolist() == pytest.approx(
        [(1 - low) / (high - low), (3 - low) / (high - low)]
    )


def test_one_name_stands_for_one_set_of_data(importer):
    importer()
    other = SCORES.replace("0.5", "0.25")
    with pytest.raises(
        BadImport, match="'theirs' stands for other data .*'theirs.csv'"
    ):
        importer(other)
    assert len(importer.folders()) == 1
    importer(other, method="theirs too")
    assert [m.label for m in importer.stored()] == ["theirs", "theirs too"]


def test_a_name_is_taken_also_by_a_file_that_is_not_ingested(importer):
    importer()
    os.unlink(importer.database)
    with pytest.raises(BadImport, match="stands for other data"):
        importer(SCORES.replace("0.5", "0.25"))


def test_the_same_name_may_stand_on_another_suite(importer):
    importer()
    importer(f"{HEADER}\ntheirs,pong,0,3\n", suite=ATARI)
    assert [m.label for m in importer.stored(ATARI)] == ["theirs"]


@pytest.mark.parametrize(
    "changed", [{"unit": TOY.scoring.label}, {"evaluation": "training-window"}]
)
def test_a_file_cannot_be_declared_twice_in_two_ways(importer, changed):
    importer()
    with pytest.raises(BadImport, match="was imported with --.* To declare it anew"):
        importer(**changed)


def test_normalised_scores_are_taken_only_as_the_suites_own(importer):
    importer(unit=TOY.scoring.label)
    (method,) = importer.stored()
    assert method.foreign.unit == TOY.scoring.label
    assert method.normalised(TOY)["reach"] == [-5.0, -4.25]
    for unit in ("normalised", "human-normalised", "return / 1000", "", "x" * 999):
        with pytest.raises(BadImport, match="is neither 'raw'") as error:
            importer(SCORES.replace("theirs", "a"), unit=unit)
        assert len(str(error.value)) < 400


def test_units_may_be_written_as_they_are_typed(importer):
    dmc = load_suite("dmc-vision")
    importer(f"{HEADER}\na,walker_walk,0,0.5\n", suite=dmc, unit="return/1000")
    assert importer.stored(dmc)[0].foreign.unit == "return / 1000"


def test_a_bad_file_leaves_nothing(importer):
    importer()
    files = importer.files()
    with pytest.raises(BadImport, match="line 8"):
        importer(f"{SCORES}theirs,catch,9,nan\n".replace("theirs", "new"))
    assert importer.files() == files
    assert [m.label for m in importer.stored()] == ["theirs"]


@pytest.mark.parametrize("evaluation", ["best", "", "final\n"])
def test_an_unknown_kind_of_evaluation_is_refused(importer, evaluation):
    if evaluation == "":
        assert importer(evaluation="").new  # as not declared
        assert importer.stored()[0].foreign.evaluation == "unknown"
        return
    with pytest.raises(BadImport, match="no kind of evaluation"):
        importer(evaluation=evaluation)


@pytest.mark.parametrize("citation", ["a\x1b[31m", "a\nb", "right\u202eleft"])
def test_a_citation_hides_nothing(importer, citation):
    with pytest.raises(BadImport, match="invisible characters"):
        importer(citation=citation)


def test_a_file_name_is_a_text(importer):
    report = importer(name="a\x1b[31m\u202e'; DROP.csv")
    document = json.loads((report.path / "import.json").read_text())
    assert document["file_name"] == "a\\x1b[31m\\u202e'; DROP.csv"
    assert sorted(p.name for p in report.path.iterdir()) == [
        "import.json",
        "scores.csv",
    ]


def test_what_is_no_plain_file_is_refused(importer, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    options = {"runs": importer.runs, "database": importer.database, "unit": "raw"}
    for path, complaint in (
        (tmp_path / "pipe", "no plain file"),
        (tmp_path, "cannot be read|no plain file"),
        ("/dev/zero", "no plain file"),
        (tmp_path / "none", "cannot be read"),
    ):
        with pytest.raises(BadImport, match=complaint):
            import_file(tmp_path / path, TOY, **options)


def test_two_folders_with_one_name_the_first_counts(importer, tmp_path):
    importer()
    other = Importer(tmp_path / "other")
    other.folder.mkdir()
    other(SCORES.replace("0.5", "0.25"))
    shutil.copytree(
        other.folders()[0], importer.runs / "imports" / other.folders()[0].name
    )
    (problem,) = importer.ingest().problems
    assert "stands for other data" in problem
    assert importer.stored()[0].raw["catch"] == (0.5, 1.0)
    os.unlink(importer.database)
    importer.ingest()
    assert importer.stored()[0].raw["catch"] == (0.5, 1.0)


def test_a_declaration_mended_by_hand_is_taken_up(importer):
    change(importer().path, citation="Somebody 2026")
    report = importer.ingest()
    assert (report.imports_changed, report.problems) == (1, [])
    assert importer.stored()[0].foreign.citation == "Somebody 2026"
    with read_session(open_for_reading(importer.database)) as session:
        assert len(list(session.scalars(select(ImportRow)))) == 1


def test_a_full_disk_leaves_no_folder(importer, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(OSError, match="No space"):
        importer()
    assert importer.files() == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE imported_runs SET task = 'chess' WHERE task = 'catch' AND number = 1",
        "UPDATE imported_runs SET score = 9e999 WHERE task = 'catch' AND number = 1",
    ],
)
def test_what_nothing_can_be_made_of_is_skipped(importer, statement):
    importer()
    with sqlite3.connect(importer.database) as connection:
        connection.execute(statement)
    (method,) = importer.stored()
    assert method.raw["catch"] == (0.5,)
    assert sum(map(len, method.raw.values())) == 5


def test_scores_by_constants_that_have_changed_are_left_out(importer):
    from dataclasses import replace

    importer(unit=TOY.scoring.label)
    importer(SCORES.replace("theirs", "raw"))
    high = replace(TOY.tasks[0].references[1], value=3.0)
    catch = replace(TOY.tasks[0], references=(TOY.tasks[0].references[0], high))
    corrected = replace(TOY, tasks=(catch, *TOY.tasks[1:]))
    assert [m.label for m in importer.stored(corrected)] == ["raw"]
    with read_session(open_for_reading(importer.database)) as session:
        boards = [leaderboard(session, s, resamples=50) for s in (TOY, corrected)]
    assert not any("left out" in note for note in boards[0].notes)
    (note,) = [note for note in boards[1].notes if "left out" in note]
    assert note.startswith("Imports left out: theirs; their scores were normalised by")


def test_outdated_scores_are_replaced_when_their_file_is_imported_again(importer):
    path = importer(unit=TOY.scoring.label).path
    with sqlite3.connect(importer.database) as connection:
        connection.execute("UPDATE imports SET scoring_hash = 'older'")
    assert importer.stored() == []
    shutil.rmtree(path)
    importer(unit=TOY.scoring.label)
    assert [m.label for m in importer.stored()] == ["theirs"]


def other_folder(importer, folder):
    """Imports into the same database from another runs folder."""
    other = Importer(folder)
    folder.mkdir()
    other.database = importer.database
    return other


@pytest.mark.parametrize(
    "changed",
    [
        {"unit": TOY.scoring.label},
        {"evaluation": "training-window"},
        {"citation": "Another 2026"},
    ],
)
def test_a_file_is_declared_in_one_way_from_whatever_folder(
    importer, tmp_path, changed
):
    importer(citation="Somebody 2026")
    before = importer.stored()
    other = other_folder(importer, tmp_path / "other")
    with pytest.raises(BadImport, match="from another runs folder, imported with --"):
        other(**{"citation": "Somebody 2026", **changed})
    assert other.files() == {}
    # A folder that was filled for another database.
    other.database = str(tmp_path / "other.db")
    other(**{"citation": "Somebody 2026", **changed})
    other.database = importer.database
    (problem,) = other.ingest().problems
    assert "from another runs folder" in problem
    assert importer.stored() == before


def test_two_folders_may_hold_the_same_import(importer, tmp_path):
    importer()
    database = Path(importer.database).read_bytes()
    other = other_folder(importer, tmp_path / "other")
    assert other(name="renamed.csv").new
    reports = [folder.ingest() for folder in (importer, other, importer)]
    assert [(r.imports_changed, r.problems) for r in reports] == [(0, [])] * 3
    assert Path(importer.database).read_bytes() == database


def test_the_unit_is_as_before_where_none_is_given(importer):
    first = importer(unit=TOY.scoring.label)
    again = importer(unit=None)
    assert (again.new, again.path, again.unit) == (False, first.path, first.unit)
    with pytest.raises(BadImport, match="was imported with --unit"):
        importer(unit="raw")
    raw = importer(SCORES.replace("theirs", "raw"), unit=None)
    assert raw.unit == "raw"


def test_a_citation_that_is_too_long_leaves_nothing(importer):
    with pytest.raises(BadImport, match="citation has 1,001 characters; at most 1,000"):
        importer(citation="x" * 1001)
    assert importer.files() == {}
    importer(citation="x" * 1000)
    assert importer.ingest().problems == []
