"""Asks an agent about itself in a process of its own.

The launcher stays free of the agent's imports, prints and crashes. Run as
`python -P -m harness.describe REQUEST.json ANSWER.json`.
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.agent_source import code_digest
from harness.child_process import end_with_launcher, signal_child, start_child
from harness.config import BadOverride, parse_overrides
from harness.load_agent import AgentImportFailed, UnknownAgent, load_agent
from harness.task_info import build_config, choose_options, task_info, unsupported
from results_db.run_files import read_end
from suites.canonical import plain
from suites.messages import Misused
from suites.registry import load_suite

DESCRIBE_SECONDS = 300.0
"""An agent that takes longer to import is treated as one that fails to."""


@dataclass(frozen=True)
class TaskAnswer:
    """What the agent says about one task."""

    config: dict[str, Any] | None
    unsupported: str | None
    """The reason why it cannot do the task."""
    num_envs: int = 1
    """Training sub-environments that it asks for."""


@dataclass(frozen=True)
class Description:
    """What an agent says about itself."""

    code_digest: str
    tuning: str
    overrides: dict[str, Any]
    tasks: dict[str, TaskAnswer]
    import_error: str | None = None
    """Why it could not be imported; the other fields are then empty."""


def describe(
    agent: str, suite_id: str, tasks: Sequence[str], overrides: Sequence[str]
) -> Description:
    """Asks an agent, in this process.

    Raises:
        UnknownAgent, BadOverride: as their modules say.
        Misused: the agent's Config or environment() refuses.
    """
    try:
        cls = load_agent(agent)
    except AgentImportFailed as error:
        return Description("", "none", {}, {}, import_error=str(error))
    source = code_digest(cls)
    values = parse_overrides(getattr(cls, "Config", None), overrides)
    suite = load_suite(suite_id)
    answers = {}
    for name in tasks:
        info = task_info(suite, suite.task(name))
        reason = unsupported(cls, info)
        if reason is not None:
            answers[name] = TaskAnswer(None, reason)
            continue
        try:
            config = build_config(cls, info, values)
            options = choose_options(cls, info, config)
        except (ValueError, TypeError) as error:
            raise Misused(f"{agent} on {suite.id}/{name}: {error}") from error
        answers[name] = TaskAnswer(config_json(config), None, options.num_envs)
    tuning = str(getattr(cls, "tuning", "none"))
    return Description(source, tuning, values, answers)


def config_json(config: Any) -> dict[str, Any] | None:
    """A configuration as JSON values, for the record."""
    if config is None:
        return None
    if not dataclasses.is_dataclass(config):
        raise TypeError(f"Config must be a dataclass (got {type(config).__name__})")
    values = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    document: dict[str, Any] = json.loads(json.dumps(plain(values)))
    return document


def describe_elsewhere(
    agent: str,
    suite_id: str,
    tasks: Sequence[str],
    overrides: Sequence[str],
    *,
    seconds: float = DESCRIBE_SECONDS,
) -> Description:
    """Asks an agent in a fresh process; a hang or a crash becomes an import error.
    Nothing that the process started is left when this returns.

    Raises:
        Misused: unknown agent or setting, or a configuration that cannot be.
    """
    with tempfile.TemporaryDirectory(prefix="podium-") as folder:
        request, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        log = Path(folder) / "log.txt"
        request.write_text(json.dumps([agent, suite_id, [*tasks], [*overrides]]))
        command = [sys.executable, "-P", "-m", "harness.describe"]
        child = start_child([*command, str(request), str(answer)], log, os.environ)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            return _not_imported(f"importing it took longer than {seconds:g} s")
        finally:
            # What the import started must not outlive the question.
            signal_child(child, signal.SIGKILL)
            child.wait()
        if not answer.exists():
            words = read_end(log, 500).decode(errors="replace").strip()
            return _not_imported(
                f"importing it ended the process (exit {code}): {words}"
            )
        document = json.loads(answer.read_text())
    if "misused" in document:
        raise Misused(document["misused"])
    answers = {name: TaskAnswer(**task) for name, task in document.pop("tasks").items()}
    return Description(tasks=answers, **document)


def _not_imported(reason: str) -> Description:
    return Description("", "none", {}, {}, import_error=reason)


def main(arguments: Sequence[str]) -> None:
    """Reads a request file, writes an answer file."""
    end_with_launcher()
    request, answer = map(Path, arguments)
    agent, suite_id, tasks, overrides = json.loads(request.read_text())
    document: dict[str, Any]
    try:
        document = dataclasses.asdict(describe(agent, suite_id, tasks, overrides))
    except (UnknownAgent, BadOverride, Misused, TypeError) as error:
        document = {"misused": str(error)}
    except Exception:
        last = traceback.format_exc().strip().splitlines()[-1]
        document = {"misused": f"{agent} cannot be asked about itself: {last}"}
    unfinished = answer.with_suffix(".writing")
    unfinished.write_text(json.dumps(document))
    os.replace(unfinished, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
    # Not sys.exit: a thread that the import left would hold the answer up for ever.
    os._exit(0)
