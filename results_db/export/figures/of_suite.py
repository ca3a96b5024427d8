"""The four figures of a suite: what each draws of the results, what it leaves out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from results_db.export.figures.curves import curves_figure
from results_db.export.figures.improvement import improvement_figure
from results_db.export.figures.intervals import intervals_figure
from results_db.export.figures.names import Look, looks, runs_a_task
from results_db.export.figures.profiles import profiles_figure
from results_db.foreign import REPORTED
from results_db.leaderboard import Leaderboard
from results_db.method_data import load_curves, load_methods
from results_db.missing import comparable
from results_db.reported_rows import reported_labels, with_reported
from results_db.stats import stored
from results_db.stats.curves import CurveData
from results_db.stats.scores import Floats, Scores
from results_db.wall_time import Over, held
from suites.messages import Misused
from suites.published import Published
from suites.spec import Suite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THRESHOLDS = 101
"""Of a performance profile."""
POINTS = 100
"""Of a curve, at most."""


@dataclass(frozen=True)
class FigureData:
    """What one figure of a suite is drawn from, best method first."""

    board: Leaderboard
    """Of what papers report, only what the figure draws."""
    scores: dict[str, Scores]
    """Method -> normalised scores, all over the same tasks."""
    curves: dict[str, CurveData]
    """Method -> normalised curves, of those that have one on each of these tasks."""
    looks: Mapping[str, Look]
    """Of all methods of the suite, so that each keeps its colour."""
    left_out: dict[str, str]
    """Method that was asked for and is not drawn -> why."""
    over: Over = "steps"
    """What the curves lie over."""

    @property
    def score(self) -> str:
        """What an axis of normalised scores is called."""
        label = self.board.suite.scoring.label
        return f"{label} score" if label.endswith("normalised") else label

    @property
    def reported(self) -> tuple[str, ...]:
        """The drawn rows that papers report."""
        return tuple(r.method for r in self.board.rows if r.origin == REPORTED)


def load_figure_data(
    session: Session,
    suite: Suite,
    name: str,
    board: Leaderboard,
    published: Mapping[str, Published] | None = None,
    *,
    over: Over = "steps",
) -> FigureData:
    """Reads what a figure needs of the methods of a board.

    Args:
        name: one of FIGURES.
        board: the rows with runs that are asked for.
        published: label -> published means that are asked for.
        over: what curves lie over.

    Raises:
        Misused: the figure would be empty, or curves are to be filled in.
    """
    if name == "curves" and board.missing == "random":
        raise Misused(
            "Missing runs cannot count as random in curves, because a random score has "
            "none: ask for --missing refuse or common."
        )
    methods = load_methods(session, suite)
    shown = {row.method: methods[row.method] for row in board.rows}
    found = comparable(suite, shown, board.missing)
    scores = {label: found.scores[label] for label in shown if label in found.scores}
    left_out = {label: LACKS_TASKS for label in shown if label not in scores}
    curves: dict[str, CurveData] = {}
    if name == "curves":
        every = load_curves(session, suite, shown, over)
        curves, lacking = _drawable(every, scores, found.tasks, over)
        left_out |= lacking
    drawn, lacking = _reported(board, name, published or {})
    left_out |= lacking
    drawable = {"intervals": {*scores, *drawn}, "curves": curves}.get(name, scores)
    if not drawable:
        left_out |= dict.fromkeys(drawn, LACKS_RUNS)  # a line alone is no figure
        raise Misused(_nothing(suite, name, left_out))
    runs = {
        label: runs_a_task([len(values) for values in method.raw.values()])
        for label, method in methods.items()
        if method.raw
    }
    return FigureData(
        board=with_reported(board, drawn),
        scores=scores,
        curves=curves,
        looks=looks([*methods], runs, [*{**reported_labels(suite, methods), **drawn}]),
        left_out=left_out,
        over=over,
    )


def _drawable(
    every: Mapping[str, CurveData],
    labels: Iterable[str],
    tasks: Sequence[str],
    over: Over,
) -> tuple[dict[str, CurveData], dict[str, str]]:
    """The curves that can be drawn of the methods asked for, and of the others why
    not."""
    curves: dict[str, CurveData] = {}
    lacking: dict[str, str] = {}
    for label in labels:
        known = every.get(label, {})
        curve = {task: known[task] for task in tasks if task in known}
        if len(curve) < len(tasks):
            lacking[label] = LACKS_CURVES if over == "steps" else LACKS_TIME
        else:
            curves[label] = curve if over == "steps" else held(curve)
    return curves, lacking


LACKS_TASKS = "tasks are missing"
LACKS_CURVES = "no curve of every task"
LACKS_TIME = "no training time of every run"
LACKS_RUNS = "reported without runs"
LACKS_IQM = "reported without an IQM"


def _reported(
    board: Leaderboard, name: str, published: Mapping[str, Published]
) -> tuple[dict[str, Published], dict[str, str]]:
    """What a figure draws of published means, and of the others why not."""
    lacking = {}
    for row in with_reported(board, published).rows:
        if row.origin == REPORTED:
            if name not in ("intervals", "curves"):
                lacking[row.method] = LACKS_RUNS
            elif row.summary is None:
                lacking[row.method] = LACKS_TASKS
            elif name == "curves" and row.summary.iqm is None:
                lacking[row.method] = LACKS_IQM
    return {x: one for x, one in published.items() if x not in lacking}, lacking


def _nothing(suite: Suite, name: str, left_out: Mapping[str, str]) -> str:
    """Why a figure would be empty, and what to do."""
    ways = {
        LACKS_TASKS: "finish the runs, or ask for --missing common",
        LACKS_RUNS: "ask for --figure intervals",
    }
    asked = [ways[why] for why in dict.fromkeys(left_out.values()) if why in ways]
    return (
        f"There is nothing to draw of {suite.id} in the figure {name}: "
        f"{'; '.join(not_drawn(left_out)) or 'no method has runs'}. "
        + " ".join(f"{way[0].upper()}{way[1:]}." for way in asked)
    ).strip()


def not_drawn(left_out: Mapping[str, str]) -> list[str]:
    """`A, B (why)` for every reason."""
    reasons: dict[str, list[str]] = {}
    for method, why in left_out.items():
        reasons.setdefault(why, []).append(method)
    return [f"{', '.join(names)} ({why})" for why, names in reasons.items()]


def intervals_of(data: FigureData) -> "Figure":
    """Aggregates of all rows, also of what papers report."""
    return intervals_figure(
        {row.method: row.summary for row in data.board.rows if row.summary is not None},
        data.looks,
        score=data.score,
        reported=data.reported,
    )


def profiles_of(data: FigureData) -> "Figure":
    """Profiles of run scores over the range that the runs reach."""
    taus = thresholds(data.scores)
    found = {
        name: stored.performance_profile(scores, taus)
        for name, scores in data.scores.items()
    }
    return profiles_figure(found, data.looks, score=data.score)


def thresholds(methods: Mapping[str, Scores]) -> Floats:
    """[THRESHOLDS]: from 0, or from below, to 1, or beyond; without the outermost
    hundredth of all runs at each end."""
    runs = np.concatenate([scores.flat for scores in methods.values()])
    low, high = map(float, np.percentile(runs, (1, 99)))
    taus: Floats = np.linspace(min(0.0, low), max(1.0, high), THRESHOLDS)
    return taus


def curves_of(data: FigureData) -> "Figure":
    """The IQM over agent steps or time; what papers report as dashed lines.

    Raises:
        Misused: a method's evaluations share no step at which all its tasks have one.
    """
    found = {}
    for name, curves in data.curves.items():
        try:
            curve = stored.sample_efficiency(curves, "iqm", grid=grid(curves))
        except ValueError as error:
            raise Misused(f"{name!r} has no curve: {error}") from error
        # Of all runs that count: an imported run may have come without a curve.
        found[name] = replace(curve, runs=data.scores[name].flat.size)
    return curves_figure(
        found,
        data.looks,
        score=f"IQM, {data.score}",
        over=data.over,
        reported={
            row.method: row.summary.iqm.value
            for row in data.board.rows
            if row.method in data.reported and row.summary and row.summary.iqm
        },
    )


def grid(curves: CurveData) -> list[float] | None:
    """The steps to draw: all of them (None), or as many as a figure can show.

    Imported curves may have a point an episode, at steps of its own in each run.
    """
    steps = np.unique(
        np.concatenate([run[0] for runs in curves.values() for run in runs])
    )
    if steps.size <= POINTS:
        return None
    shown = np.linspace(steps[0], steps[-1], POINTS)
    if steps.dtype.kind == "f":  # seconds
        return [float(step) for step in shown]
    return [round(step) for step in shown]


def improvement_of(data: FigureData) -> "Figure":
    """Every pair of methods.

    Raises:
        Misused: there are fewer than two methods.
    """
    if len(data.scores) < 2:
        raise Misused(f"A pair needs two methods (got {', '.join(data.scores)}).")
    return improvement_figure(stored.all_pairs(data.scores), data.looks)


FIGURES: dict[str, Callable[[FigureData], "Figure"]] = {
    "intervals": intervals_of,
    "profile": profiles_of,
    "curves": curves_of,
    "improvement": improvement_of,
}
