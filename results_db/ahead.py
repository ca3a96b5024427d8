"""Statistics that an ingest computes so that no reader waits: of what a suite's pages
open with. They are kept by the digest of their data (`stats.store`), so a later ingest
leaves no old number; whatever else is asked for, its first reader computes.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from results_db.comparison import compare
from results_db.database import open_for_reading, read_session
from results_db.export.figures.of_suite import grid, thresholds
from results_db.leaderboard import Leaderboard, Row, leaderboard
from results_db.method_data import load_curves, load_methods
from results_db.query import suites_submitted_to
from results_db.stats import stored
from results_db.stats.store import cache_folder
from suites.registry import all_suites
from suites.spec import Suite

COMPARED, CURVES = 4, 5
"""Methods that a page shows of them unless it is asked for others."""


def store_statistics(
    database: str, on_suite: Callable[[Suite], None] = lambda suite: None
) -> None:
    """Computes and stores the statistics that the pages of every suite with submissions
    open with; what is stored already is only looked up. Does nothing where the store
    keeps nothing.

    Args:
        on_suite: is called before each suite.

    Raises:
        DatabaseError: the database cannot be read.
    """
    if cache_folder() is None:
        return
    engine = open_for_reading(database)
    try:
        with read_session(engine) as session:
            submitted = suites_submitted_to(session)
            for suite in all_suites():
                if suite.id in submitted:
                    on_suite(suite)
                    store_suite(session, suite)
    finally:
        engine.dispose()


def store_suite(session: Session, suite: Suite) -> None:
    """The leaderboard, the comparison of the best with their profiles, their curves."""
    board = leaderboard(session, suite)
    able = {row.method for row in board.rows if row.summary is not None}
    compared = best_first(board.rows, able, COMPARED)
    if len(compared) > 1:
        found = compare(session, suite, compared).found
        taus = thresholds(found.scores)
        for scores in found.scores.values():
            stored.performance_profile(scores, taus)
    _store_curves(session, suite, board, able)


def _store_curves(
    session: Session, suite: Suite, board: Leaderboard, able: set[str]
) -> None:
    curves = load_curves(session, suite, load_methods(session, suite))
    tasks = [task.name for task in suite.tasks]
    whole = {label for label in able if set(tasks) <= set(curves.get(label, ()))}
    for label in best_first(board.rows, whole, CURVES):
        points = {task: curves[label][task] for task in tasks}
        try:
            stored.sample_efficiency(
                points, grid=grid(points), gamma=suite.scoring.optimality_target
            )
        except ValueError:
            continue  # it has no curve, which the page says


def best_first(rows: tuple[Row, ...], labels: set[str], most: int) -> list[str]:
    """The labels that a page shows unless it is asked for others: what was measured,
    then what was imported, the best first."""
    shown = [row for row in rows if row.method in labels]
    measured = [row.method for row in shown if row.measured]
    others = [row.method for row in shown if not row.measured]
    return [*measured, *others][:most]
