"""`podium agents`: what is installed, what it supports, and what speaks for it."""

import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import Any

import click

from harness.cli import options
from harness.cli.output import Format, print_cards, print_records


@click.command()
@options.output_format
@options.database
def agents(output_format: Format, database: str) -> None:
    """List the installed agents: paper, differences from it, supported suites, reasons
    why not others, and what speaks for each.

    A gate is a short training that must reach a threshold with every seed; it is shown
    with what was measured. Runs at full protocol, with the agent's own settings, are
    counted in the database: finished of tasks times seeds. What an earlier version of
    the agent's code did is marked.

    Agents of your own appear here when their package names them as entry points in the
    group podium.agents.

    \b
    Examples:
      podium agents
      podium agents --format json
      podium ingest --runs results; podium agents
    """
    from harness.load_agent import installed_agents

    with _session(database) as session:
        records = [
            _record(name, entry, session)
            for name, entry in sorted(installed_agents().items())
        ]
    columns = {
        "agent": "agent",
        "about": "about",
        "paper": "paper",
        "differences": "differences",
        "tuning": "tuning",
        "suites": "suites",
        "not": "not, because",
        "gates": "gates",
        "results": "full protocol",
    }
    if output_format in ("json", "csv"):
        print_records(records, columns, output_format)
        return
    for record in records:
        record["gates"] = _gates_shown(record)
        record["results"] = _runs_shown(record)
    if output_format == "md":
        print_records(records, columns, output_format)
        return
    for record in records:
        record["suites"] = ", ".join(record.get("suites", ()))
    print_cards(records, columns, empty="No agent is installed.")


@contextmanager
def _session(database: str) -> Iterator[Any]:
    """A database session, or None (and a word about it) where there is none yet."""
    from results_db.database import DatabaseMissing, open_for_reading, read_session

    try:
        engine = open_for_reading(database)
    except DatabaseMissing as error:
        click.echo(f"Runs at full protocol are not counted. {error}", err=True)
        yield None
        return
    with read_session(engine) as session:
        yield session


def _record(name: str, entry: EntryPoint, session: Any) -> dict[str, Any]:
    from harness.load_agent import AgentImportFailed, load_agent

    record: dict[str, Any] = {"agent": name, "class": entry.value}
    try:
        cls = load_agent(name)
    except AgentImportFailed as error:
        return {**record, "about": f"cannot be imported: {error}"}
    supported, reasons = _support(cls)
    return {
        **record,
        "about": _about(cls)[0],
        "paper": _section(cls, "Paper"),
        "differences": _section(cls, "Differences"),
        "tuning": getattr(cls, "tuning", "none"),
        "suites": supported,
        "not": reasons,
        **_evidence(cls, name, entry, session),
    }


def _evidence(
    cls: type[Any], name: str, entry: EntryPoint, session: Any
) -> dict[str, Any]:
    """Gates, and results by suite: None where there is no database to count in."""
    from harness.agent_source import imported_digest
    from harness.evidence import BadEvidence, evidence_file, gate_records, read_gates
    from results_db.agent_runs import agent_runs
    from suites.registry import all_suites

    digest, path = imported_digest(cls, entry.module), evidence_file(entry)
    try:
        gates = gate_records(read_gates(path) if path else [], digest)
    except BadEvidence as error:
        click.echo(f"{name}: {error}", err=True)
        gates = []
    results = None
    if session is not None:
        benchmarks = [suite for suite in all_suites() if suite.kind == "benchmark"]
        found = agent_runs(session, benchmarks, (name, entry.value), digest)
        results = [runs._asdict() for runs in found]
    return {"gates": gates, "results": results}


def _gates_shown(record: dict[str, Any]) -> list[str]:
    """E.g. `Catch: 0.95, 1 of 0.65, passed by an earlier version`."""
    from harness.evidence import SEEDS

    if "gates" not in record:
        return []
    lines = [] if record["gates"] else ["none recorded"]
    for gate in record["gates"]:
        measured = ", ".join(f"{value:g}" for value in gate["measured"])
        verdict = "passed" if gate["passed"] else "not passed"
        if len(gate["measured"]) < SEEDS:
            verdict = f"a gate takes {SEEDS} seeds"
        by = " by an earlier version" if gate["earlier_version"] else ""
        lines.append(
            f"{gate['gate']}: {measured} of {gate['threshold']:g}, {verdict}{by}"
        )
    return lines


def _runs_shown(record: dict[str, Any]) -> list[str]:
    """E.g. `atari100k 52/130 runs (and 26 by an earlier version)`."""
    if record.get("results") is None:
        return []
    lines = [] if record["results"] else ["no runs"]
    for found in record["results"]:
        earlier = found["earlier_runs"]
        more = f" (and {earlier} by an earlier version)" if earlier else ""
        lines.append(f"{found['suite']} {found['runs']}/{found['of']} runs{more}")
    return lines


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
