"""Starts the server, `python -m dashboard.serve [options of Streamlit]`, with all that
the pages import loaded before it answers, so that the first reader does not wait."""

import logging
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread

NEEDED = (
    *("pandas", "pyarrow", "dashboard.page"),
    *("dashboard.board_words", "dashboard.charts.intervals"),
)
"""What the first page takes."""

QUIET = (
    "streamlit.runtime.scriptrunner_utils.script_run_context",
    "streamlit.runtime.caching.cache_data_api",
)
"""Loggers that complain where there is no page."""


def main() -> None:
    """Serves until a signal ends it."""
    from streamlit.web import cli

    for name in NEEDED:
        import_module(name)
    Thread(target=read_ahead, daemon=True).start()
    app = Path(__file__).with_name("app.py")
    sys.argv = ["streamlit", "run", str(app), *sys.argv[1:]]
    cli.main(prog_name="streamlit")


def read_ahead() -> None:
    """Reads what most readers open first, while the server starts; what is wrong with
    the database is said on the pages."""
    from dashboard import data
    from results_db.database import DatabaseError

    # There is no page to draw a spinner on.
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        at = data.version()
        suite = data.first_with_runs(data.database(), at)
        if suite is not None:
            data.suite_data(data.database(), at, suite, "refuse")
    except DatabaseError:
        return


if __name__ == "__main__":
    main()
