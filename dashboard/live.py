"""Runs that are at work or wait, from their files."""

from pathlib import Path
from typing import Any

from dashboard.words import duration
from results_db.export.escape import visible
from results_db.run_files import FileDamaged, read_end
from results_db.run_spec import SAFE_NAME, SpecError
from results_db.run_status import RUNNING, RunStatus, run_statuses
from results_db.submission_files import submissions

LOG_BYTES = 6000


def unfinished(runs: Path, suite_id: str) -> list[dict[str, Any]]:
    """A record for every run of a suite without a result, those at work first.
    Submissions whose files are damaged are left out; `podium status` names them."""
    found: list[dict[str, Any]] = []
    for folder in submissions(runs):
        if not folder.path.name.startswith(f"{suite_id}-"):
            continue
        try:
            statuses = run_statuses(folder, unfinished=True)
            method = folder.plan.method.name
        except (KeyError, OSError, SpecError, FileDamaged, ValueError):
            continue
        found += [_record(visible(method), one) for one in statuses]
    return sorted(found, key=lambda one: not one["State"].startswith(RUNNING))


def _record(method: str, run: RunStatus) -> dict[str, Any]:
    progress, at_work = run.progress, run.state == RUNNING
    rate = progress.steps_per_second
    return {
        "Method": method,
        "Task": run.task,
        "Seed": run.seed,
        "State": f"{run.state}, {progress.phase}" if at_work else run.state,
        "Progress": progress.fraction if run.attempts else 0.0,
        "Agent steps": f"{progress.agent_steps:,}" if run.attempts else "–",
        "Steps/s": f"{rate:,.0f}" if at_work and rate else "–",
        "Left": duration(progress.eta_seconds) if at_work else "–",
        "Attempts": run.attempts,
        "Error": visible(run.error) if run.error else "",
    }


def log_tail(runs: Path, submission: str, task: str, seed: int) -> str | None:
    """The end of what a run's worker printed; None where its folder is not here."""
    if not (SAFE_NAME.fullmatch(submission) and SAFE_NAME.fullmatch(task)):
        return None
    path = runs / submission / f"{task}-s{seed}" / "log.txt"
    try:
        text = read_end(path, LOG_BYTES).decode(errors="replace")
    except OSError:
        return None
    return "\n".join(visible(line) for line in text.splitlines()) or None
