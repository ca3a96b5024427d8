"""Imports that were damaged or lie about: named, and never in the way of others."""

import os

import pytest

from results_db.import_files import kept_imports
from results_db.import_format import BadImport
from tests.results_db.imports import HEADER, SCORES, Importer, change


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


def damage_json(path):
    (path / "import.json").write_text("{")


def damage_nested(path):
    (path / "import.json").write_text("[" * 100_000)


def damage_format(path):
    change(path, format=99)


def damage_suite(path):
    change(path, suite="chess@1")


def damage_version(path):
    change(path, suite="toy")


def damage_unit(path):
    change(path, unit="furlongs")


def damage_evaluation(path):
    change(path, evaluation=["final"])


def damage_citation(path):
    change(path, citation="\x1b]0;t\x07")


def damage_length(path):
    change(path, file_name="x" * 10_000)


def damage_scores(path):
    (path / "scores.csv").write_text(SCORES.replace("0.5", "0.9"))


def damage_no_scores(path):
    (path / "scores.csv").unlink()


def damage_more_scores(path):
    (path / "scores.json").write_text("[]")


def damage_link(path):
    (path / "scores.csv").rename(path.parent / "elsewhere")
    (path / "scores.csv").symlink_to(path.parent / "elsewhere")


def damage_folder_link(path):
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def damage_pipe(path):
    (path / "import.json").unlink()
    os.mkfifo(path / "import.json")


def damage_no_utf8(path):
    (path / "import.json").write_bytes(b"\xff\xfe{}")


def damage_method(path):
    change(path, method="another")


DAMAGES = [value for name, value in list(globals().items()) if name[:7] == "damage_"]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_import_keeps_no_other_out(importer, damage):
    broken = importer().path
    importer(f"{HEADER}\nz,catch,0,1\n")
    os.unlink(importer.database)
    damage(broken)
    report = importer.ingest()
    (problem,) = report.problems
    assert str(broken) in problem
    assert len(problem) < 600
    assert (report.imports, [m.label for m in importer.stored()]) == (1, ["z"])


def test_a_linked_imports_folder_is_left_out_and_said(importer, tmp_path):
    importer()
    folder = importer.runs / "imports"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    (problem,) = importer.ingest().problems
    assert "it is a link" in problem


def test_what_lies_about_among_the_imports_is_no_import(importer):
    importer()
    folder = importer.runs / "imports"
    (folder / ".0123456789ab.77.writing").mkdir()
    (folder / "notes").mkdir()
    assert len(list(kept_imports(importer.runs))) == 1


def test_a_damaged_folder_says_what_to_do_when_its_file_is_imported_again(importer):
    damage_scores(importer().path)
    with pytest.raises(BadImport, match="is damaged .*remove it and import the file"):
        importer()
