"""Options that several commands share, each declared once."""

import math
from collections.abc import Callable
from functools import wraps
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

reported = click.option(
    "--reported/--no-reported",
    default=True,
    show_default=True,
    help="Also show published means, as `reported`: without intervals, never ranked.",
)


missing = click.option(
    "--missing",
    type=click.Choice(["refuse", "common", "random"]),
    default="refuse",
    show_default=True,
    help="Methods that lack runs: refuse to compare them; compare over the tasks that "
    "all have in common; or count what is missing as random.",
)


class _Time(click.FloatRange):
    """A finite time above 0; a range alone lets nan and inf through."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        time = float(super().convert(value, param, ctx))
        if not math.isfinite(time):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return time


_RUN_TERMS = (
    click.option(
        "--keep-policy/--no-keep-policy",
        default=None,
        help="Keep the final policies. Default: the small ones.",
    ),
    click.option(
        "--run-timeout",
        type=_Time(min=0, min_open=True),
        metavar="SECONDS",
        help="End a run that takes longer, and record it as timed-out.",
    ),
    click.option(
        "--checkpoint-every",
        "checkpoint_minutes",
        type=_Time(min=0, min_open=True),
        default=10.0,
        show_default=True,
        metavar="MINUTES",
        help="Distance of two checkpoints, from which a killed run goes on.",
    ),
    click.option(
        "--slice",
        "slice_seconds",
        type=_Time(min=0, min_open=True),
        metavar="SECONDS",
        help="End runs at a checkpoint after so long; the same command goes on.",
    ),
    click.option(
        "--accept-drift",
        is_flag=True,
        help="Run on a simulator that does not play as recorded; the results are "
        "marked.",
    ),
)


def run_terms(command: Callable[..., None]) -> Callable[..., None]:
    """What a user may ask of every run, as one argument `terms`."""

    @wraps(command)
    def with_terms(
        *,
        keep_policy: bool | None,
        run_timeout: float | None,
        checkpoint_minutes: float,
        slice_seconds: float | None,
        accept_drift: bool,
        **others: Any,
    ) -> None:
        from harness.launch.pool import Terms

        terms = Terms(
            keep_policy=keep_policy,
            timeout_seconds=run_timeout,
            checkpoint_seconds=60 * checkpoint_minutes,
            slice_seconds=slice_seconds,
            accept_drift=accept_drift,
        )
        command(terms=terms, **others)

    for option in reversed(_RUN_TERMS):
        with_terms = option(with_terms)
    return with_terms
