"""`podium dashboard`: leaderboard, comparisons, curves and runs in a browser."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

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
    from results_db.database import DatabaseMissing, open_for_reading

    if find_spec("streamlit") is None:
        raise Misused(
            "the dashboard needs streamlit: pip install 'podium-rl[dashboard]'"
        )
    try:
        open_for_reading(database).dispose()
    except DatabaseMissing as error:
        # The pages say how to make the first submission, and show it at work.
        click.echo(str(error), err=True)
    spec = find_spec("dashboard")
    if spec is None or spec.origin is None:
        raise Misused("this installation lacks the dashboard")
    app = Path(spec.origin).with_name("app.py")
    if host not in ("127.0.0.1", "localhost", "::1"):
        click.echo(
            f"Listening on {host}: everybody who reaches this machine there can read "
            "every result and method name in the database, and of every run its "
            "configuration, hardware, command line and the end of its log.",
            err=True,
        )
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(app)]
    command += ["--server.port", str(port), "--server.address", host]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    # In a process of its own, because Streamlit wants the main thread and its signals.
    environment = {**os.environ, "PODIUM_DB": database, "PODIUM_RUNS": runs}
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)
