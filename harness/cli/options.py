"""Options that several commands share, each declared once."""

import tempfile
from pathlib import Path

import click

from suites.messages import Misused

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


def require_writable(folder: Path, option: str) -> None:
    """Makes a folder and tries it; asking for permissions is not enough on network,
    read-only and full file systems.

    Raises:
        Misused: it cannot be made or written; `option` names another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Misused(
            f"the folder {folder} cannot be written ({error.strerror}); name another "
            f"with {option}"
        ) from error
