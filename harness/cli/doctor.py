"""`podium doctor`: what works here, and what to do about the rest."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from harness.cli import options
from harness.cli.output import console

MARKS = {
    "ok": "[green]✓[/]",
    "absent": "[dim]·[/]",
    "differs": "[yellow]![/]",
    "broken": "[red]✗[/]",
}


@click.command()
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)
@options.runs
@options.database
def doctor(output_format: str, runs: str, database: str) -> None:
    """Make, step and show every simulator; look at rendering, GPUs, database, versions.

    Exit code 1 if something that is installed does not work; what is not installed is
    listed with the command that would install it.

    \b
    Examples:
      podium doctor
      podium doctor --format json
    """
    from harness.doctor import diagnose
    from results_db.export.escape import one_line

    broken = False
    findings = []
    out = console()
    for finding in diagnose(database, Path(runs)):
        broken = broken or finding.status == "broken"
        findings.append(asdict(finding))
        if output_format == "table":
            out.print(f"{MARKS[finding.status]} {finding.what:<16}", end=" ")
            out.print(one_line(finding.detail), markup=False, soft_wrap=True)
    if output_format == "json":
        click.echo(json.dumps(findings, indent=1))
    elif not broken:
        out.print("What is installed works.")
    if broken:
        sys.exit(1)
