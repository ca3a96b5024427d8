"""From what a user asks for to the cells that will run, checked beforehand."""

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.describe import Description, describe_elsewhere
from harness.load_agent import default_name
from harness.memory import run_bytes
from harness.video import require_video
from results_db.run_spec import Method, RunSpec, submission_name
from suites.envs.make import SimulatorMissing, require_simulator
from suites.messages import Misused, unknown_name
from suites.registry import load_suite
from suites.spec import Suite, Task

TUNINGS = ("none", "per-suite", "per-task")
MOST_SEEDS = 10_000


@dataclass(frozen=True)
class Request:
    """What `podium submit` was asked for, as text."""

    agent: str
    suite: str
    tasks: str | None = None
    """Comma-separated names; None is all."""
    seeds: str | None = None
    """`5` is 0 .. 4, `3-7` is a range, `0,2,5` a list; None is the suite's default."""
    overrides: tuple[str, ...] = ()
    name: str | None = None
    tuning: str | None = None
    video: bool = False
    """Record the first episode of each run's final evaluation."""


@dataclass(frozen=True)
class Planned:
    """The cells of a submission, and whether the agent could be asked."""

    suite: Suite
    specs: tuple[RunSpec, ...]
    import_error: str | None
    """The agent cannot be imported; its runs will record that."""
    run_bytes: dict[str, int]
    """Task -> memory that a run of it will take, as far as that is known."""


def plan_runs(request: Request, *, describe_seconds: float) -> Planned:
    """Checks a request and makes its cells, tasks in turn for each seed.

    Raises:
        Misused: unknown suite, task, agent or setting, bad seeds, a task that the agent
            cannot do, a simulator that is not installed, videos that cannot be
            recorded here.
    """
    try:
        suite = load_suite(request.suite)
        tasks = parse_tasks(suite, request.tasks)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    seeds = parse_seeds(request.seeds, suite.seeds)
    if request.tuning is not None and request.tuning not in TUNINGS:
        raise Misused(unknown_name("tuning", request.tuning, TUNINGS))
    try:
        for simulator in sorted({task.simulator for task in tasks}):
            require_simulator(simulator)
    except SimulatorMissing as error:
        raise Misused(str(error)) from error
    if request.video:
        require_video(tasks)
    names = [task.name for task in tasks]
    answer = describe_elsewhere(
        request.agent, suite.id, names, request.overrides, seconds=describe_seconds
    )
    _refuse_unsupported(request.agent, suite, answer)
    method = _method(request, answer)
    cells = [(task.name, seed) for seed in seeds for task in tasks]
    return planned_cells(suite, method, answer, cells, video=request.video)


def planned_cells(
    suite: Suite,
    method: Method,
    answer: Description,
    cells: Sequence[tuple[str, int]],
    *,
    video: bool = False,
) -> Planned:
    """The specs of (task, seed) cells, with what the agent said of their tasks."""
    submission = submission_name(suite.id, suite.measurement_hash, method)
    specs = tuple(
        RunSpec(
            submission=submission,
            suite=suite.id,
            task=task,
            seed=seed,
            method=method,
            config=None if answer.import_error else answer.tasks[task].config,
            measurement_hash=suite.measurement_hash,
            scoring_hash=suite.scoring_hash,
            video=video,
        )
        for task, seed in cells
    )
    memory = {
        name: run_bytes(suite.task(name), task.num_envs)
        for name, task in answer.tasks.items()
    }
    return Planned(suite, specs, answer.import_error, memory)


def parse_tasks(suite: Suite, text: str | None) -> list[Task]:
    """Tasks by name in the suite's order. Raises KeyError with the nearest name."""
    if text is None:
        return list(suite.tasks)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise KeyError(f"--tasks is empty (got {text!r})")
    wanted = {suite.task(name).name for name in names}
    return [task for task in suite.tasks if task.name in wanted]


def parse_seeds(text: str | None, default: int) -> list[int]:
    """`5` -> 0 .. 4, `3-7` -> 3 .. 7, `0,2,8-9` -> these; ascending, each once.

    Raises:
        Misused: not of that form, negative, backwards, or none at all.
    """
    text = str(default) if text is None else text.strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        count = int(text)
        if not 1 <= count <= MOST_SEEDS:
            raise Misused(f"--seeds wants 1 .. {MOST_SEEDS} (got {text})")
        return list(range(count))
    seeds: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*", part, re.ASCII)
        if match is None:
            raise Misused(
                f"--seeds wants a number (5), a range (0-4) or a list (0,2,5-7) of "
                f"seeds that are 0 or more (got {text!r})"
            )
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if last < first:
            raise Misused(f"--seeds {part.strip()} runs backwards: {last}-{first}?")
        if last - first >= MOST_SEEDS:
            raise Misused(f"--seeds wants at most {MOST_SEEDS} seeds (got {part})")
        seeds.update(range(first, last + 1))
    return sorted(seeds)


def _refuse_unsupported(agent: str, suite: Suite, answer: Description) -> None:
    reasons: dict[str, list[str]] = {}
    for name, task in answer.tasks.items():
        if task.unsupported is not None:
            reasons.setdefault(task.unsupported, []).append(name)
    if not reasons:
        return
    parts = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    able = [n for n, task in answer.tasks.items() if task.unsupported is None]
    hint = f". Tasks that it can do: --tasks {','.join(able)}" if able else ""
    raise Misused(f"{agent} cannot do {suite.id}/{'; '.join(parts)}{hint}")


def _method(request: Request, answer: Description) -> Method:
    name = default_name(request.agent) if request.name is None else request.name
    if not name.strip():
        raise Misused("--name is empty")
    if not name.isprintable():
        raise Misused(f"--name wants text without control characters (got {name!r})")
    return Method(
        name=name,
        agent=request.agent,
        code_digest=answer.code_digest or _unimported_digest(request.agent),
        overrides=answer.overrides,
        tuning=request.tuning or answer.tuning,
    )


def _unimported_digest(agent: str) -> str:
    """SHA-256 of the file alone, for an agent that cannot be imported."""
    place = agent.rpartition(":")[0]
    file = Path(place) if place.endswith(".py") else None
    if file is None and place:
        with suppress(ImportError, ValueError, AttributeError):
            spec = importlib.util.find_spec(place)
            if spec is not None and spec.origin is not None:
                file = Path(spec.origin)
    content = file.read_bytes() if file is not None and file.is_file() else b""
    return hashlib.sha256(agent.encode() + b"\0" + content).hexdigest()
