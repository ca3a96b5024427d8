"""Task: all methods on one task, each run a dot."""

from statistics import fmean

import streamlit as st

from dashboard import data
from dashboard.charts.page import dark, show
from dashboard.charts.task import episodes_chart, runs_chart
from dashboard.data import SuiteData
from dashboard.page import by_token, tokens, with_results
from dashboard.selection import choose, choose_many, flag
from results_db.foreign import REPORTED
from results_db.import_format import RAW
from results_db.leaderboard import Row

MOST = 8


def raw(row: Row) -> bool:
    """Whether its scores are in the unit that the others are in."""
    return row.foreign is None or row.foreign.unit == RAW


def means(rows: list[Row], task: str) -> dict[str, float]:
    """Method -> mean raw score on a task, the best first."""
    found = {
        row.method: fmean(row.task_scores[task])
        for row in rows
        if row.task_scores.get(task)
    }
    for row in rows:
        if row.foreign is not None and task in row.foreign.task_means:
            found[row.method] = row.foreign.task_means[task]
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def references(found: SuiteData, task: str) -> dict[str, float]:
    """Reference -> raw score; two of the same value stand together."""
    lines: dict[float, list[str]] = {}
    for reference in found.suite.task(task).references:
        if reference.value is not None:
            lines.setdefault(reference.value, []).append(reference.name)
    return {", ".join(names): value for value, names in lines.items()}


page, found = with_results("Task")
left, right = st.columns([3, 2], vertical_alignment="bottom")
names = [task.name for task in page.suite.tasks]
task = choose("Task", "task", dict(zip(names, names, strict=True)), where=left)
has_reported = any(row.origin == REPORTED for row in found.board.rows)
reported = has_reported and flag(
    "Results of papers", "reported", default=True, where=right
)
rows = [
    row for row in found.board.rows if raw(row) and (reported or row.origin != REPORTED)
]
by_mean = means(rows, task)
if not by_mean:
    st.info(f"No method has runs of {task} yet.")
    st.stop()
st.caption(
    "Each dot is the score of a run, the stroke the mean over runs; a stroke alone is "
    "a published mean. Dotted lines: the references of the suite."
)
show(
    runs_chart(
        {row.method: row.task_scores.get(task, ()) for row in rows},
        by_mean,
        found.looks,
        lines=references(found, task),
        dark_page=dark(),
    ),
    key=f"runs {task}",
    alt=f"Raw scores on {task}, a row a method, the best first",
)
episodes = data.task_episodes(page.database, page.at, page.suite.name, task)
able = [label for label in by_mean if episodes.get(label)]
if able:
    st.subheader("Episodes of the final evaluations")
    chosen = choose_many(
        "Methods",
        "methods",
        tokens(able, found),
        default=list(tokens(able, found))[:4],
        most=MOST,
    )
    shown = [by_token(able)[key] for key in chosen]
    show(
        episodes_chart(
            {label: episodes[label] for label in shown},
            found.looks,
            dark_page=dark(),
        ),
        key=f"episodes {task}",
        alt=f"Share of episodes on {task} with at most a return, a line a method",
    )
