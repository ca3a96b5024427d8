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


def test_exported_scores_are_imported_unchanged(podium):
    (podium.folder / "a.csv").write_text(SCORES)
    for name in ("=theirs", "it's, \\quoted"):
        podium("import", "a.csv", "--suite", "toy", "--method", name)
    podium("submit", "random", "--suite", "toy", "--seeds", 2)
    assert podium("export", "toy", "--scores", "-o", "s.csv").code == 0
    there = ("--runs", "there", "--db", "there.db")
    assert podium("import", "s.csv", "--suite", "toy", *there).code == 0
    podium("export", "toy", "--scores", "-o", "again.csv", "--db", "there.db")
    texts = [(podium.folder / name).read_text() for name in ("s.csv", "again.csv")]
    assert texts[0] == texts[1]
    assert len(texts[0].splitlines()) == 1 + 3 * 6
    here = rows(podium)
    for name, row in rows(podium, "toy", "--db", "there.db").items():
        assert row["origin"] == "imported"
        assert row["data_digest"] == here[name]["data_digest"]


def test_scores_of_another_unit_are_never_exported_as_raw(podium):
    (podium.folder / "a.csv").write_text(SCORES)
    unit = rows_label(podium)
    podium("import", "a.csv", "--suite", "toy", "--unit", unit)
    result = podium("export", "toy", "--scores")
    assert result.out.splitlines() == [HEADER]
    assert "Left out: theirs" in result.err
    table = podium("export", "toy", "--table", "md", "--per-task").out
    (catch,) = [line for line in table.splitlines() if line.startswith("| catch")]
    assert catch.endswith("| - |")


def rows_label(podium):
    document = json.loads(podium("suites", "toy", "--format", "json").out)
    return document["scoring"]["label"]


def test_the_same_file_again_needs_no_options(podium):
    (podium.folder / "a.csv").write_text(SCORES)
    options = ("--unit", rows_label(podium), "--evaluation", "final")
    first = podium("import", "a.csv", "--suite", "toy", *options)
    assert f"{rows_label(podium)} scores." in first.out
    again = podium("import", "a.csv", "--suite", "toy")
    assert (again.code, "Nothing to do" in again.out) == (0, True)
    raw = podium("import", "a.csv", "--suite", "toy", "--unit", "raw")
    assert (raw.code, "was imported with --unit" in raw.err) == (2, True)


def test_published_means_can_be_chosen_for_a_table(podium):
    (podium.folder / "a.csv").write_text(f"{HEADER}\nmine,pong,0,1\n")
    podium("import", "a.csv", "--suite", "atari100k")
    table = ("export", "atari100k", "--table", "json", "--methods", "mine,SPR")
    shown = json.loads(podium(*table).out)
    names = [
        row["method"] for row in (shown if isinstance(shown, list) else shown["rows"])
    ]
    assert sorted(names) == ["SPR", "mine"]
    assert podium(*table, "--no-reported").code == 2
    text = podium("export", "atari100k", "--table", "md", "--per-task").out
    (pong,) = [line for line in text.splitlines() if line.startswith("| pong")]
    assert "-5.4" in pong.replace("\\", "")


def test_curves_with_a_point_an_episode_can_be_drawn(podium):
    lines = [
        f"a,{task},{run},{0.5 + run / 10},{step}"
        for task in ("catch", "reach", "hurry")
        for run in (0, 1)
        for step in range(1 + run, 2000, 7)
    ]
    text = "\n".join([f"{HEADER},agent_steps", *lines])
    (podium.folder / "a.csv").write_text(text)
    podium("import", "a.csv", "--suite", "toy")
    result = podium("export", "toy", "--figure", "curves", "-o", "c.png")
    assert (result.code, result.err) == (0, "")
    assert (podium.folder / "c.png").stat().st_size > 5000


def test_published_means_are_lines_of_curves_where_they_are_named(podium):
    from suites.registry import load_suite

    tasks = [task.name for task in load_suite("atari100k").tasks]
    lines = [f"mine,{t},0,{i},{at}" for i, t in enumerate(tasks) for at in (0, 9)]
    text = "\n".join([f"{HEADER},agent_steps", *lines])
    (podium.folder / "a.csv").write_text(text)
    podium("import", "a.csv", "--suite", "atari100k")
    curves = ("export", "atari100k", "--figure", "curves", "-o", "c.png")
    assert "reported" not in podium(*curves).out.lower()
    named = podium(*curves, "--methods", "mine,SPR").out
    assert "Dashed, hollow: final values that papers report" in named
    assert "Schwarzer" in named
    assert "Kaiser" not in named
    rows = ("export", "atari100k", "--figure", "intervals", "-o", "i.png")
    assert "Kaiser" in podium(*rows).out
    assert podium(*rows, "--methods", "SPR,IRIS").code == 0
    assert podium(*curves, "--methods", "SPR").code == 2
