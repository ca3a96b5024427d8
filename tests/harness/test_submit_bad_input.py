"""What `podium submit` refuses, before anything is written."""

import pytest

from tests.conftest import TOYS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--suite", "toyy"], "Did you mean 'toy'"),
        (["--suite", "toy", "--tasks", "katch"], "Did you mean 'catch'"),
        (["--suite", "toy", "--set", "ratte=1"], "Did you mean 'rate'"),
        (["--suite", "toy", "--set", "rate=x"], "rate must be float"),
        (["--suite", "toy", "--seeds", "5-2"], "backwards"),
        (["--suite", "toy", "--seeds", "-1"], "0 or more"),
        (["--suite", "toy", "--device", "cuda"], "no GPU is visible"),
        (["--suite", "toy", "--db", "mysql://x/y"], "SQLite or PostgreSQL"),
        (["--suite", "toy", "--db", "/nowhere/podium.db"], "cannot be made"),
        (["--suite", "toy", "--db", "/proc/podium.db"], "cannot be made"),
        (["--suite", "toy", "--db", "/dev/null"], "no regular file"),
        (["--suite", "toy", "--db", "sqlite://"], "in memory"),
        (["--suite", "toy", "--db", "postgresql://u@h:x/y"], "number for the port"),
        (["--suite", "toy", "--runs", "/proc/runs"], "cannot be written"),
        (["--suite", "toy", "--write", "cells"], "goes with --dry-run"),
        (["--suite", "toy", "--jobs", "0"], "Invalid value for '--jobs'"),
        ([], "Missing option '--suite'"),
    ],
)
def test_misuse_exits_2_and_writes_nothing(podium, arguments, complaint):
    result = podium("submit", f"{TOYS}:Learner", *arguments, CUDA_VISIBLE_DEVICES="")
    assert result.code == 2
    assert complaint in result.err
    assert "Traceback" not in result.err
    assert list(podium.folder.iterdir()) == []


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_overrides_are_finite(podium, value):
    result = podium(
        *("submit", f"{TOYS}:Learner", "--suite", "toy", "--set", f"rate={value}")
    )
    assert result.code == 2
    assert "rate" in result.err
    assert not podium.runs("*")


def test_a_foreign_file_is_no_database_and_stays_as_it_is(podium):
    file = podium.folder / "notes.db"
    file.write_text("my notes")
    result = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--db", file)
    assert result.code == 2
    assert "no SQLite database" in result.err
    assert file.read_text() == "my notes"
    assert podium.runs() == []


def test_a_runs_folder_that_is_a_file_is_refused(podium):
    (podium.folder / "runs").write_text("")
    result = podium("submit", "random", "--suite", "toy")
    assert result.code == 2
    assert "cannot be written" in result.err


def test_a_bundle_is_no_place_for_runs(podium):
    agent = f"{TOYS}:Learner"
    podium("submit", agent, "--suite", "toy", "--dry-run", "--write", "cells")
    (podium.folder / "results").mkdir()
    bundle = podium.folder / "results" / "bundle.json"
    bundle.write_text('{"format": 1, "name": "podium"}')
    for arguments in (
        ("submit", agent, "--suite", "toy"),
        ("submit", agent, "--suite", "toy", "--dry-run"),
        ("run", "cells/catch-s0.json"),
    ):
        result = podium(*arguments, "--runs", "results")
        assert result.code == 2
        assert "results/ is a bundle of results from elsewhere" in result.err
        assert "name another folder with --runs" in result.err
    assert list(bundle.parent.iterdir()) == [bundle]
