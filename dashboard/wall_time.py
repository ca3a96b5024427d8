"""Curves over the wall time of training, and over what they are drawn."""

from dashboard.data import kept, session_of
from results_db.method_data import load_curves, load_methods
from results_db.stats.curves import CurveData
from suites.registry import load_suite


@kept("Reading curves …", entries=2)
def wall_curves(name: str, at: str, suite_name: str) -> dict[str, CurveData]:
    """Label -> normalised curves over seconds of training, of the methods of whose runs
    the time is known.

    Args:
        name: the database.
        at: its state, by `data.version`.
    """
    suite = load_suite(suite_name)
    with session_of(name) as session:
        return load_curves(session, suite, load_methods(session, suite), "wall")
