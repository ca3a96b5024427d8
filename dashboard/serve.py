"""Starts the server, `python -m dashboard.serve [options of Streamlit]`, with all that
the pages import loaded before it answers, so that the first reader does not wait."""

import sys
from importlib import import_module
from pathlib import Path

NEEDED = (
    *("pandas", "pyarrow", "plotly.graph_objects"),
    *("dashboard.page", "dashboard.board_words", "dashboard.charts.intervals"),
)


def main() -> None:
    """Serves until a signal ends it."""
    from streamlit.web import cli

    for name in NEEDED:
        import_module(name)
    app = Path(__file__).with_name("app.py")
    sys.argv = ["streamlit", "run", str(app), *sys.argv[1:]]
    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
