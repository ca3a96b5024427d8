"""`podium suites`: what is measured, and how."""

import json
from typing import Any

import click

from harness.cli import options
from harness.cli.output import Format, console, print_records
from harness.cli.protocol_words import protocol_lines, source_lines
from suites.canonical import plain
from suites.messages import Misused
from suites.registry import all_suites, load_suite
from suites.spec import Continuous, Discrete, Suite, Task


@click.command()
@click.argument("suite", required=False)
@options.output_format
def suites(suite: str | None, output_format: Format) -> None:
    """List the suites, or show one suite's protocol, tasks, references and hashes.

    \b
    Examples:
      podium suites
      podium suites atari100k
      podium suites atari100k@1 --format json
    """
    if suite is None:
        _list(output_format)
        return
    try:
        found = load_suite(suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    if output_format == "json":
        click.echo(json.dumps(suite_document(found), indent=1))
        return
    if output_format == "table":
        _print_protocol(found)
    records = [_task_record(found, task) for task in found.tasks]
    if output_format in ("table", "md"):
        # Whole constants: rounded ones would be copied.
        for record in records:
            record |= {name: f"{record[name]:,.12g}" for name in ("low", "high")}
    print_records(
        records,
        {
            "task": "task",
            "budget_agent_steps": "agent steps",
            "budget_env_frames": "frames",
            "observation": "observation",
            "actions": "actions",
            "low": found.scoring.low,
            "high": found.scoring.high,
            "references": "other references",
        },
        output_format,
        right=("budget_agent_steps", "budget_env_frames", "low", "high"),
    )
    if output_format == "table":
        _print_sources(found)


def suite_document(suite: Suite) -> dict[str, Any]:
    """A suite with everything it holds, as JSON."""
    document = plain(suite)
    return {
        "id": suite.id,
        "measurement_hash": suite.measurement_hash,
        "scoring_hash": suite.scoring_hash,
        **document,
    }


def _list(output_format: Format) -> None:
    records = [
        {
            "suite": suite.id,
            "kind": suite.kind,
            "tasks": len(suite.tasks),
            "seeds": suite.seeds,
            "summary": suite.summary,
            "measurement_hash": suite.measurement_hash,
            "scoring_hash": suite.scoring_hash,
        }
        for suite in all_suites()
    ]
    titles = {"suite": "suite", "kind": "kind", "tasks": "tasks", "summary": "summary"}
    print_records(records, titles, output_format, right=("tasks",))


def _task_record(suite: Suite, task: Task) -> dict[str, Any]:
    used = (suite.scoring.low, suite.scoring.high)
    others = [r for r in task.references if r.name not in used]
    return {
        "task": task.name,
        "simulator": task.simulator,
        "budget_agent_steps": task.protocol.budget_agent_steps,
        "budget_env_frames": task.protocol.budget_env_frames,
        "observation": _observation(task),
        "actions": _actions(task),
        "low": task.reference(suite.scoring.low).value,
        "high": task.reference(suite.scoring.high).value,
        "references": ", ".join(
            f"{r.name} {r.value:,.12g}" if r.value is not None else f"{r.name}: absent"
            for r in others
        ),
    }


def _observation(task: Task) -> str:
    shape = "x".join(map(str, task.observation.shape))
    return f"{shape} {task.observation.dtype}"


def _actions(task: Task) -> str:
    match task.actions:
        case Discrete(n):
            return f"{n} discrete"
        case Continuous(size):
            return f"{size} continuous"


def _print_protocol(suite: Suite) -> None:
    say = console().print
    say(f"{suite.id}  {suite.summary}", style="bold", markup=False)
    for line in protocol_lines(suite):
        say(line, markup=False)
    say(f"Measurement {suite.measurement_hash}")
    say(f"Scoring     {suite.scoring_hash}")


def _print_sources(suite: Suite) -> None:
    for line in source_lines(suite):
        style = None if line.startswith(" ") else "bold"
        console().print(line, markup=False, style=style)
