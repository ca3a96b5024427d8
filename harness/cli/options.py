"""Options that several commands share, each declared once."""

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
