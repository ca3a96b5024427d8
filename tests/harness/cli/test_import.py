"""`podium import` as a user meets it."""

import json

import pytest

from tests.results_db.imports import HEADER, SCORES


def rows(podium, suite="toy", *options):
    result = podium("leaderboard", suite, "--format", "json", *options)
    return {row["method"]: row for row in json.loads(result.out)}


def test_import_leaderboard_rebuild(podium):
    (podium.folder / "theirs.csv").write_text(SCORES)
    result = podium("import", "theirs.csv", "--suite", "toy")
    assert (result.code, result.err) == (0, "")
    assert "Imported theirs: 6 runs, 3/3 tasks, raw scores." in result.out
    before = rows(podium)
    assert before["theirs"]["origin"] == "imported"
    assert "theirs" in podium("leaderboard", "toy").out
    for file in podium.folder.glob("podium.db*"):
        file.unlink()
    result = podium("ingest")
    assert (result.code, "1 imports, 1 new or changed" in result.out) == (0, True)
    assert rows(podium) == before
    again = podium("import", "theirs.csv", "--suite", "toy")
    assert (again.code, "Nothing to do" in again.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("none.csv", "--suite", "toy"), "there is no file 'none.csv'"),
        (("theirs.csv", "--suite", "tyo"), "Did you mean 'toy'"),
        (("theirs.csv",), "Missing option '--suite'"),
        (("theirs.csv", "--suite", "atari100k"), "line 2: Unknown task of atari100k"),
        (("theirs.csv", "--suite", "toy", "--unit", "normalised"), "is neither 'raw'"),
        (("theirs.csv", "--suite", "toy", "--evaluation", "best"), "'best' is not one"),
        (("theirs.csv", "--suite", "toy", "--method", "a\x1b"), "control or invisible"),
        (("theirs.csv", "--suite", "toy", "--method", " "), "name is empty"),
        (("theirs.csv", "--suite", "toy", "--citation", "\u202e"), "invisible"),
        (
            ("theirs.csv", "--suite", "toy", "--runs", "theirs.csv"),
            "another with --run",
        ),
        (
            ("theirs.csv", "--suite", "toy", "--db", "no/x.db"),
            "another place with --db",
        ),
        ((".", "--suite", "toy"), "no plain file|cannot be read"),
    ],
)
def test_what_cannot_be_is_said_without_a_traceback(podium, arguments, complaint):
    import re

    (podium.folder / "theirs.csv").write_text(SCORES)
    result = podium("import", *arguments)
    assert result.code == 2
    assert re.search(complaint, result.err)
    assert "Traceback" not in result.err
    assert not (podium.folder / "podium.db").exists()
    assert not list(podium.folder.glob("runs/imports/*"))


def test_other_data_under_a_name_that_is_taken(podium):
    (podium.folder / "a.csv").write_text(SCORES)
    (podium.folder / "b.csv").write_text(SCORES.replace("0.5", "0.25"))
    podium("import", "a.csv", "--suite", "toy")
    result = podium("import", "b.csv", "--suite", "toy")
    assert (result.code, "--method" in result.err) == (2, True)
    assert podium("import", "b.csv", "--suite", "toy", "--method", "b").code == 0
    assert set(rows(podium)) == {"theirs", "b"}


def test_reported_rows_are_switched_off(podium):
    (podium.folder / "a.csv").write_text(f"{HEADER}\nmine,pong,0,1\n")
    podium("import", "a.csv", "--suite", "atari100k")
    shown = rows(podium, "atari100k")
    assert {row["origin"] for row in shown.values()} == {"imported", "reported"}
    assert shown["SPR"]["iqm"] == 0.337
    assert set(rows(podium, "atari100k", "--no-reported")) == {"mine"}
    table = podium("leaderboard", "atari100k").out
    assert "podium submit random --suite atari100k" in table
    tex = podium("export", "atari100k", "--table", "latex").out
    assert "EfficientZero" in tex
    tex = podium("export", "atari100k", "--table", "latex", "--no-reported").out
    assert "EfficientZero" not in tex


def test_a_damaged_import_does_not_hide_the_others(podium):
    (podium.folder / "a.csv").write_text(SCORES)
    podium("import", "a.csv", "--suite", "toy")
    podium("submit", "random", "--suite", "toy", "--seeds", 1)
    (kept,) = podium.folder.glob("runs/imports/*/import.json")
    kept.write_text("{")
    (podium.folder / "podium.db").unlink()
    result = podium("ingest")
    assert result.code == 1
    assert "Left out" in result.out
    assert "import.json is not JSON" in result.out
    assert [row["origin"] for row in rows(podium).values()] == ["here"]
    assert podium("status").code == 0


def test_names_are_text_in_every_format(podium):
    name = "=cmd|'/c calc'!A1 [bold]x[/bold] $\\alpha <b>"
    (podium.folder / "a.csv").write_text(SCORES)
    podium("import", "a.csv", "--suite", "toy", "--method", name)
    assert name in rows(podium)
    assert "[bold]x[/bold]" in podium("leaderboard", "toy").out
    assert "'=cmd" in podium("leaderboard", "toy", "--format", "csv").out
    assert "<b>" not in podium("leaderboard", "toy", "--format", "md").out.replace(
        "\\<b\\>", ""
    )
