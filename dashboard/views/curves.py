"""Curves: how fast methods learn, all tasks together and task by task."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard.charts.html import show_html
from dashboard.charts.lines import curve_chart
from dashboard.charts.page import dark, show
from dashboard.charts.panels import small_multiples
from dashboard.data import SuiteData
from dashboard.looks import repeated
from dashboard.page import by_token, tokens, with_results
from dashboard.selection import choose_many, flag, segments
from dashboard.wall_time import wall_curves
from dashboard.words import score_name
from results_db.ahead import CURVES, best_first
from results_db.export.escape import markdown
from results_db.export.figures.of_suite import grid
from results_db.export.tables import TITLES, interval
from results_db.foreign import REPORTED
from results_db.stats import stored
from results_db.stats.curves import Curve, CurveData
from results_db.wall_time import held, time_unit

MOST = 8
AXES = {"steps": "agent steps", "frames": "frames", "wall": "wall time"}


def curve_of(name: str, points: CurveData, aggregate: str) -> Curve | None:
    """A method's curve; None, with a word on the page, where it has none."""
    try:
        return stored.sample_efficiency(
            points,
            aggregate,
            grid=grid(points),
            gamma=found.suite.scoring.optimality_target,
        )
    except ValueError as error:
        st.caption(f"{markdown(name)} has no curve: {markdown(str(error))}.")
        return None


def repeat(found: SuiteData) -> int | None:
    """Frames a step; None where tasks differ in it."""
    repeats = {task.protocol.action_repeat for task in found.suite.tasks}
    return repeats.pop() if len(repeats) == 1 else None


def published(found: SuiteData, aggregate: str) -> dict[str, float]:
    """Reported method -> its value, for dashed lines."""
    values = {
        row.method: getattr(row.summary, aggregate, None)
        for row in found.board.rows
        if row.origin == REPORTED
    }
    return {label: one.value for label, one in values.items() if one is not None}


def axis_of(axis: str, per_step: int | None) -> tuple[float, str]:
    """What agent steps are multiplied by, and what the axis is called."""
    return (per_step or 1 if axis == "frames" else 1), AXES[axis]


def time_axis(drawn: dict[str, Curve]) -> tuple[float, str]:
    """The same of seconds, in a unit that suits the longest curve."""
    unit, seconds = time_unit(max(float(curve.at[-1]) for curve in drawn.values()))
    return 1 / seconds, f"{unit} of training"


def timed(points: Mapping[str, CurveData]) -> Mapping[str, CurveData]:
    """The same methods' curves over seconds of training; those that lack the time are
    named on the page."""
    known = wall_curves(page.database, page.at, page.name)
    lacking = [found.looks[label].name for label in points if label not in known]
    if lacking:
        st.caption(
            "Without wall time, because a run of theirs was made by an older Podium or "
            f"elsewhere: {markdown(', '.join(lacking))}."
        )
    return {
        label: {task: known[label][task] for task in of_tasks}
        for label, of_tasks in points.items()
        if label in known
    }


def scaled(points: Mapping[str, CurveData], scale: float) -> dict[str, CurveData]:
    """The same curves on the page's axis."""
    return {
        label: {
            task: [(at * scale, values) for at, values in runs]
            for task, runs in of_tasks.items()
        }
        for label, of_tasks in points.items()
    }


page, found = with_results("Curves")
tasks = set(found.found.tasks)
curves = data.curves(page.database, page.at, page.name)
able = [
    row.method
    for row in found.board.rows
    if row.method in found.found.scores and tasks <= set(curves.get(row.method, ()))
]
if not able:
    st.info("No method has curves over all tasks of this suite yet.")
    st.stop()
chosen = choose_many(
    "Methods",
    "methods",
    tokens(able, found),
    default=list(tokens(best_first(found.board.rows, set(able), CURVES), found)),
    most=MOST,
)
labels = [by_token(able)[key] for key in chosen]
left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
with left:
    aggregate = segments("Aggregate", "aggregate", TITLES)
per_step = repeat(found)
with middle:
    axes = {key: name for key, name in AXES.items() if per_step or key != "frames"}
    axis = segments("Over", "axis", axes)
dashed = published(found, aggregate)
with_dashed = bool(dashed) and flag(
    "Published values", "lines", default=False, where=right
)
points: Mapping[str, CurveData] = {
    label: {task: curves[label][task] for task in found.found.tasks} for label in labels
}
if axis == "wall":
    points = timed(points)
scale, called = axis_of(axis, per_step)
drawn: dict[str, Curve] = {}
for label, one in points.items():
    curve = curve_of(label, held(one) if axis == "wall" else one, aggregate)
    if curve is not None:
        drawn[label] = curve
if axis == "wall" and drawn:
    scale, called = time_axis(drawn)
if drawn:
    show(
        curve_chart(
            drawn,
            found.looks,
            score=f"{TITLES[aggregate]}, {score_name(page.suite)}",
            per_step=scale,
            steps=called,
            reported=dashed if with_dashed else {},
            dark_page=dark(),
        ),
        key="curves",
        alt=f"{TITLES[aggregate]} over {called}, a line a method, with 95 % bands",
    )
    if axis == "wall":
        st.caption(
            "Wall time of training on the machine of each run, without evaluations; "
            "what a killed run did again counts once."
        )
    beyond = "its last score" if axis == "wall" else "nothing"
    st.caption(
        f"Straight between the evaluations of a run, {beyond} beyond its last one; the "
        "strip below is the share of runs that have a score there. Bands: 95 %."
        + repeated(found.looks[label] for label in drawn)
    )
    rows = []
    for label, curve in drawn.items():
        row = {"Method": found.looks[label].name}
        if axis != "wall":  # there it would depend on the slowest run
            row[f"{TITLES[aggregate]}, mean over training"] = interval(curve.area)
        row[f"{TITLES[aggregate]} at the end"] = f"{curve.value[-1]:.3f}"
        row["Runs"] = str(curve.runs)
        rows.append(row)
    st.dataframe(rows, hide_index=True)
    st.subheader("Task by task")
    st.caption(f"Every line is a run; {score_name(page.suite)} over {called}.")
    panels = [task for task in found.found.tasks if task in tasks]
    show_html(
        small_multiples(panels, scaled(points, scale), found.looks, dark_page=dark()),
        alt="Scores over training, a panel a task, a line a run",
    )
elif not labels:
    st.info("Choose a method.")
