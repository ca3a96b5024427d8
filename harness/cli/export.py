"""`podium export`: tables, figures, raw scores and the protocol, for papers."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from harness.cli import options
from suites.messages import Misused, unknown_name
from suites.registry import load_suite
from suites.spec import Suite

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from results_db.leaderboard import Leaderboard
    from results_db.missing import Missing
    from results_db.wall_time import Over
    from suites.published import Published

TABLES = ("latex", "md", "csv", "json")
FIGURES = ("intervals", "profile", "curves", "improvement")


@click.command()
@click.argument("suite")
@click.option("--table", type=click.Choice(TABLES), help="The leaderboard as a table.")
@click.option(
    "--per-task", is_flag=True, help="With --table: tasks as rows, methods as columns."
)
@click.option(
    "--figure", type=click.Choice(FIGURES), help="Drawn to -o FILE.pdf or FILE.png."
)
@click.option(
    "--x",
    "over",
    type=click.Choice(["steps", "wall"]),
    default="steps",
    show_default=True,
    help="With --figure curves: over agent steps, or the wall time of training.",
)
@click.option(
    "--scores", is_flag=True, help="Raw scores, one a run, as `podium import` reads."
)
@click.option(
    "--protocol",
    type=click.Choice(["latex", "md"]),
    is_flag=False,
    flag_value="latex",
    help="The protocol as a paragraph (--protocol alone: latex).",
)
@click.option(
    "--methods",
    multiple=True,
    metavar="A,B",
    help="Only these, by their names on the leaderboard.",
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
    table: str | None,
    per_task: bool,
    figure: str | None,
    over: "Over",
    scores: bool,
    protocol: str | None,
    methods: tuple[str, ...],
    output: Path | None,
    missing: "Missing",
    reported: bool,
    database: str,
) -> None:
    """Write a table, a figure, the raw scores or the protocol of SUITE.

    Tables are of the four aggregates, or with --per-task of every task's raw scores;
    their captions name all that the numbers rest on. A figure's caption is printed.
    What papers report is drawn as rows of intervals, and in curves as a dashed line
    for each that --methods names.

    \b
    Examples:
      podium export practice --table latex -o table.tex
      podium export atari100k --table md --per-task
      podium export atari100k --figure profile -o profile.pdf
      podium export atari100k --figure curves --methods ppo,SPR -o curves.png
      podium export atari100k --figure curves --x wall -o curves.pdf
      podium export atari100k --scores -o scores.csv
      podium export atari100k --protocol -o protocol.tex
    """
    asked = [table is not None, figure is not None, scores, protocol is not None]
    if sum(asked) != 1:
        raise Misused(
            "Ask for one of --table, --figure, --scores and --protocol "
            f"(got {sum(asked) or 'none'})."
        )
    if over != "steps" and figure != "curves":
        raise Misused("--x goes with --figure curves.")
    if per_task and table is None:
        raise Misused("--per-task goes with --table.")
    try:
        found = load_suite(suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    if protocol is not None:
        from results_db.export import protocol as words

        latex = protocol == "latex"
        text = (words.protocol_latex if latex else words.protocol_markdown)(found)
        _write(text, output)
    elif figure is not None:
        shown = Shown(found, methods, missing, reported)
        _draw(figure, over, shown, output, database)
    elif table is not None:
        shown = Shown(found, methods, missing, reported)
        _write(_table(table, per_task, shown, database), output)
    else:
        _write(_scores(found, methods, database), output)


class Shown(NamedTuple):
    """Which rows of a suite are asked for."""

    suite: Suite
    methods: tuple[str, ...]
    """As --methods gave them; empty for all."""
    missing: "Missing"
    reported: bool


def _rows(
    session: "Session", shown: Shown
) -> tuple["Leaderboard", dict[str, "Published"]]:
    """The asked rows with runs, and the asked published means."""
    from results_db.leaderboard import leaderboard
    from results_db.method_data import load_methods
    from results_db.reported_rows import reported_labels

    suite = shown.suite
    own = load_methods(session, suite)
    published = reported_labels(suite, own) if shown.reported else {}
    only = _chosen(suite, shown.methods, {*own, *published})
    board = leaderboard(session, suite, missing=shown.missing, only=only)
    if only is not None:
        published = {name: one for name, one in published.items() if name in only}
    return board, published


def _table(table: str, per_task: bool, shown: Shown, database: str) -> str:
    from results_db.export.per_task import TASK_TABLES
    from results_db.export.tables import TABLES
    from results_db.reported_rows import with_reported

    with _reading(database) as session:
        board = with_reported(*_rows(session, shown))
    return (TASK_TABLES if per_task else TABLES)[table](board)


def _scores(suite: Suite, methods: Sequence[str], database: str) -> str:
    from results_db.export.escape import visible
    from results_db.export.raw_scores import raw_scores, raw_scores_csv
    from results_db.method_data import load_methods

    with _reading(database) as session:
        found = load_methods(session, suite)
    only = _chosen(suite, methods, found)
    asked = {name: found[name] for name in (found if only is None else only)}
    shown = {
        name: method
        for name, method in asked.items()
        if method.foreign is None or method.foreign.unit == "raw"
    }
    for name in sorted(asked.keys() - shown.keys()):
        # A file holds scores of one unit.
        click.echo(f"Left out: {visible(name)}, whose scores are not raw.", err=True)
    labels = {method.info.digest: name for name, method in shown.items()}
    finals = [final for method in shown.values() for final in method.finals]
    return raw_scores_csv(raw_scores(finals, labels))


def _draw(
    figure: str,
    over: "Over",
    shown: Shown,
    output: Path | None,
    database: str,
) -> None:
    from results_db.export.escape import one_line
    from results_db.export.figures.captions import figure_caption
    from results_db.export.figures.of_suite import FIGURES, load_figure_data
    from results_db.export.figures.page import FORMATS, render
    from results_db.export.files import write_output

    kind = next((k for k in FORMATS if output and output.suffix == f".{k}"), None)
    if output is None or kind is None:
        raise Misused(f"A figure goes to -o FILE.pdf or FILE.png (got {output}).")
    try:
        with _reading(database) as session:
            board, published = _rows(session, shown)
            if figure != "intervals" and not shown.methods:
                published = {}  # the others draw no row for each, so only what is named
            data = load_figure_data(
                session, shown.suite, figure, board, published, over=over
            )
        content = render(lambda: FIGURES[figure](data), kind)
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise Misused(
            "Figures need matplotlib: pip install 'podium-rl[figures]'"
        ) from error
    write_output(output, content)
    click.echo(f"Wrote {output}")
    click.echo(f"Caption: {one_line(figure_caption(figure, data))}")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    from results_db.export.files import write_output

    write_output(output, text.encode())
    click.echo(f"Wrote {output}")


def _reading(database: str) -> AbstractContextManager["Session"]:
    from results_db.database import open_for_reading, read_session

    return read_session(open_for_reading(database))


def _chosen(
    suite: Suite, asked: Sequence[str], known: Collection[str]
) -> Collection[str] | None:
    """The names that --methods gives; None for all.

    Raises:
        Misused: a name that the leaderboard does not have.
    """
    if not asked:
        return None
    names = []
    for text in asked:
        # A name may hold commas itself.
        names += [text] if text in known else text.split(",")
    for name in names:
        if name not in known:
            raise Misused(unknown_name(f"method on {suite.id}", name, known))
    return names
