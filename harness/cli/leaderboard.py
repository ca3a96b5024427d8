"""`podium leaderboard`: ranked methods with intervals."""

import click

from harness.cli import options
from harness.cli.output import Format, console, print_records
from results_db.export.escape import one_line
from results_db.export.tables import (
    TITLES,
    caption,
    generalisation_shown,
    interval,
    rank_set_shown,
    runs_shown,
    tasks_shown,
    to_markdown,
)
from results_db.leaderboard import Leaderboard, as_records
from results_db.missing import Missing
from results_db.stats.metrics import AGGREGATES
from suites.messages import Misused
from suites.registry import known_as, load_suite
from suites.words import budget_sentence


@click.command()
@click.argument("suite")
@options.missing
@options.reported
@options.output_format
@options.database
def leaderboard(
    suite: str,
    missing: Missing,
    reported: bool,
    output_format: Format,
    database: str,
) -> None:
    """Show the methods that were run on SUITE, best IQM first.

    Brackets are 95 % stratified bootstrap intervals over runs; `rank set` holds the
    ranks that they leave open, all methods together with 95 % confidence. Methods that
    lack tasks stand below, unranked, because aggregates over different tasks do not
    compare; --missing chooses what else can be done.

    Rows marked `imported` or `reported` are results of others, placed by their IQM and
    never ranked; how they deviate stands below the table.

    On Procgen, `train` is the mean normalised score on the levels that were trained
    on, and `train - test` is how much worse the method is on all levels.

    \b
    Examples:
      podium leaderboard practice
      podium leaderboard atari100k --format json
      podium leaderboard dmc-proprio --missing common
    """
    board = load_board(suite, database, missing=missing, reported=reported)
    if output_format == "md":
        click.echo(to_markdown(board), nl=False)
        return
    if output_format != "table":
        print_records(as_records(board), {}, output_format)
        return
    print_board(board)


def load_board(
    suite: str, database: str, *, missing: Missing = "refuse", reported: bool = True
) -> Leaderboard:
    """Reads a suite's leaderboard, with the results of others.

    Raises:
        Misused: no such suite.
        DatabaseError: no usable database.
    """
    from results_db.database import open_for_reading, read_session
    from results_db.leaderboard import leaderboard as build
    from results_db.reported_rows import with_reported

    try:
        found = load_suite(suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    with read_session(open_for_reading(database)) as session:
        board = build(session, found, missing=missing)
    return with_reported(board) if reported else board


def print_board(board: Leaderboard) -> None:
    """Prints a leaderboard for people."""
    suite = board.suite
    out = console()
    out.print(f"{suite.id}  {suite.summary}", style="bold", markup=False)
    if suite.kind != "benchmark":
        out.print(f"This is a {suite.kind} suite: no benchmark, no claims.")
    trained = generalisation_shown(board)
    records = []
    for row in board.rows:
        cells = {
            name: interval(getattr(row.summary, name, None)) for name in AGGREGATES
        }
        records.append(
            {
                "rank": row.rank,
                "rank set": rank_set_shown(row),
                "method": row.method,
                **cells,
                **{title: column.get(row.digest) for title, column in trained.items()},
                "runs": runs_shown(row),
                "tasks": tasks_shown(row),
                "hours": None if row.foreign else f"{row.wall_seconds / 3600:.2f}",
                "tuning": row.tuning,
                "origin": row.origin,
                "isolation": row.isolation,
            }
        )
    columns = {"rank": "#", "rank set": "rank set", "method": "method", **TITLES}
    columns |= {title: title.lower() for title in trained}
    columns["runs"] = "runs"
    columns |= {
        name: name for name in ("tasks", "hours", "tuning", "origin", "isolation")
    }
    print_records(
        records,
        columns,
        "table",
        right=("rank", "rank set", *AGGREGATES, *trained, "runs", "tasks", "hours"),
        empty=f"No runs yet on {suite.id} ({budget_sentence(suite)}). The first: "
        f"podium submit random --suite {known_as(suite)}",
    )
    if records:
        out.print(one_line(caption(board)), style="dim", markup=False)
    if records and all(row.foreign for row in board.rows):
        out.print(
            "Nothing was measured here yet: "
            f"podium submit random --suite {known_as(suite)}"
        )
