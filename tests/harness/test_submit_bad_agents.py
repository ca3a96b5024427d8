"""Every way in which an agent can go wrong, and what is recorded of it."""

import json

import pytest

from tests.conftest import AGENTS, TOYS
from tests.harness.looking import last_attempt, leaderboard


def test_a_crash_is_recorded_and_the_others_go_on(podium):
    result = podium("submit", f"{TOYS}:Crashes", "--suite", "toy", "--seeds", 1)
    assert result.code == 1
    assert "1/3 runs have their result, 2 failed, 1 finished" in result.out
    assert "RuntimeError: the reactor is \\x1b[31mtoo hot" in result.out
    failed = [last_attempt(run) for run in podium.runs() if not (run / "done").exists()]
    assert [attempt["error"]["type"] for attempt in failed] == ["RuntimeError"] * 2
    assert "in learn" in failed[0]["error"]["traceback"]
    (row,) = leaderboard(podium)
    assert (row["runs"], row["runs_planned"], row["rank"]) == (1, 3, None)
    assert row["iqm"] is None


@pytest.mark.parametrize(
    ("agent", "task", "outcome", "kind", "text"),
    [
        ("WrongShape", "catch", "failed", "bad-action", "must have shape"),
        ("WrongType", "catch", "failed", "bad-action", "must be integers"),
        ("NotANumber", "reach", "failed", "bad-action", "NaN"),
        ("KillsItself", "catch", "killed", "signal", "SIGKILL"),
        ("Segfaults", "catch", "killed", "signal", "SIGSEGV"),
        ("Exits", "catch", "failed", "exit", "without a word"),
        ("Leaves", "catch", "failed", "agent", "failed, agent: SystemExit: 3"),
        ("BadPolicy", "catch", "failed", "agent", "no policy"),
        ("Forgetful", "catch", "failed", "agent", "names nothing in `learned`"),
        ("Sleeps", "catch", "timed-out", "timeout", "--run-timeout"),
    ],
)
def test_every_way_to_go_wrong_is_recorded_by_name(
    podium, agent, task, outcome, kind, text
):
    options = ["--suite", "toy", "--tasks", task, "--seeds", 1, "--run-timeout", 10]
    result = podium("submit", f"{TOYS}:{agent}", *options)
    assert result.code == 1
    assert text in result.out
    (run,) = podium.runs()
    attempt = last_attempt(run)
    assert attempt["outcome"] == outcome
    assert attempt["error"]["kind"] == kind
    ledger = (run.parent / "ledger.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in ledger] == [
        "planned",
        "started",
        outcome,
    ]


def test_an_agent_that_raises_on_import_is_recorded_run_by_run(podium):
    agent = f"{AGENTS}/broken_import.py:Agent"
    result = podium(
        "submit", agent, "--suite", "toy", "--tasks", "catch,hurry", "--seeds", 1
    )
    assert result.code == 1
    assert [last_attempt(run)["error"]["kind"] for run in podium.runs()] == [
        "agent-import",
        "agent-import",
    ]
    assert "half of me is missing" in result.out


def test_divergence_is_a_result_that_is_not_run_again(podium):
    command = [
        "submit",
        f"{TOYS}:Diverges",
        "--suite",
        "toy",
        "--tasks",
        "catch",
        "--seeds",
        1,
    ]
    result = podium(*command)
    assert result.code == 0
    assert "diverged" in result.out
    assert "loss = nan" in result.out
    board = podium("leaderboard", "toy", "--missing", "common").out
    assert "toys: 1 of 1 runs diverged" in board
    assert "1 done already" in podium(*command).out


def test_steps_after_the_budget_are_refused_for_ever(podium):
    result = podium(
        "submit", f"{TOYS}:Greedy", "--suite", "toy", "--tasks", "catch", "--seeds", 1
    )
    assert result.code == 0
    (run,) = podium.runs()
    assert json.loads((run / "done").read_text())["agent_steps"] == 2000


def test_a_policy_that_cannot_be_saved_does_not_lose_the_training(podium):
    result = podium(
        *("submit", f"{TOYS}:Unsaveable", "--suite", "toy", "--tasks", "catch"),
        *("--seeds", 1),
    )
    assert result.code == 0, result.out
    (run,) = podium.runs()
    summary = json.loads((run / "done").read_text())
    assert summary["outcome"] == "finished"
    assert "cannot save" in summary["policy_error"]
    assert not (run / "policy").exists()


def test_markup_in_an_import_error_is_text(podium):
    agent = podium.folder / "markup.py"
    agent.write_text("raise ValueError('bad [/tag] thing')\n")
    result = podium("submit", f"{agent}:Agent", "--suite", "toy", "--seeds", 1)
    assert result.code == 1
    assert "bad [/tag] thing" in result.out
    result = podium("check-agent", f"{agent}:Agent", "--suite", "toy")
    assert result.code == 1
    assert "bad [/tag] thing" in result.out


@pytest.mark.parametrize("agent", ["Wanders", "Lingers"])
def test_what_an_agent_does_to_its_process_loses_no_result(podium, agent):
    result = podium(
        *("submit", f"{TOYS}:{agent}", "--suite", "toy", "--tasks", "catch"),
        *("--seeds", 1),
        timeout=60,
    )
    assert result.code == 0, result.out
    assert (podium.runs()[0] / "done").exists()
