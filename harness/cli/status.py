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
    if any(record["video"] for record in records):
        columns["video"] = "video"
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
    from results_db.run_status import RUNNING, run_statuses

    records = []
    for run in run_statuses(folder):
        rate = run.progress.steps_per_second
        left = duration(run.progress.eta_seconds) if run.state == RUNNING else None
        records.append(
            {
                "task": run.task,
                "seed": run.seed,
                "state": run.state,
                "agent_steps": run.progress.agent_steps if run.attempts else None,
                "budget_agent_steps": run.progress.budget_agent_steps,
                "steps_per_second": round(rate) if rate else None,
                "left": left,
                "evaluation": run.progress.evaluation,
                "attempts": run.attempts,
                "error": run.error,
                "video": run.video,
            }
        )
    return records
