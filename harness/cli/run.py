"""`podium run`: one cell, for Slurm and other schedulers."""

import os
import shlex
import sys
from pathlib import Path

import click

from harness.cli import options
from harness.cli.output import console
from suites.messages import Misused


@click.command()
@click.argument(
    "spec_file",
    metavar="SPEC.json",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@options.run_timeout
@click.option("--keep-policy/--no-keep-policy", default=None)
@options.runs
def run(
    spec_file: Path,
    device: str,
    threads: int,
    run_timeout: float | None,
    keep_policy: bool | None,
    runs: str,
) -> None:
    """Run one cell that `podium submit --dry-run --write DIR` wrote.

    It writes the run's folder below --runs and no database, so that many machines can
    run at once; `podium ingest` collects. A cell that is done is left alone.

    \b
    Examples:
      podium submit ppo --suite atari100k --dry-run --write cells/
      podium run cells/pong-s0.json --device cuda
      ls cells/*-s*.json > cells.txt
      sbatch --array=1-130 --wrap 'podium run $(sed -n ${SLURM_ARRAY_TASK_ID}p \
        cells.txt)'
    """
    from harness.devices import make_slots
    from harness.launch.display import make_display
    from harness.launch.pool import run_all
    from harness.launch.submission import LedgerKeeper
    from results_db.outcomes import RESULTS
    from results_db.run_spec import read_spec
    from results_db.submission_files import Plan, SubmissionFolder, read_plan
    from results_db.writable import require_writable
    from suites.registry import load_suite

    os.environ["PODIUM_COMMAND"] = shlex.join(["podium", *sys.argv[1:]])
    spec = read_spec(spec_file)
    slots = make_slots(device, 1, threads)
    try:
        suite = load_suite(spec.suite)
        suite.task(spec.task)
    except KeyError as error:
        raise Misused(f"{spec_file}: {error.args[0]}") from error
    require_writable(Path(runs), "--runs")
    folder = SubmissionFolder(Path(runs) / spec.submission)
    plan_file = spec_file.with_name("plan.json")
    plan = read_plan(plan_file) if plan_file.exists() else Plan.of([spec])
    folder.register(plan if plan.submission == spec.submission else Plan.of([spec]))
    cell = folder.run(spec.task, spec.seed)
    out = console()
    if cell.done:
        out.print(f"{cell.path} is done already.", markup=False)
        return
    cell.create(spec)
    with make_display(suite, out, 1) as display:
        result = run_all(
            [cell],
            slots,
            LedgerKeeper(folder, display),
            keep_policy=keep_policy,
            timeout_seconds=run_timeout,
        )
    if not result.outcomes or result.outcomes[0] not in RESULTS:
        sys.exit(1)
    out.print(f"{cell.path} is done; `podium ingest` puts it into a database.")
