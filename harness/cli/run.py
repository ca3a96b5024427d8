"""`podium run`: one cell, for Slurm and other schedulers."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import options
from harness.cli.output import console
from suites.messages import Misused

if TYPE_CHECKING:
    from harness.devices import Slot
    from harness.launch.pool import Terms
    from results_db.run_files import RunFolder
    from results_db.submission_files import SubmissionFolder
    from suites.spec import Suite


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
@options.run_terms
@options.runs
def run(
    spec_file: Path,
    device: str,
    threads: int,
    terms: "Terms",
    runs: str,
) -> None:
    """Run one cell that `podium submit --dry-run --write DIR` wrote.

    It writes the run's folder below --runs and no database, so that many machines can
    run at once; `podium ingest` collects. A cell that is done is left alone. What
    `podium submit --video` wrote records its video.

    \b
    Examples:
      podium submit ppo --suite atari100k --dry-run --write cells/
      podium run cells/pong-s0.json --device cuda
      ls cells/*-s*.json > cells.txt
      sbatch --array=1-130 --wrap 'podium run $(sed -n ${SLURM_ARRAY_TASK_ID}p \
        cells.txt)'
    """
    from harness.check_spec import check_config, check_protocol
    from harness.describe import DESCRIBE_SECONDS
    from harness.devices import make_slots
    from harness.video import require_video
    from results_db.run_spec import read_spec
    from results_db.submission_files import SubmissionFolder, plan_beside, refuse_bundle
    from results_db.writable import require_writable

    os.environ["PODIUM_COMMAND"] = shlex.join(["podium", *sys.argv[1:]])
    refuse_bundle(Path(runs), "--runs")
    spec = read_spec(spec_file)
    slots = make_slots(device, 1, threads)
    folder = SubmissionFolder(Path(runs) / spec.submission)
    cell = folder.run(spec.task, spec.seed)
    try:
        suite = check_protocol(spec)
        if spec.video:
            require_video([suite.task(spec.task)])
        if not cell.done:
            seconds = min(terms.timeout_seconds or DESCRIBE_SECONDS, DESCRIBE_SECONDS)
            check_config(spec, seconds=seconds)
    except Misused as error:
        raise Misused(f"{spec_file}: {error}") from error
    plan = plan_beside(spec_file, spec)
    require_writable(Path(runs), "--runs")
    folder.register(plan)
    if cell.done:
        console().print(f"{cell.path} is done already.", markup=False)
        return
    cell.create(spec)
    _execute(cell, suite, folder, slots, terms)


def _execute(
    cell: "RunFolder",
    suite: "Suite",
    folder: "SubmissionFolder",
    slots: Sequence["Slot"],
    terms: "Terms",
) -> None:
    from harness.launch.display import make_display
    from harness.launch.pool import run_all
    from harness.launch.submission import LedgerKeeper
    from results_db.outcomes import RESULTS

    out = console()
    with make_display(suite, out, 1) as display:
        result = run_all([cell], slots, LedgerKeeper(folder, display), terms=terms)
    if not result.outcomes or result.outcomes[0] not in RESULTS:
        sys.exit(1)
    out.print(f"{cell.path} is done; `podium ingest` puts it into a database.")
