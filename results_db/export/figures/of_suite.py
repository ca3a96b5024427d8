"""The four figures of a suite: what each needs of the results, and its caption."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from results_db.export.figures.curves import curves_figure
from results_db.export.figures.improvement import improvement_figure
from results_db.export.figures.intervals import PANELS, intervals_figure
from results_db.export.figures.names import Look, looks, runs_a_task
from results_db.export.figures.profiles import profiles_figure
from results_db.export.tables import caption
from results_db.leaderboard import Leaderboard
from results_db.method_data import load_curves, load_methods
from results_db.missing import comparable
from results_db.stats import stored
from results_db.stats.bootstrap import CONFIDENCE, Summary
from results_db.stats.curves import CurveData
from results_db.stats.scores import Floats, Scores
from suites.messages import Misused
from suites.spec import Suite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THRESHOLDS = 101
"""Of a performance profile."""


POINTS = 100
"""Of a curve, at most."""


@dataclass(frozen=True)
class FigureData:
    """What the figures of a suite are drawn from, best method first."""

    board: Leaderboard
    scores: dict[str, Scores]
    """Method -> normalised scores, all over the same tasks."""
    curves: dict[str, CurveData]
    """Method -> normalised curves, of those that have one on each of these tasks."""
    looks: Mapping[str, Look]
    """Of all methods of the suite, so that each keeps its colour."""

    @property
    def score(self) -> str:
        """What an axis of normalised scores is called."""
        label = self.board.suite.scoring.label
        return f"{label} score" if label.endswith("normalised") else label


def load_figure_data(
    session: Session, suite: Suite, board: Leaderboard, *, with_curves: bool
) -> FigureData:
    """Reads what the methods of a board have.

    Args:
        with_curves: curves take longer to read.

    Raises:
        Misused: no method compares with any other under the board's policy.
    """
    methods = load_methods(session, suite)
    shown = {r.method: methods[r.method] for r in board.rows if r.method in methods}
    found = comparable(suite, shown, board.missing)
    if not found.scores:
        raise Misused(
            f"None of {len(shown)} methods has runs of all tasks of {suite.id}: finish "
            "their runs, or ask for --missing common or random."
        )
    scores = {name: found.scores[name] for name in shown if name in found.scores}
    curves = load_curves(session, suite, shown) if with_curves else {}
    runs = {
        name: runs_a_task([len(values) for values in method.raw.values()])
        for name, method in methods.items()
        if method.raw
    }
    foreign = [row.method for row in board.rows if row.method not in methods]
    return FigureData(
        board=board,
        scores=scores,
        curves={
            name: {task: curves[name][task] for task in found.tasks}
            for name in scores
            if set(found.tasks) <= set(curves.get(name, ()))
        },
        looks=looks([*methods, *foreign], runs),
    )


def intervals_of(data: FigureData) -> "Figure":
    """Aggregates of all rows; published means as dashed lines."""
    rows = [row for row in data.board.rows if row.summary is not None]
    return intervals_figure(
        {row.method: row.summary for row in rows if isinstance(row.summary, Summary)},
        data.looks,
        score=data.score,
        reported={
            row.method: {
                name: getattr(row.summary, name).value
                for name in PANELS
                if getattr(row.summary, name) is not None
            }
            for row in rows
            if row.origin == "reported"
        },
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
    """The IQM over agent steps.

    Raises:
        Misused: a method's evaluations share no step at which all its tasks have one.
    """
    found = {}
    for name, curves in data.curves.items():
        try:
            found[name] = stored.sample_efficiency(curves, "iqm", grid=grid(curves))
        except ValueError as error:
            raise Misused(f"{name!r} has no curve: {error}") from error
    return curves_figure(found, data.looks, score=f"IQM, {data.score}")


def grid(curves: CurveData) -> list[int] | None:
    """The steps to draw: all of them (None), or as many as a figure can show.

    Imported curves may have a point an episode, at steps of its own in each run.
    """
    steps = np.unique(
        np.concatenate([run[0] for runs in curves.values() for run in runs])
    )
    if steps.size <= POINTS:
        return None
    return [round(step) for step in np.linspace(steps[0], steps[-1], POINTS)]


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

_SHOWN = {
    "intervals": "Aggregates",
    "profile": "Performance profiles: share of runs with a score above τ",
    "curves": "Sample efficiency: IQM over agent steps, straight between the "
    "evaluations of a run; the strip below, if there is one, shows the share of runs "
    "that have a score",
    "improvement": "Probability that a run of one method scores higher than one of the "
    "other on the same task, mean over tasks; in colour, for whom, where the interval "
    "excludes a half",
}


def figure_caption(name: str, board: Leaderboard) -> str:
    """Everything that a figure rests on, as plain text for its caption."""
    bands = "Bands" if name in ("profile", "curves") else "Bars"
    return (
        f"{_SHOWN[name]}. {bands}: {CONFIDENCE:.0%} intervals; n: runs a task. "
        f"{caption(board)} Missing runs: policy {board.missing}."
    )
