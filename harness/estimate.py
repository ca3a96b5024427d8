"""What a submission will cost, from what the same agent's finished runs took here."""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from harness.plan import Planned
from harness.train import SMALL_POLICY_BYTES
from results_db.run_files import RunFolder
from results_db.run_spec import SpecError
from results_db.submission_files import submissions

BYTES_AN_EPISODE = 120
STEPS_AN_EPISODE = 100
"""A rough length where no finished run tells a better one."""


@dataclass(frozen=True)
class Cost:
    """An estimate for the runs that are not done yet."""

    disk_bytes: float
    seconds: float | None
    """Of all runs one after the other; None when nothing is known."""
    basis: str


def estimate(planned: Planned, runs: Path) -> Cost:
    """Averages finished runs of the same agent on the same suite, task by task."""
    seconds, sizes = _finished(planned, runs)
    first = planned.specs[0]
    waiting = [
        spec
        for spec in planned.specs
        if not (runs / first.submission / spec.folder_name / "done").exists()
    ]
    known = [value for values in seconds.values() for value in values]
    total = None
    if known:
        total = sum(fmean(seconds.get(spec.task) or known) for spec in waiting)
    disk = 0.0
    for spec in waiting:
        budget = planned.suite.task(spec.task).protocol.budget_agent_steps
        guess = budget / STEPS_AN_EPISODE * BYTES_AN_EPISODE + SMALL_POLICY_BYTES / 4
        disk += fmean(sizes[spec.task]) if spec.task in sizes else guess
    return Cost(disk, total, f"from {len(known)} finished runs of this agent")


def _finished(
    planned: Planned, runs: Path
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Task -> wall seconds, and task -> bytes, of finished runs."""
    seconds: dict[str, list[float]] = {}
    sizes: dict[str, list[float]] = {}
    agent = planned.specs[0].method.agent
    for submission in submissions(runs):
        try:
            plan = submission.plan
        except SpecError:
            continue
        if plan.suite != planned.suite.id or plan.method.agent != agent:
            continue
        for run in submission.runs():
            if run.done:
                task = run.spec.task
                seconds.setdefault(task, []).append(run.summary()["wall_seconds"])
                sizes.setdefault(task, []).append(float(_size(run)))
    return seconds, sizes


def _size(run: RunFolder) -> int:
    return sum(file.stat().st_size for file in run.path.rglob("*") if file.is_file())
