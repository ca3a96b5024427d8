"""The videos of a task's runs, as the database and the runs folder have them."""

from pathlib import Path

from dashboard.data import kept, session_of
from results_db.videos import Filmed, filmed_runs, read_video
from suites.registry import load_suite


@kept()
def filmed(name: str, at: str, suite_name: str, task: str) -> list[Filmed]:
    """Runs of a task whose video was asked for.

    Args:
        name: the database.
        at: its state, by `data.version`.
    """
    with session_of(name) as session:
        return filmed_runs(session, load_suite(suite_name), task)


def video_bytes(runs: str, run: Filmed) -> bytes:
    """A run's video. Raises VideoGone; read anew each time: files come and go."""
    return read_video(Path(runs), run)
