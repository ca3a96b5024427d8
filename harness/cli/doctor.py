"""`podium doctor`: what works here, and what to do about the rest."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from harness.cli import options
from harness.cli.output import console
from suites.messages import Misused

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
@click.option(
    "--fingerprints",
    is_flag=True,
    help="Play every task's recorded rollout instead: does it play as it did?",
)
@click.option(
    "--suite",
    "-s",
    "suites",
    multiple=True,
    help="With --fingerprints: this suite only; may be repeated.",
)
@options.runs
@options.database
def doctor(
    output_format: str,
    fingerprints: bool,
    suites: tuple[str, ...],
    runs: str,
    database: str,
) -> None:
    """Make, step and show every simulator; look at rendering, GPUs, database, versions.

    Exit code 1 if something that is installed does not work; what is not installed is
    listed with the command that would install it.

    \b
    Examples:
      podium doctor
      podium doctor --format json
      podium doctor --fingerprints
      podium doctor --fingerprints --suite atari100k
    """
    from harness import doctor as look
    from results_db.export.escape import one_line

    broken = False
    findings = []
    out = console()
    if suites and not fingerprints:
        raise Misused("--suite goes with --fingerprints")
    if fingerprints:
        found = look.fingerprints(_suite_ids(suites))
    else:
        found = look.diagnose(database, Path(runs))
    width = 36 if fingerprints else 16
    for finding in found:
        broken = broken or finding.status == "broken"
        findings.append(asdict(finding))
        if output_format == "table":
            out.print(f"{MARKS[finding.status]} {finding.what:<{width}}", end=" ")
            out.print(one_line(finding.detail), markup=False, soft_wrap=True)
    if output_format == "json":
        click.echo(json.dumps(findings, indent=1))
    elif not broken:
        statuses = [finding["status"] for finding in findings]
        out.print(_played(statuses) if fingerprints else "What is installed works.")
    if broken:
        sys.exit(1)


def _played(statuses: list[str]) -> str:
    same = statuses.count("ok")
    if same == len(statuses):
        return f"All {same} tasks play as recorded."
    return f"{same} of {len(statuses)} play as recorded; the others stand above."


def _suite_ids(names: tuple[str, ...]) -> list[str]:
    from suites.registry import all_suites, load_suite

    if not names:
        return [suite.id for suite in all_suites()]
    try:
        return [load_suite(name).id for name in names]
    except KeyError as error:
        raise Misused(error.args[0]) from error
