"""Curves: how fast methods learn, all tasks together and task by task."""

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
from dashboard.words import score_name
from results_db.ahead import CURVES, best_first
from results_db.export.escape import markdown
from results_db.export.figures.of_suite import grid
from results_db.export.tables import TITLES, interval
from results_db.foreign import REPORTED
from results_db.stats import stored
from results_db.stats.curves import Curve, CurveData

MOST = 8
AXES = {"steps": "agent steps", "frames": "frames"}


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


page, found = with_results("Curves")
tasks = set(found.found.tasks)
curves = data.curves(page.database, page.at, page.suite.name)
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
    axis = segments("Over", "axis", AXES if per_step else {"steps": AXES["steps"]})
dashed = published(found, aggregate)
with_dashed = bool(dashed) and flag(
    "Published values", "lines", default=False, where=right
)
points = {
    label: {task: curves[label][task] for task in found.found.tasks} for label in labels
}
drawn: dict[str, Curve] = {}
for label, one in points.items():
    curve = curve_of(label, one, aggregate)
    if curve is not None:
        drawn[label] = curve
if drawn:
    show(
        curve_chart(
            drawn,
            found.looks,
            score=f"{TITLES[aggregate]}, {score_name(page.suite)}",
            per_step=per_step if axis == "frames" and per_step else 1,
            steps=AXES[axis],
            reported=dashed if with_dashed else {},
            dark_page=dark(),
        ),
        key="curves",
        alt=f"{TITLES[aggregate]} over {AXES[axis]}, a line a method, with 95 % bands",
    )
    st.caption(
        "Straight between the evaluations of a run, nothing beyond its last one; the "
        "strip below is the share of runs that have a score there. Bands: 95 %."
        + repeated(found.looks[label] for label in drawn)
    )
    st.dataframe(
        [
            {
                "Method": found.looks[label].name,
                f"{TITLES[aggregate]}, mean over training": interval(curve.area),
                f"{TITLES[aggregate]} at the end": f"{curve.value[-1]:.3f}",
                "Runs": str(curve.runs),
            }
            for label, curve in drawn.items()
        ],
        hide_index=True,
    )
    st.subheader("Task by task")
    st.caption(f"Every line is a run; {score_name(page.suite)} over agent steps.")
    panels = [task for task in found.found.tasks if task in tasks]
    show_html(
        small_multiples(panels, points, found.looks, dark_page=dark()),
        alt="Scores over training, a panel a task, a line a run",
    )
else:
    st.info("Choose a method.")
