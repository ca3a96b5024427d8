"""`podium export`: the leaderboard as a file for papers and programs."""

from pathlib import Path

import click

from harness.cli import options
from harness.cli.leaderboard import load_board
from results_db.missing import Missing
from suites.messages import Misused


@click.command()
@click.argument("suite")
@click.option(
    "--table",
    required=True,
    type=click.Choice(["latex", "csv", "md"]),
    help="latex is a booktabs table with a caption that names everything it rests on.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Default: standard output.",
)
@options.missing
@options.reported
@options.database
def export(
    suite: str,
    table: str,
    output: Path | None,
    missing: Missing,
    reported: bool,
    database: str,
) -> None:
    """Write the leaderboard of SUITE as a table.

    \b
    Examples:
      podium export practice --table latex -o table.tex
      podium export atari100k --table csv > atari100k.csv
    """
    from results_db.export.tables import TABLES

    board = load_board(suite, database, missing=missing, reported=reported)
    text = TABLES[table](board)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text)
    except OSError as error:
        raise Misused(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"Wrote {output}")
