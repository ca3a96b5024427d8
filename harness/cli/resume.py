"""`podium resume`: go on with submissions that were killed, stopped or failed."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import options
from suites.messages import Misused

if TYPE_CHECKING:
    from harness.launch.pool import Terms


@click.command()
@click.argument("submission", required=False)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Runs at a time.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@options.run_terms
@options.runs
@options.database
def resume(
    submission: str | None,
    device: str,
    jobs: int | None,
    threads: int,
    terms: "Terms",
    runs: str,
    database: str,
) -> None:
    """Finish what a SUBMISSION still lacks, as issuing its command again would.

    Its runs go on from their last checkpoints. Without a name, the only submission that
    is unfinished. An agent whose source changed since is refused: it is another method
    version, to be submitted anew.

    \b
    Examples:
      podium resume
      podium resume atari100k@1-ppo-1a2b3c4d --slice 3000
    """
    from harness.cli.submit import execute
    from harness.devices import make_slots
    from harness.resume import plan_again
    from results_db.submission_files import refuse_bundle

    os.environ["PODIUM_COMMAND"] = shlex.join(["podium", *sys.argv[1:]])
    folder = Path(runs)
    refuse_bundle(folder, "--runs")
    name = submission or _only_unfinished(folder)
    execute(
        plan_again(folder / name),
        runs=folder,
        database=database,
        slots=make_slots(device, jobs, threads),
        terms=terms,
    )


def _only_unfinished(runs: Path) -> str:
    """Raises Misused when it is not exactly one."""
    from results_db.submission_files import submissions

    names = [
        folder.path.name
        for folder in submissions(runs)
        if not all(run.done for run in folder.runs())
    ]
    if len(names) == 1:
        return names[0]
    if not names:
        raise Misused(f"nothing in {runs} is unfinished")
    raise Misused(f"several submissions are unfinished, name one: {', '.join(names)}")
