"""Memory: what a run needs, what there is, and a pool that keeps within it."""

import pytest

from harness import memory
from harness.devices import Slot
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


@pytest.mark.parametrize(("share", "most"), [(0.1, 2), (0.6, 1), (5.0, 1)])
def test_the_pool_keeps_within_the_free_memory(tmp_path, share, most):
    request = Request("random", "toy", tasks="catch", seeds="3")
    specs = plan_runs(request, describe_seconds=60).specs
    folder = SubmissionFolder(tmp_path / specs[0].submission)
    folder.register(Plan.of(list(specs)))
    runs = [folder.run(spec.task, spec.seed) for spec in specs]
    for run, spec in zip(runs, specs, strict=True):
        run.create(spec)
    watcher = Watcher()
    needs = {"catch": int(share * available_bytes())}
    slots = [Slot("cpu", None, 1, ()), Slot("cpu", None, 1, ())]
    result = run_all(runs, slots, watcher, run_bytes=needs)
    assert result.outcomes == (Outcome.FINISHED,) * 3
    assert watcher.most == most
