"""`podium status`: running and past submissions, read from their files."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from harness.cli import options
from harness.cli.output import Format, console, print_records


@click.command()
@click.argument("submission", required=False)
@options.runs
@options.output_format
def status(submission: str | None, runs: str, output_format: Format) -> None:
    """Show every submission, or every run of one, with progress and failures.

    \b
    Examples:
      podium status
      podium status practice@1-ppo-1a2b3c4d
    """
    from results_db.submission_files import submissions
    from suites.messages import Misused, unknown_name

    folders = {folder.path.name: folder for folder in submissions(Path(runs))}
    if submission is None:
        _print_submissions(folders, output_format, runs)
        return
    if submission not in folders:
        raise Misused(unknown_name("submission", submission, folders))
    _print_runs(folders[submission], output_format)


def _print_submissions(folders: Any, output_format: Format, runs: str) -> None:
    from results_db.export.escape import one_line
    from results_db.run_files import FileDamaged
    from results_db.run_spec import SpecError

    records = []
    for name, folder in folders.items():
        try:
            records.append(_submission_record(name, folder))
        except (KeyError, SpecError, FileDamaged) as error:
            # One damaged submission must not hide the others.
            click.echo(one_line(f"{name}: {error.args[0]}"), err=True)
    counted = ("planned", "done", "running", "failed", "restarted")
    print_records(
        records,
        {name: name for name in ("submission", "method", *counted)},
        output_format,
        right=counted,
        empty=f"No submissions in {runs}. The first: podium submit random "
        "--suite practice",
    )


def _submission_record(name: str, folder: Any) -> dict[str, Any]:
    states = [record["state"] for record in run_records(folder)]
    counts = Counter(states)
    unsuccessful = ("failed", "timed-out", "killed", "lost")
    return {
        "submission": name,
        "method": folder.plan.method.name,
        "planned": len(states),
        "done": counts["finished"] + counts["diverged"],
        "running": counts["running"],
        "failed": sum(counts[state] for state in unsuccessful),
        "restarted": sum(event["event"] == "restarted" for event in folder.ledger()),
    }


def _print_runs(folder: Any, output_format: Format) -> None:
    records = run_records(folder)
    columns = {
        "task": "task",
        "seed": "seed",
        "state": "state",
        "agent_steps": "agent steps",
        "steps_per_second": "steps/s",
        "left": "left",
        "evaluation": "evaluation",
        "attempts": "attempts",
        "error": "error",
    }
    right = (
        "seed",
        "agent_steps",
        "steps_per_second",
        "left",
        "evaluation",
        "attempts",
    )
    print_records(records, columns, output_format, right=right)
    failed = [r for r in records if r["state"] in ("failed", "killed", "timed-out")]
    if failed and output_format == "table":
        log = folder.run(failed[0]["task"], failed[0]["seed"]).path / "log.txt"
        console().print(f"Log of the first failure: {log}", markup=False)


def run_records(folder: Any) -> list[dict[str, Any]]:
    """One record a planned run, from its files."""
    from harness.launch.display import duration
    from harness.launch.progress import read_progress
    from results_db.locks import held
    from suites.registry import load_suite

    plan = folder.plan
    suite = load_suite(plan.suite)
    records = []
    for cell in plan.cells:
        run = folder.run(cell.task, cell.seed)
        attempts = run.attempts() if run.exists else []
        last = attempts[-1] if attempts else {"outcome": None}
        running = bool(attempts) and last["outcome"] is None
        state = last["outcome"] or ("planned" if not attempts else "lost")
        if run.exists and run.done:
            state = run.summary()["outcome"]
        elif running and held(run.path):
            state = "running"
        budget = suite.task(cell.task).protocol.budget_agent_steps
        progress = read_progress(run, budget)
        rate = progress.steps_per_second
        error = last.get("error") or {}
        records.append(
            {
                "task": cell.task,
                "seed": cell.seed,
                "state": state,
                "agent_steps": progress.agent_steps if attempts else None,
                "budget_agent_steps": budget,
                "steps_per_second": round(rate) if rate else None,
                "left": duration(progress.eta_seconds) if state == "running" else None,
                "evaluation": progress.evaluation,
                "attempts": len(attempts),
                "error": f"{error['type']}: {error['message']}" if error else None,
            }
        )
    return records
