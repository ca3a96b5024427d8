"""`podium agents`: what is installed, what it supports, and why not more."""

import inspect
from collections import Counter
from typing import Any

import click

from harness.cli import options
from harness.cli.output import Format, print_records


@click.command()
@options.output_format
def agents(output_format: Format) -> None:
    """List the installed agents: paper, supported suites, reasons why not others.

    Agents of your own appear here when their package names them as entry points in the
    group podium.agents.

    \b
    Examples:
      podium agents
      podium agents --format json
    """
    from harness.load_agent import AgentImportFailed, installed_agents, load_agent

    records = []
    for name, entry in sorted(installed_agents().items()):
        record: dict[str, Any] = {"agent": name, "class": entry.value}
        try:
            cls = load_agent(name)
        except AgentImportFailed as error:
            records.append({**record, "about": f"cannot be imported: {error}"})
            continue
        supported, reasons = _support(cls)
        records.append(
            {
                **record,
                "about": _about(cls)[0],
                "paper": _section(cls, "Paper"),
                "tuning": getattr(cls, "tuning", "none"),
                "suites": supported,
                "not": reasons,
            }
        )
    columns = {
        "agent": "agent",
        "about": "about",
        "paper": "paper",
        "tuning": "tuning",
        "suites": "suites",
        "not": "not, because",
    }
    print_records(records, columns, output_format)


def _support(cls: type[Any]) -> tuple[list[str], list[str]]:
    """Suites that the agent can do whole; each reason with the suites, or how many of
    their tasks, that it keeps the agent from."""
    from harness.task_info import task_info, unsupported
    from suites.registry import all_suites

    supported = []
    reasons: dict[str, list[str]] = {}
    for suite in all_suites():
        found = [unsupported(cls, task_info(suite, task)) for task in suite.tasks]
        lacking = Counter(reason for reason in found if reason is not None)
        if not lacking:
            supported.append(suite.name)
        for reason, tasks in sorted(lacking.items()):
            of = "" if tasks == len(found) else f" ({tasks} of {len(found)} tasks)"
            reasons.setdefault(reason, []).append(f"{suite.name}{of}")
    return supported, [f"{why}: {', '.join(names)}" for why, names in reasons.items()]


def _about(cls: type[Any]) -> list[str]:
    module = inspect.getmodule(cls)
    text = inspect.getdoc(module) or inspect.getdoc(cls) or ""
    return text.splitlines() or [""]


def _section(cls: type[Any], title: str) -> str | None:
    """`Title: text` of the module's docstring, with its indented lines."""
    lines = _about(cls)
    for index, line in enumerate(lines):
        if line.startswith(f"{title}:"):
            words = [line.partition(":")[2].strip()]
            for more in lines[index + 1 :]:
                if not more.startswith(" "):
                    break
                words.append(more.strip())
            return " ".join(words)
    return None
