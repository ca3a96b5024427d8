"""The documented CSV of import_format.py -> runs."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator

from results_db.export.escape import from_csv_text
from results_db.import_format import (
    LARGEST_RUN,
    BadImport,
    ImportedData,
    ImportedRun,
    checked_name,
    checked_score,
    checked_task,
    one_name,
)
from suites.spec import Suite, Task

COLUMNS = ("method", "task", "run", "score")
STEPS = "agent_steps"
HEADER = f"{','.join(COLUMNS)}[,{STEPS}]"

Points = dict[int | None, float]
"""Agent steps -> score; None for the one row of a run without a curve."""


def read_csv(text: str, suite: Suite, *, unit: str, method: str | None) -> ImportedData:
    """Reads the documented CSV.

    Args:
        unit: what the scores are in, `raw` or the suite's normalisation.
        method: a name instead of the file's only one.

    Raises:
        BadImport: the first bad line.
    """
    runs: dict[tuple[str, str, int], Points] = defaultdict(dict)
    tasks: dict[str, Task] = {}
    for line, row in _rows(text):
        where = f"line {line}"
        name = checked_name(from_csv_text(row["method"]), where)
        if row["task"] not in tasks:
            tasks[row["task"]] = checked_task(row["task"], suite, where)
        task = tasks[row["task"]]
        run = _whole(row["run"], "run", LARGEST_RUN, where)
        steps = _steps(row.get(STEPS, ""), task, where)
        score = checked_score(_number(row["score"], where), task, unit, suite, where)
        points = runs[name, task.name, run]
        if steps in points or (points and (steps is None or None in points)):
            raise BadImport(
                f"{where}: run {run} of {name} on {task.name} stands twice"
                + ("" if steps is None else f" at {steps:,} agent steps")
            )
        points[steps] = score
    if not runs:
        raise BadImport(f"no rows below the header {HEADER}")
    names = one_name(dict.fromkeys(name for name, _, _ in runs), method)
    return ImportedData(
        tuple(
            _run(names[name], task, run, points)
            for (name, task, run), points in sorted(runs.items())
        )
    )


def _run(method: str, task: str, run: int, points: Points) -> ImportedRun:
    curve = sorted((s, score) for s, score in points.items() if s is not None)
    score = curve[-1][1] if curve else points[None]
    return ImportedRun(method, task, run, score, tuple(curve))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(first line, cells by column) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if not any(cells):
                pass
            elif header is None:
                header = _header(cells)
            elif len(cells) != len(header):
                raise BadImport(
                    f"line {line}: {len(cells)} cells under {len(header)} columns"
                )
            else:
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadImport(f"line {line}: not CSV ({error})") from None
    if header is None:
        raise BadImport(f"the file is empty; its first line must be {HEADER}")


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    missing = [name for name in COLUMNS if name not in names]
    known = (*COLUMNS, STEPS)
    unknown = [name for name in names if name not in known]
    if missing or unknown or len(set(names)) != len(names):
        problem = (
            f"the column {missing[0]} is missing"
            if missing
            else f"unknown column {unknown[0][:80]!r}"
            if unknown
            else "a column stands twice"
        )
        raise BadImport(f"line 1: {problem}; the header must be {HEADER}")
    return names


def _whole(text: str, what: str, largest: int, where: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text.strip()) or int(text) > largest:
        raise BadImport(
            f"{where}: {what} must be a whole number, 0 .. {largest:,} "
            f"(got {text[:80]!r})"
        )
    return int(text)


def _steps(text: str, task: Task, where: str) -> int | None:
    if not text.strip():
        return None
    steps = _whole(text, STEPS, 10**15, where)
    budget = task.protocol.budget_agent_steps
    if steps > budget:
        raise BadImport(
            f"{where}: {steps:,} agent steps are beyond {task.name}'s budget of "
            f"{budget:,}; leave later points out (agent steps are policy decisions, "
            "not frames)"
        )
    return steps


def _number(text: str, where: str) -> float:
    """A number as it is usually written: no `nan`, no `1_000`."""
    plain = text.strip()
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", plain):
        raise BadImport(
            f"{where}: the score must be a finite number (got {text[:80]!r})"
        )
    return float(plain)
