"""Memory: what a run needs, what there is, and a pool that keeps within it."""

import signal
import sys

import pytest

from harness import memory
from harness.cli.submit import submit
from harness.devices import Slot
from harness.launch import pool
from harness.launch.pool import run_all
from harness.memory import available_bytes, run_bytes
from harness.plan import Request, plan_runs
from results_db.outcomes import Outcome
from results_db.submission_files import Plan, SubmissionFolder
from suites.registry import load_suite


def test_memory_maze_needs_gigabytes_for_each_environment():
    task = load_suite("memory-maze").task("9x9")
    one, two = run_bytes(task, 1), run_bytes(task, 2)
    assert 1e9 < two - one < 2e9
    assert run_bytes(load_suite("atari100k").task("pong"), 8) < 1e9


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    everything = available_bytes()
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert available_bytes() == 2_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes() > 2_000_000
    assert everything > 2_000_000


def write_group(folder, limit, used, inactive, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in zip(names, (limit, used, f"a 1\n{inactive}"), strict=True):
        (folder / name).write_text(f"{value}\n")


V2 = ("memory.max", "memory.current", "memory.stat")
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat")


@pytest.fixture
def member(tmp_path, monkeypatch):
    """Makes this process the member of a group under tmp_path."""

    def join(line):
        monkeypatch.setattr(memory, "CGROUP", tmp_path)
        monkeypatch.setattr(memory, "MEMBERSHIP", tmp_path / "membership")
        (tmp_path / "membership").write_text(f"5:cpu:/x\n{line}\n")
        return tmp_path

    return join


def test_the_tightest_group_above_this_process_counts(member):
    top = member("0::/jobs/mine")
    write_group(top / "jobs" / "mine", "max", 900, "inactive_file 0", V2)
    write_group(top / "jobs", 3_000_000, 2_000_000, "inactive_file 0", V2)
    write_group(top, 9_000_000, 2_000_000, "inactive_file 0", V2)
    assert available_bytes() == 1_000_000
    write_group(top / "jobs" / "mine", 5000, 900, "inactive_file 0", V2)
    assert available_bytes() == 4100


def test_pages_that_the_kernel_would_give_back_are_free(member):
    top = member("0::/")
    write_group(top, 3_000_000, 2_900_000, "inactive_file 2000000", V2)
    assert available_bytes() == 2_100_000


def test_groups_of_the_first_version_count_too(member):
    top = member("4:memory:/docker/1")
    write_group(top / "memory", 3000, 2000, "total_inactive_file 500", V1)
    assert available_bytes() == 1500


class Watcher:
    """Counts the runs that are under way."""

    def __init__(self):
        self.now = self.most = 0

    def started(self, run, slot):
        self.now += 1
        self.most = max(self.most, self.now)

    def ended(self, run, outcome, details):
        self.now -= 1

    def tick(self, running, waiting):
        pass


def random_runs(tmp_path):
    request = Request("random", "toy", tasks="catch", seeds="3")
    specs = plan_runs(request, describe_seconds=60).specs
    folder = SubmissionFolder(tmp_path / specs[0].submission)
    folder.register(Plan.of(list(specs)))
    runs = [folder.run(spec.task, spec.seed) for spec in specs]
    for run, spec in zip(runs, specs, strict=True):
        run.create(spec)
    return runs


SLOTS = [Slot("cpu", None, 1, ()), Slot("cpu", None, 1, ())]


@pytest.mark.parametrize(("share", "most"), [(0.1, 2), (0.6, 1), (5.0, 1)])
def test_the_pool_keeps_within_the_free_memory(tmp_path, share, most):
    watcher = Watcher()
    needs = {"catch": int(share * available_bytes())}
    result = run_all(random_runs(tmp_path), SLOTS, watcher, run_bytes=needs)
    assert result.outcomes == (Outcome.FINISHED,) * 3
    assert watcher.most == most


@pytest.mark.parametrize(
    ("free", "most"),
    [((10, 3), 1), ((4, 9), 2)],
    ids=["others took it", "others gave it back"],
)
def test_the_pool_sees_memory_change_while_it_runs(tmp_path, monkeypatch, free, most):
    told = iter(free)
    monkeypatch.setattr(pool, "available_bytes", lambda: next(told, free[-1]))
    watcher = Watcher()
    run_all(random_runs(tmp_path), SLOTS, watcher, run_bytes={"catch": 4})
    assert watcher.most == most


def submit_with(free, monkeypatch, tmp_path, capsys):
    """What a submission of three runs over two jobs says."""
    monkeypatch.setattr(memory, "available_bytes", lambda: free)
    monkeypatch.setattr(sys, "argv", ["podium"])
    monkeypatch.setenv("PODIUM_COMMAND", "")
    monkeypatch.setattr(signal, "signal", lambda number, action: None)
    options = ["--suite", "toy", "-t", "catch", "--seeds", "3", "-j", "2"]
    files = ["--runs", str(tmp_path / "runs"), "--db", str(tmp_path / "podium.db")]
    submit.main(["random", *options, *files], standalone_mode=False)
    return " ".join(capsys.readouterr().out.split())


def test_a_submission_says_that_memory_holds_its_jobs_back(
    monkeypatch, tmp_path, capsys
):
    said = submit_with(1_000_000_000, monkeypatch, tmp_path, capsys)
    assert "0.6 GB a run, 1.0 GB are free: 1 of 2 jobs at a time" in said
    # The second time nothing is left to run.
    assert "Memory" not in submit_with(1_000_000_000, monkeypatch, tmp_path, capsys)


def test_a_submission_that_fits_says_nothing_of_memory(monkeypatch, tmp_path, capsys):
    assert "Memory" not in submit_with(9_000_000_000, monkeypatch, tmp_path, capsys)
