"""`podium dashboard`: leaderboard, comparisons, curves and runs in a browser."""

import os
import sys
from importlib.util import find_spec

import click

from harness.cli import options
from suites.messages import Misused


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. The default is this machine alone.",
)
@options.runs
@options.database
def dashboard(port: int, host: str, runs: str, database: str) -> None:
    """Serve the leaderboard and all that stands behind it until Ctrl-C.

    Only reads: the database, and for runs at work the files in --runs. The page's
    address holds what is shown, so a view can be sent to somebody.

    \b
    Examples:
      podium dashboard
      podium dashboard --db demo/podium.db --port 8600
    """
    from results_db.database import open_for_reading

    if find_spec("streamlit") is None:
        raise Misused(
            "the dashboard needs streamlit: pip install 'podium-rl[dashboard]'"
        )
    open_for_reading(database).dispose()
    if find_spec("dashboard") is None:
        raise Misused("this installation lacks the dashboard")
    if host not in ("127.0.0.1", "localhost", "::1"):
        click.echo(
            f"Listening on {host}: everybody who reaches this machine there can read "
            "every result and method name in the database, and of every run its "
            "configuration, hardware, command line and the end of its log.",
            err=True,
        )
    command = [sys.executable, "-P", "-m", "dashboard.serve"]
    command += ["--server.port", str(port), "--server.address", host]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    command += ["--server.fileWatcherType", "none"]
    # In place of this process: signals reach the server, and none is left behind.
    sys.stderr.flush()
    environment = {**os.environ, "PODIUM_DB": database, "PODIUM_RUNS": runs}
    os.execve(sys.executable, command, environment)
