"""`podium ingest`: run folders -> database."""

import sys
from pathlib import Path

import click

from harness.cli import options
from harness.cli.output import console


@click.command()
@options.runs
@options.database
def ingest(runs: str, database: str) -> None:
    """Bring the database up to date with the run files.

    Idempotent: a second time changes nothing. The database can be deleted and made
    again from the files at any time. Statistics of what changed are computed too, so
    that no reader waits for them.

    \b
    Examples:
      podium ingest
      podium ingest --runs results
      podium ingest --runs /shared/runs --db postgresql+psycopg://lab@db/podium
    """
    from results_db.ahead import store_statistics
    from results_db.export.escape import one_line
    from results_db.ingest import ingest as ingest_runs
    from suites.messages import Misused

    folder = Path(runs)
    if not folder.is_dir():
        raise Misused(f"there is no runs folder {folder}; name another with --runs")
    report = ingest_runs(folder, database)
    out = console()
    out.print(
        f"{report.submissions} submissions, {report.runs} runs planned, "
        f"{report.changed} new or changed."
    )
    if report.imports:
        out.print(f"{report.imports} imports, {report.imports_changed} new or changed.")
    for problem in report.problems:
        out.print(f"Left out: {one_line(problem)}", markup=False)
    if report.changed or report.imports_changed:
        store_statistics(
            database,
            lambda suite: click.echo(f"Computing statistics of {suite.id} …", err=True),
        )
    if report.problems:
        sys.exit(1)
