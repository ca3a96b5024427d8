"""Every command: help with examples, formats, and what it says without data."""

import csv
import io
import json
import shlex
import subprocess

import pytest

from harness.cli.main import COMMANDS
from tests.conftest import AGENTS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(podium, command):
    result = podium(command, "--help")
    assert result.code == 0
    assert "Examples:" in result.out
    assert f"podium {command}" in result.out


def test_the_group_lists_every_command(podium):
    out = podium("--help").out
    for command, (_, text) in COMMANDS.items():
        assert command in out
        assert text in out


def test_unknown_commands_are_named_with_the_nearest(podium):
    result = podium("leaderbord")
    assert result.code == 2
    assert "Did you mean 'leaderboard'" in result.err


def test_suites_in_every_format(podium):
    assert "atari100k@1" in podium("suites").out
    names = [
        row["suite"] for row in json.loads(podium("suites", "--format", "json").out)
    ]
    rows = csv.DictReader(io.StringIO(podium("suites", "--format", "csv").out))
    assert [row["suite"] for row in rows] == names
    assert "| toy@1 |" in podium("suites", "--format", "md").out.replace("\\", "")


def test_one_suite_shows_its_protocol_and_sources(podium):
    out = podium("suites", "memory-maze").out
    for part in (
        "100,000,000",
        "oracle",
        "34.8",
        "absent",
        "arXiv:2210.13383",
        "Measurement",
        "Scoring",
        "truncation",
    ):
        assert part in out
    document = json.loads(podium("suites", "atari100k@1", "--format", "json").out)
    assert document["id"] == "atari100k@1"
    assert len(document["tasks"]) == 26
    assert podium("suites", "atari").code == 2


def test_agents_tells_papers_suites_and_reasons(podium):
    records = json.loads(podium("agents", "--format", "json").out)
    ppo = next(record for record in records if record["agent"] == "ppo")
    assert "arXiv:1707.06347" in ppo["paper"]
    assert {"atari100k", "dmc-proprio", "procgen-easy", "memory-maze"} <= set(
        ppo["suites"]
    )
    assert ppo["tuning"] == "per-suite"


@pytest.mark.parametrize(
    "arguments",
    [("leaderboard", "toy"), ("export", "toy", "--table", "csv"), ("dashboard",)],
)
def test_without_a_database_the_way_to_one_is_told(podium, arguments):
    result = podium(*arguments)
    assert result.code == 2
    assert "podium submit" in result.err
    assert list(podium.folder.iterdir()) == []


def test_without_runs_the_way_to_them_is_told(podium):
    assert "podium submit random" in podium("status").out
    result = podium("ingest")
    assert result.code == 2
    assert "no runs folder runs" in result.err


def test_an_empty_suite_says_how_to_start(podium):
    podium("submit", "random", "--suite", "toy", "--seeds", 1, "--tasks", "catch")
    result = podium("leaderboard", "practice")
    assert result.code == 0
    assert "podium submit random --suite practice" in result.out


def test_markup_in_names_is_text(podium):
    name = "evil [bold]x[/bold] *|$\\alpha"
    podium("submit", "random", "--suite", "toy", "--seeds", 1, "--name", name)
    assert name in podium("leaderboard", "toy").out
    (row,) = json.loads(podium("leaderboard", "toy", "--format", "json").out)
    assert row["method"] == name


@pytest.mark.parametrize("name", ["a\x1b]0;t\x07", "\u202eabc", "a\nb", "a\udcffb"])
def test_names_with_control_characters_are_refused(podium, name):
    result = podium("submit", "random", "--suite", "toy", "--name", name)
    assert result.code == 2
    assert "without control characters" in result.err
    assert not (podium.folder / "runs").exists()


@pytest.mark.parametrize("command", ["submit random --suite toy", "run cell.json"])
@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "0", "soon"])
def test_a_run_timeout_is_a_finite_time(podium, command, seconds):
    cell = podium.folder / "cell.json"
    cell.write_text("{}")
    result = podium(*command.split(), "--run-timeout", seconds)
    assert result.code == 2
    assert "Invalid value for '--run-timeout'" in result.err
    assert list(podium.folder.iterdir()) == [cell]


def test_what_cannot_be_written_or_read_is_misuse(podium):
    (podium.folder / "file").write_text("")
    cells = ("submit", "random", "--suite", "toy", "--dry-run", "--write")
    result = podium(*cells, "file/cells")
    assert (result.code, "cannot be written" in result.err) == (2, True)
    assert podium(*cells, "cells").code == 0
    cell = podium.folder / "cells/catch-s0.json"
    result = podium("run", cell, "--runs", "file/runs")
    assert (result.code, "cannot be written" in result.err) == (2, True)
    cell.write_text(cell.read_text().replace('"toy@1"', '"tyo@1"'))
    result = podium("run", cell)
    assert result.code == 2
    assert "Traceback" not in result.err
    assert not podium.runs("*")


def test_a_damaged_submission_does_not_hide_the_others(podium):
    for name in ("a", "b"):
        podium("submit", "random", "--suite", "toy", "--seeds", 1, "--name", name)
    ledger = next(path for path in podium.runs("*/ledger.jsonl") if "-a-" in str(path))
    with ledger.open("a") as file:
        file.write("garbage\n")
    result = podium("status")
    assert result.code == 0
    assert "not a JSON object" in result.err
    assert "toy@1-b-" in result.out


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_no_number_is_cut_in_a_narrow_terminal(podium, columns):
    podium("submit", "random", "--suite", "toy", "--seeds", 2)
    (row,) = json.loads(podium("leaderboard", "toy", "--format", "json").out)
    command = shlex.join([*podium.command, "leaderboard", "toy"])
    shown = subprocess.run(
        ["script", "-qec", f"stty cols {columns}; {command}", "/dev/null"],
        capture_output=True,
        text=True,
        cwd=podium.folder,
        check=True,
    ).stdout
    for field in ("iqm", "iqm_low", "iqm_high", "mean", "mean_high"):
        assert f"{row[field]:.3f}" in shown


def test_places_come_from_the_environment(podium, tmp_path):
    result = podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        1,
        PODIUM_RUNS="r",
        PODIUM_DB="d.db",
    )
    assert result.code == 0
    assert (tmp_path / "r").is_dir()
    assert (tmp_path / "d.db").is_file()
    assert not (tmp_path / "runs").exists()


def test_status_tells_failures_with_their_cause(podium):
    podium("submit", f"{AGENTS}/toys.py:Crashes", "--suite", "toy", "--seeds", 1)
    (record,) = json.loads(podium("status", "--format", "json").out)
    assert (record["done"], record["failed"], record["planned"]) == (1, 2, 3)
    out = podium("status", record["submission"]).out
    assert "RuntimeError: the reactor" in out
    assert "log.txt" in out
    assert podium("status", "nothing").code == 2


def test_export_writes_files_and_refuses_where_it_cannot(podium):
    podium("submit", "random", "--suite", "toy", "--seeds", 1)
    result = podium("export", "toy", "--table", "latex", "-o", "t.tex")
    assert "Wrote t.tex" in result.out
    assert "\\toprule" in (podium.folder / "t.tex").read_text()
    failed = podium("export", "toy", "--table", "latex", "-o", "no/such/t.tex")
    assert failed.code == 2
    assert "cannot be written" in failed.err


def test_export_draws_figures_and_tells_their_caption(podium):
    podium("submit", "random", "--suite", "toy", "--seeds", 2)
    result = podium("export", "toy", "--figure", "curves", "-o", "curves.pdf")
    assert "Wrote curves.pdf" in result.out
    assert "Caption: " in result.out
    assert (podium.folder / "curves.pdf").read_bytes().startswith(b"%PDF")
    assert podium("export", "toy", "--figure", "profile", "-o", "x.svg").code == 2
    alone = podium("export", "toy", "--figure", "improvement", "-o", "x.png")
    assert "two methods" in alone.err
    assert not (podium.folder / "x.png").exists()


def test_export_writes_scores_of_the_chosen_methods(podium):
    for name in ("one", "a,b"):
        podium("submit", "random", "--suite", "toy", "--seeds", 1, "--name", name)
    whole = podium("export", "toy", "--scores").out.splitlines()
    assert whole[0] == "method,task,run,score"
    assert len(whole) == 1 + 2 * 3
    assert {row.split(",")[-2] for row in whole[1:]} == {"0"}
    chosen = podium("export", "toy", "--scores", "--methods", "a,b").out
    assert chosen.count('"a,b",') == 3
    assert "one" not in chosen
    unknown = podium("export", "toy", "--scores", "--methods", "ome")
    assert unknown.code == 2
    assert "Did you mean 'one'" in unknown.err


def test_export_tells_the_protocol_without_a_database(podium):
    assert r"\textbf{Budget:}" in podium("export", "toy", "--protocol").out
    assert "**Budget:**" in podium("export", "toy", "--protocol", "md").out


@pytest.mark.parametrize(
    "arguments",
    [(), ("--table", "md", "--scores"), ("--scores", "--per-task")],
)
def test_export_does_one_thing(podium, arguments):
    assert podium("export", "toy", *arguments).code == 2


def test_output_can_be_piped_into_a_reader_that_leaves(podium):
    import subprocess

    command = " ".join([*podium.command, "suites", "atari100k"])
    result = subprocess.run(
        f"{command} | head -1", shell=True, capture_output=True, text=True, check=True
    )
    assert "Traceback" not in result.stderr
    assert "BrokenPipe" not in result.stderr
