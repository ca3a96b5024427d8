"""`podium import`: results of others, per run, from a file."""

from collections.abc import Iterator
from pathlib import Path

import click

from harness.cli import options
from harness.cli.output import console
from results_db.database import check_database
from results_db.export.escape import visible
from results_db.import_format import EVALUATIONS
from results_db.imports import ImportReport, import_file
from results_db.submission_files import refuse_bundle
from results_db.writable import require_writable
from suites.messages import Misused
from suites.registry import load_suite
from suites.spec import Suite


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--suite", required=True, help="The suite that the scores belong to.")
@click.option(
    "--method", metavar="NAME", help="A name instead of the file's only method."
)
@click.option(
    "--unit",
    help="What the scores are: raw returns, or the suite's own normalisation (as "
    "`podium suites SUITE` calls it). Nothing is converted. Default: raw, or as the "
    "same file was imported before.",
)
@click.option(
    "--evaluation",
    type=click.Choice(list(EVALUATIONS)),
    help="What was evaluated: the trained policy, or the last training episodes. "
    "Default: unknown, and the tables say so.",
)
@click.option("--citation", metavar="TEXT", help="What to cite for these results.")
@options.runs
@options.database
def import_(
    file: Path,
    suite: str,
    method: str | None,
    unit: str | None,
    evaluation: str | None,
    citation: str | None,
    runs: str,
    database: str,
) -> None:
    """Take in results that were measured elsewhere, one score a run.

    FILE is a CSV with the header method,task,run,score and, for curves, agent_steps; or
    a DreamerV3 score file. Either may be gzipped. Tasks go by the suite's names or the
    simulator's. A file is taken whole or not at all, and kept in runs/imports; the same
    file again changes nothing.

    Imported rows have intervals, are marked `imported`, and are never ranked.

    \b
    Examples:
      podium import theirs.csv --suite atari100k --evaluation final
      podium import scores.csv --suite procgen-easy --citation "Name 2026, arXiv:..."
      podium import dmc_vision-dreamerv3.json.gz --suite dmc-vision \\
        --evaluation training-window --method "DreamerV3"
    """
    try:
        found = load_suite(suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    if not file.exists():
        raise Misused(f"there is no file {str(file)!r}")
    refuse_bundle(Path(runs), "--runs")
    require_writable(Path(runs), "--runs")
    check_database(database)
    try:
        report = import_file(
            file,
            found,
            runs=Path(runs),
            database=database,
            unit=unit,
            evaluation=evaluation,
            citation=citation,
            method=method,
        )
    except OSError as error:
        raise Misused(f"{runs} cannot be written ({error.strerror})") from error
    out = console()
    for line in _told(report, found):
        out.print(line, markup=False)


def _told(report: ImportReport, suite: Suite) -> Iterator[str]:
    """What was done, for people."""
    if not report.new:
        yield (
            f"Nothing to do: this file was imported at {report.imported_at} and is "
            f"kept in {report.path}."
        )
        return
    for name in report.data.methods:
        rows = [run for run in report.data.runs if run.method == name]
        tasks = len({run.task for run in rows})
        yield (
            f"Imported {visible(name)}: {len(rows)} runs, {tasks}/{len(suite.tasks)} "
            f"tasks, {report.unit} scores."
        )
    for remark in report.data.remarks:
        yield f"Note: {remark}."
    yield f"The file is kept in {report.path}."
