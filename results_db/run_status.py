"""What became of every planned run of a submission, and how far those at work are: read
from the files, so it is true while nothing has been ingested yet."""

from dataclasses import dataclass
from typing import Any

from results_db.locks import held
from results_db.progress import Progress, read_progress
from results_db.run_files import RunFolder
from results_db.submission_files import Cell, SubmissionFolder
from suites.registry import load_suite
from suites.spec import Suite

RUNNING = "running"
BEING_RECORDED = "being recorded"


@dataclass(frozen=True)
class RunStatus:
    """One planned run, by its files."""

    task: str
    seed: int
    state: str
    """`planned`, `running`, or the outcome of its last attempt."""
    attempts: int
    progress: Progress
    error: str | None
    """`ValueError: what it said`."""
    video: str | None
    """`recorded`, `being recorded`, or why it was not; None where nobody asked for one,
    or it is not its turn yet."""


def run_statuses(
    folder: SubmissionFolder, *, unfinished: bool = False
) -> list[RunStatus]:
    """One a planned run, in the order of the plan.

    Args:
        unfinished: only runs that have no result yet; the others' files stay closed.

    Raises:
        SpecError, FileDamaged, KeyError: the submission's files cannot be read, or its
            suite is not known here.
    """
    plan = folder.plan
    suite = load_suite(plan.suite)
    return [
        _status(folder, suite, cell)
        for cell in plan.cells
        if not (unfinished and folder.run(cell.task, cell.seed).done)
    ]


def _status(folder: SubmissionFolder, suite: Suite, cell: Cell) -> RunStatus:
    run = folder.run(cell.task, cell.seed)
    attempts = run.attempts() if run.exists else []
    last = attempts[-1] if attempts else {"outcome": None}
    running = bool(attempts) and last["outcome"] is None
    state = last["outcome"] or ("planned" if not attempts else "lost")
    if run.exists and run.done:
        state = run.summary()["outcome"]
    elif running and held(run.path):
        state = RUNNING
    budget = suite.task(cell.task).protocol.budget_agent_steps
    error = last.get("error") or {}
    return RunStatus(
        task=cell.task,
        seed=cell.seed,
        state=state,
        attempts=len(attempts),
        progress=read_progress(run, budget),
        error=f"{error['type']}: {error['message']}" if error else None,
        video=_video(run, last),
    )


def _video(run: RunFolder, last: dict[str, Any]) -> str | None:
    record = last.get("video")
    if isinstance(record, dict):
        error = record.get("error")
        return "recorded" if error is None else f"not recorded: {error}"
    if not (run.done and run.wants_video):
        return None
    at_work = last["outcome"] is None and held(run.path)
    return BEING_RECORDED if at_work else "not recorded: the worker ended before"
