"""Interrupts, launchers that die, and two commands on the same runs."""

import json
import os
import signal
import time

import pytest

from tests.conftest import TOYS
from tests.harness.looking import last_attempt, leaderboard, wait_for


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_cleanly_and_the_same_command_finishes(podium, number):
    command = [
        "submit",
        f"{TOYS}:Slow",
        "--suite",
        "toy",
        "--seeds",
        1,
        "-j",
        2,
        "--set",
        "num_envs=8",
    ]
    process = podium.start(*command)
    wait_for(lambda: len(podium.runs("*/*-s*/metrics.jsonl")) == 2)
    time.sleep(0.5)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted. The same command finishes the rest." in out
    states = json.loads(podium("status", "--format", "json").out)
    assert (states[0]["done"], states[0]["running"]) == (0, 0)
    outcomes = [
        last_attempt(run).get("outcome")
        for run in podium.runs()
        if (run / "attempts.jsonl").exists()
    ]
    assert outcomes == ["interrupted", "interrupted"]
    assert podium(*command).code == 0
    assert all((run / "done").exists() for run in podium.runs())


def test_workers_do_not_outlive_their_launcher(podium):
    process = podium.start("submit", f"{TOYS}:Sleeps", "--suite", "toy", "--seeds", 1)
    wait_for(lambda: len(podium.runs("*/*-s*/metrics.jsonl")) == 2)
    time.sleep(0.5)
    pids = [
        json.loads((run / "attempts.jsonl").read_text().splitlines()[0])["pid"]
        for run in podium.runs()
        if (run / "attempts.jsonl").exists()
    ]
    process.kill()
    process.wait()

    def gone():
        return not any(os.path.exists(f"/proc/{pid}") for pid in pids)

    wait_for(gone)


def test_two_submits_at_once_the_second_says_who_holds_it(podium):
    command = ["submit", f"{TOYS}:Sleeps", "--suite", "toy", "--seeds", 1]
    process = podium.start(*command)
    try:
        wait_for(lambda: len(podium.runs("*/*-s*/metrics.jsonl")) == 2)
        second = podium(*command)
        assert second.code == 2
        assert f"is being run by process {process.pid} on" in second.err
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_cell_that_is_being_run_is_left_alone(podium):
    cells = podium.folder / "cells"
    podium(
        *("submit", f"{TOYS}:Slow", "--suite", "toy", "--tasks", "catch"),
        *("--seeds", 1, "--dry-run", "--write", cells),
    )
    first = podium.start("run", cells / "catch-s0.json")
    wait_for(lambda: any(podium.runs("*/*/metrics.jsonl")))
    second = podium("run", cells / "catch-s0.json")
    assert second.code == 1
    assert "another process is running this cell" in second.out
    assert first.wait(60) == 0
    (run,) = podium.runs()
    assert (run / "done").exists()
    assert not (run / "attempts").exists()
    assert last_attempt(run)["outcome"] == "finished"
    assert podium("ingest").code == 0
    assert leaderboard(podium)[0]["runs"] == 1


def test_cells_that_start_together_are_all_planned(podium):
    cells = podium.folder / "cells"
    podium(
        *("submit", "random", "--suite", "toy", "--dry-run", "--write", cells),
    )
    (cells / "plan.json").unlink()  # each job knows its own cell only
    files = sorted(cells.glob("*.json"))
    jobs = [podium.start("run", file) for file in files]
    assert [job.wait(120) for job in jobs] == [0] * len(files)
    (plan,) = podium.runs("*/plan.json")
    assert len(json.loads(plan.read_text())["cells"]) == len(files)


def test_a_reader_that_leaves_stops_no_run(podium):
    process = podium.start(
        *("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2, "-j", 1)
    )
    process.stdout.readline()
    process.stdout.close()
    process.wait(120)
    assert sum((run / "done").exists() for run in podium.runs()) == 6
