"""DreamerV3's score files -> runs: learning curves of training episodes.

A file is a JSON array with one object a run: task, method, seed, xs, ys. `xs` are
simulator frames; `ys`, of the same length, may hold null. Tasks may have unequal
numbers of runs, and runs unequal lengths.

A run's score is the mean of its points in the last thirtieth of the task's longest run,
or its last point where it has none there. Its paper's plots bin in the same way.

Source: danijar/dreamerv3, scores/*.json.gz.
"""

import json
from collections import defaultdict
from typing import Any, NoReturn

from results_db.import_format import (
    LARGEST_RUN,
    BadImport,
    ImportedData,
    ImportedRun,
    checked_name,
    checked_score,
    checked_task,
    listed,
    one_name,
)
from suites.spec import Suite, Task

LAST_PART = 1 / 30

RULE = (
    "a run's score is the mean of its curve over the last thirtieth of its task's "
    "longest run"
)

Curve = list[tuple[float, float]]
"""(frames, score), ascending."""


def read_dreamerv3(
    text: str, suite: Suite, *, unit: str, method: str | None
) -> ImportedData:
    """Reads a score file; arguments and errors as read_csv."""
    curves: dict[tuple[str, str, int], Curve] = {}
    cut = 0
    for number, record in enumerate(_records(text), start=1):
        where = f"run {number} of the file"
        if not isinstance(record, dict):
            raise BadImport(f"{where}: not a JSON object")
        name = checked_name(_text(record, "method", where), where)
        task = checked_task(_text(record, "task", where), suite, where)
        seed = record.get("seed")
        if type(seed) is not int or not 0 <= seed <= LARGEST_RUN:
            raise BadImport(f"{where}: seed must be a whole number (got {seed!r:.80})")
        where = f"{where} ({task.name}, seed {seed})"
        if (name, task.name, seed) in curves:
            raise BadImport(f"{where}: {name} has this run twice")
        curve = _curve(record, task, unit, suite, where)
        within = [p for p in curve if p[0] <= task.protocol.budget_env_frames]
        cut += len(within) < len(curve)
        curves[name, task.name, seed] = within
    if not curves:
        raise BadImport("the file holds no runs")
    names = one_name(dict.fromkeys(name for name, _, _ in curves), method)
    return _data(curves, names, suite, cut)


def _data(
    curves: dict[tuple[str, str, int], Curve],
    names: dict[str, str],
    suite: Suite,
    cut: int,
) -> ImportedData:
    longest: dict[tuple[str, str], float] = defaultdict(float)
    for (name, task_name, _), curve in curves.items():
        if curve:
            ends = longest[name, task_name]
            longest[name, task_name] = max(ends, curve[-1][0])
    runs, early, empty = [], [], []
    for (name, task_name, seed), curve in sorted(curves.items()):
        # What a run did before it learnt anything is no result of it.
        if not curve or curve[-1][0] <= 0:
            empty.append(f"{task_name} seed {seed}")
            continue
        end = longest[name, task_name]
        window = [score for frames, score in curve if frames > end * (1 - LAST_PART)]
        if not window:
            early.append(f"{task_name} seed {seed}")
            window = [curve[-1][1]]
        score = sum(window) / len(window)
        points = _in_agent_steps(curve, suite.task(task_name))
        runs.append(ImportedRun(names[name], task_name, seed, score, points))
    if not runs:
        raise BadImport("no run of the file has a point after its first frame")
    remarks = [RULE]
    if early:
        remarks.append(f"of {listed(early)} the last point, for want of any there")
    if empty:
        remarks.append(f"left out, without a point after frame 0: {listed(empty)}")
    if cut:
        remarks.append(f"{cut} runs were cut at the suite's budget")
    return ImportedData(tuple(runs), tuple(remarks))


def _records(text: str) -> list[Any]:
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadImport("not a score file: nested too deeply") from None
    except ValueError as error:
        raise BadImport(f"not JSON: {error}") from None
    if not isinstance(document, list):
        raise BadImport("not a score file: a JSON array of runs is expected")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number; write null")


def _text(record: dict[str, Any], field: str, where: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        raise BadImport(f"{where}: {field} must be text (got {value!r:.80})")
    return value


def _curve(
    record: dict[str, Any], task: Task, unit: str, suite: Suite, where: str
) -> Curve:
    """The points that are not null."""
    xs, ys = record.get("xs"), record.get("ys")
    if not isinstance(xs, list) or not isinstance(ys, list) or len(xs) != len(ys):
        raise BadImport(f"{where}: xs and ys must be lists of the same length")
    curve: Curve = []
    before = -1.0
    for x, y in zip(xs, ys, strict=True):
        frames = _number(x, "xs", where)
        if not before < frames <= 1e15:
            raise BadImport(f"{where}: xs must grow from 0 or more (got {x!r:.80})")
        before = frames
        if y is not None:
            score = _number(y, "ys", where)
            curve.append((frames, checked_score(score, task, unit, suite, where)))
    return curve


def _number(value: Any, field: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadImport(f"{where}: {field} holds {value!r:.80}, not a number")
    try:
        return float(value)
    except OverflowError:
        raise BadImport(f"{where}: {field} holds a number that is too large") from None


def _in_agent_steps(curve: Curve, task: Task) -> tuple[tuple[int, float], ...]:
    """Frames to agent steps; points that fall on one step are averaged."""
    at: dict[int, list[float]] = defaultdict(list)
    for frames, score in curve:
        at[int(frames // task.protocol.action_repeat)].append(score)
    return tuple((steps, sum(v) / len(v)) for steps, v in sorted(at.items()))
