"""`podium submit` from outside: what runs, what is recorded, what is refused."""

import json
import os
import signal
import time

import pytest

from tests.conftest import AGENTS

TOYS = f"{AGENTS}/toys.py"


def last_attempt(run):
    lines = (run / "attempts.jsonl").read_text().splitlines()
    return json.loads(lines[-1])


def leaderboard(podium):
    result = podium("leaderboard", "toy", "--format", "json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_a_submission_runs_lands_in_the_database_and_is_a_no_op_again(podium):
    first = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert first.code == 0, first.out + first.err
    assert "6/6 runs have their result" in first.out
    assert len(podium.runs()) == 6
    files = {path: path.stat().st_mtime_ns for path in podium.runs("*/*-s*/*")}
    again = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert again.code == 0
    assert "6 done already" in again.out
    assert {p: p.stat().st_mtime_ns for p in podium.runs("*/*-s*/*")} == files
    (row,) = leaderboard(podium)
    assert (row["runs"], row["tasks"], row["rank"]) == (6, 3, 1)
    assert row["iqm_low"] <= row["iqm"] <= row["iqm_high"]


def test_more_seeds_extend_a_submission(podium):
    podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 1)
    result = podium("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2)
    assert "6 runs, 3 done already" in result.out
    assert len(podium.runs()) == 6
    assert len(list((podium.folder / "runs").iterdir())) == 1


def test_the_same_command_gives_the_same_numbers(podium, tmp_path_factory):
    from tests.conftest import Podium

    other = Podium(tmp_path_factory.mktemp("other"))
    for where, jobs in ((podium, 1), (other, 2)):
        where("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 1, "-j", jobs)
    for name in ("episodes.jsonl",):
        ours = [(run / name).read_text() for run in podium.runs()]
        assert ours == [(run / name).read_text() for run in other.runs()]
    assert leaderboard(podium)[0]["data_digest"] == leaderboard(other)[0]["data_digest"]


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
    board = podium("leaderboard", "toy", "--incomplete").out
    assert "toys: 1 of 1 runs diverged" in board
    assert "1 done already" in podium(*command).out


def test_steps_after_the_budget_are_refused_for_ever(podium):
    result = podium(
        "submit", f"{TOYS}:Greedy", "--suite", "toy", "--tasks", "catch", "--seeds", 1
    )
    assert result.code == 0
    (run,) = podium.runs()
    assert json.loads((run / "done").read_text())["agent_steps"] == 2000


def test_a_failed_run_is_tried_again_and_its_first_attempt_kept(podium, tmp_path):
    agent = tmp_path / "flaky.py"
    agent.write_text(
        "import os\nfrom pathlib import Path\n"
        "from harness.agent import StepAgent\n"
        "class Agent(StepAgent):\n"
        "    def act(self, obs, first, state, *, explore):\n"
        "        return self.rng.integers(3, size=len(obs)), state, None\n"
        "    def train(self, env):\n"
        "        env.reset()\n"
        "        for _ in range(50): env.step(self.rng.integers(3, size=1))\n"
        "        if not Path('mended').exists(): raise OSError('broken')\n"
    )
    command = [
        "submit",
        "flaky.py:Agent",
        "--suite",
        "toy",
        "-t",
        "catch",
        "--seeds",
        1,
    ]
    assert podium(*command).code == 1
    (tmp_path / "mended").touch()
    assert podium(*command).code == 0
    (run,) = podium.runs()
    kept = (run / "attempts" / "1" / "episodes.jsonl").read_text()
    assert len(kept.splitlines()) == 10
    assert (run / "episodes.jsonl").read_text() == kept
    status = json.loads(podium("status", "--format", "json").out)
    assert (status[0]["done"], status[0]["restarted"]) == (1, 1)


def test_a_changed_agent_is_another_method_version(podium, tmp_path):
    agent = tmp_path / "mine.py"
    text = (AGENTS / "toys.py").read_text()
    agent.write_text(text)
    command = ["submit", "mine.py:Learner", "--suite", "toy", "--seeds", 1]
    podium(*command)
    agent.write_text(text + "\n# changed\n")
    result = podium(*command)
    assert "done already" not in result.out
    methods = [row["method"] for row in leaderboard(podium)]
    assert len(methods) == 2
    assert all(name.startswith("mine@") for name in methods)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


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


def test_a_dry_run_shows_the_cells_and_writes_them_only_if_asked(podium):
    result = podium("submit", "random", "--suite", "toy", "--seeds", 2, "--dry-run")
    assert result.code == 0
    assert "6 runs: 3 tasks (catch, reach, hurry) x 2 seeds (0, 1)" in result.out
    assert "12,000 agent steps" in result.out
    assert "Hours: unknown" in result.out
    assert list(podium.folder.iterdir()) == []
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        2,
        "--dry-run",
        "--write",
        "cells",
    )
    assert len(list((podium.folder / "cells").glob("*-s*.json"))) == 6


def test_a_dry_run_warns_as_the_submission_does(podium):
    agent = podium.folder / "broken.py"
    agent.write_text("raise ValueError('bad [/tag] thing')\n")
    command = ("submit", f"{agent}:Agent", "--suite", "toy", "--tasks", "catch")
    dry, real = podium(*command, "--dry-run"), podium(*command)
    warnings = [
        [line for line in result.out.splitlines() if line.startswith("Warning: ")]
        for result in (dry, real)
    ]
    assert warnings[0] == warnings[1]
    assert "bad [/tag] thing" in warnings[0][0]
    assert (dry.code, real.code) == (1, 1)
    assert "3 runs: 1 tasks (catch)" in dry.out


def test_one_cell_runs_from_its_spec_and_is_ingested_later(podium):
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        1,
        "--dry-run",
        "--write",
        "cells",
    )
    result = podium("run", "cells/catch-s0.json")
    assert result.code == 0, result.out + result.err
    assert "is done already" in podium("run", "cells/catch-s0.json").out
    assert not (podium.folder / "podium.db").exists()
    assert podium("ingest").code == 0
    (row,) = leaderboard(podium)
    assert (row["runs"], row["runs_planned"]) == (1, 3)
    submitted = podium("submit", "random", "--suite", "toy", "--seeds", 1)
    assert "3 runs, 1 done already" in submitted.out


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(seed=7), "cell id is not that of its contents"),
        (lambda d: d.update(task="../../etc"), "no plain name"),
        (lambda d: d.update(submission="../x"), "no plain name"),
        (lambda d: d.update(seed="0"), "seed must be int"),
        (lambda d: d.update(format=99), "format 99"),
        (lambda d: d.pop("method"), "an object is missing"),
    ],
)
def test_a_spec_file_is_not_trusted(podium, change, complaint):
    podium(
        "submit",
        "random",
        "--suite",
        "toy",
        "--seeds",
        1,
        "--dry-run",
        "--write",
        "cells",
    )
    file = podium.folder / "cells" / "catch-s0.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    result = podium("run", "cells/catch-s0.json")
    assert result.code == 2
    assert complaint in result.err
    assert not (podium.folder / "runs").exists()


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


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_overrides_are_finite(podium, value):
    result = podium(
        *("submit", f"{TOYS}:Learner", "--suite", "toy", "--set", f"rate={value}")
    )
    assert result.code == 2
    assert "rate" in result.err
    assert not podium.runs("*")


@pytest.mark.parametrize("agent", ["Wanders", "Lingers"])
def test_what_an_agent_does_to_its_process_loses_no_result(podium, agent):
    result = podium(
        *("submit", f"{TOYS}:{agent}", "--suite", "toy", "--tasks", "catch"),
        *("--seeds", 1),
        timeout=60,
    )
    assert result.code == 0, result.out
    assert (podium.runs()[0] / "done").exists()


def test_a_reader_that_leaves_stops_no_run(podium):
    process = podium.start(
        *("submit", f"{TOYS}:Learner", "--suite", "toy", "--seeds", 2, "-j", 1)
    )
    process.stdout.readline()
    process.stdout.close()
    process.wait(120)
    assert sum((run / "done").exists() for run in podium.runs()) == 6
