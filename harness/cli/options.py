"""Options that several commands share, each declared once."""

import math
from typing import Any

import click

database = click.option(
    "--db",
    "database",
    envvar="PODIUM_DB",
    default="podium.db",
    show_default=True,
    metavar="FILE|URL",
    help="Results database: a file, or postgresql+psycopg://... (PODIUM_DB).",
)

runs = click.option(
    "--runs",
    envvar="PODIUM_RUNS",
    default="runs",
    show_default=True,
    metavar="DIR",
    help="Folder of the run files (PODIUM_RUNS).",
)

output_format = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "csv", "md"]),
    default="table",
    show_default=True,
    help="How to print.",
)


class _Seconds(click.FloatRange):
    """A finite time above 0; a range alone lets nan and inf through."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a finite number of seconds.", param, ctx)
        return seconds


accept_drift = click.option(
    "--accept-drift",
    is_flag=True,
    help="Run on a simulator that does not play as recorded; the results are marked.",
)

run_timeout = click.option(
    "--run-timeout",
    type=_Seconds(min=0, min_open=True),
    metavar="SECONDS",
    help="End a run that takes longer, and record it as timed-out.",
)
