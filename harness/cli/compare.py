"""`podium compare`: who beats whom, on which tasks, and how sure that is."""

import json
from typing import Any

import click

from harness.cli import options
from harness.cli.output import Format, console, print_records, working
from results_db.comparison import Comparison
from results_db.export.comparison import as_document, as_rows, caption, tables
from results_db.export.escape import markdown, one_line
from results_db.missing import Missing
from suites.messages import Misused
from suites.registry import load_suite

LEFT = ("first", "second", "method", "task")


@click.command()
@click.argument(
    "methods", nargs=-1, required=True, metavar="METHOD METHOD [METHOD ...]"
)
@click.option("--suite", required=True, help="Where they were run.")
@click.option(
    "--next-seeds",
    is_flag=True,
    help="Also: how many more seeds would tell them apart, and in how many hours. Not "
    "where missing runs count as random.",
)
@options.missing
@options.output_format
@options.database
def compare(
    methods: tuple[str, ...],
    suite: str,
    next_seeds: bool,
    missing: Missing,
    output_format: Format,
    database: str,
) -> None:
    """Compare METHODs by the names that `podium leaderboard` prints.

    Prints the probability that a run of one beats a run of the other, for all pairs,
    with 95 % intervals and p-values adjusted for the number of pairs; the ranks that
    the intervals leave open; and the differences by task, over pairs of runs with the
    same seed, which play the same evaluation episodes, where all runs of the side with
    fewer are in pairs.

    \b
    Examples:
      podium compare ppo random --suite practice
      podium compare ppo random --suite practice --next-seeds
      podium compare ppo dqn random --suite atari100k --missing common --format json
    """
    found = _compare(methods, suite, database, missing=missing, next_seeds=next_seeds)
    if output_format == "json":
        click.echo(json.dumps(as_document(found), indent=1))
    elif output_format == "csv":
        print_records(as_rows(found), {}, "csv")
    else:
        _print(found, output_format)


def _compare(
    methods: tuple[str, ...],
    suite: str,
    database: str,
    *,
    missing: Missing,
    next_seeds: bool,
) -> Comparison:
    from results_db.comparison import compare as build
    from results_db.database import open_for_reading, read_session

    try:
        found = load_suite(suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    engine = open_for_reading(database)
    with read_session(engine) as session, working("Resampling runs ..."):
        return build(session, found, methods, missing=missing, next_seeds=next_seeds)


def _print(found: Comparison, output_format: Format) -> None:
    """The tables one after the other, the caption below."""
    out: Any = console()
    for title, columns, records in tables(found):
        if output_format == "md":
            click.echo(f"\n{' '.join(map(markdown, title.split()))}\n")
        else:
            out.print(one_line(title), style="bold", markup=False)
        right = [name for name in columns if name not in LEFT]
        print_records(records, columns, output_format, right=right)
    text = caption(found)
    if output_format == "md":
        click.echo("\n" + " ".join(map(markdown, text.split())))
    else:
        out.print(one_line(text), style="dim", markup=False)
