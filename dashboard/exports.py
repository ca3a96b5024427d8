"""What the export page offers: the same files as `podium export`, kept in memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.data import kept, session_of
from results_db.export.figures.page import Format
from results_db.export.raw_scores import raw_scores, raw_scores_csv
from results_db.import_format import RAW
from results_db.leaderboard import Leaderboard, leaderboard
from results_db.method_data import load_methods
from results_db.missing import Missing
from results_db.reported_rows import reported_labels, with_reported
from results_db.wall_time import Over
from suites.published import Published
from suites.registry import load_suite

if TYPE_CHECKING:
    from results_db.export.figures.of_suite import FigureData


@dataclass(frozen=True)
class Selection:
    """What is exported: as the options of `podium export`."""

    suite: str
    missing: Missing
    reported: bool
    labels: tuple[str, ...] | None
    """None for all methods."""
    over: Over = "steps"
    """What curves lie over."""


@kept("Reading results …")
def exported_board(name: str, at: str, asked: Selection) -> Leaderboard:
    """The rows of an export; ranks are among them, as `podium export` has it."""
    return with_reported(*_rows(name, asked))


def _rows(name: str, asked: Selection) -> tuple[Leaderboard, dict[str, Published]]:
    """The chosen rows with runs, and the chosen published means."""
    suite = load_suite(asked.suite)
    with session_of(name) as session:
        own = load_methods(session, suite)
        board = leaderboard(session, suite, missing=asked.missing, only=asked.labels)
    published = reported_labels(suite, own) if asked.reported else {}
    if asked.labels is not None:
        published = {k: v for k, v in published.items() if k in asked.labels}
    return board, published


@kept("Drawing …")
def exported_figure(
    name: str, at: str, asked: Selection, figure: str, kind: Format
) -> bytes:
    """A figure's file.

    Raises:
        Misused: it cannot be drawn of these methods.
        ModuleNotFoundError: matplotlib is not installed.
    """
    from results_db.export.figures.of_suite import FIGURES
    from results_db.export.figures.page import render

    found = figure_data(name, at, asked, figure)
    return render(lambda: FIGURES[figure](found), kind)


@kept("Reading results …")
def figure_data(name: str, at: str, asked: Selection, figure: str) -> "FigureData":
    """What a figure is drawn from.

    Raises:
        Misused: it would be empty.
        ModuleNotFoundError: matplotlib is not installed.
    """
    from results_db.export.figures.of_suite import load_figure_data

    suite = load_suite(asked.suite)
    board, published = _rows(name, asked)
    if figure != "intervals" and asked.labels is None:
        published = {}  # the others draw no row for each, so only what is chosen
    with session_of(name) as session:
        return load_figure_data(
            session, suite, figure, board, published, over=asked.over
        )


@kept()
def exported_scores(name: str, at: str, asked: Selection) -> str:
    """Raw scores, one a run, as `podium import` reads; methods in another unit are
    left out, because a file holds scores of one unit."""
    suite = load_suite(asked.suite)
    with session_of(name) as session:
        methods = load_methods(session, suite)
    shown = {
        label: method
        for label, method in methods.items()
        if (asked.labels is None or label in asked.labels)
        and (method.foreign is None or method.foreign.unit == RAW)
    }
    labels = {method.info.digest: label for label, method in shown.items()}
    finals = [final for method in shown.values() for final in method.finals]
    return raw_scores_csv(raw_scores(finals, labels))
