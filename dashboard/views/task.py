"""Task: all methods on one task, each run a dot."""

import streamlit as st

from dashboard import data
from dashboard.charts.page import ROW, dark, show
from dashboard.charts.task import episodes_chart, runs_chart
from dashboard.data import SuiteData
from dashboard.page import Opened, by_token, tokens, with_results
from dashboard.selection import choose, choose_many, flag, token
from dashboard.videos import filmed, video_bytes
from results_db.export.escape import markdown, one_line
from results_db.export.task_means import decimals_for, means_over_runs
from results_db.foreign import REPORTED
from results_db.import_format import RAW
from results_db.leaderboard import Row
from results_db.stats.bootstrap import RESAMPLES, Estimate
from results_db.stats.scores import Scores
from results_db.videos import Filmed, VideoGone

MOST = 8
MOST_RESAMPLED = 100  # runs of a method: imported files may hold thousands


def raw(row: Row) -> bool:
    """Whether its scores are in the unit that the others are in."""
    return row.foreign is None or row.foreign.unit == RAW


def means(rows: list[Row], task: str) -> dict[str, Estimate]:
    """Method -> mean raw score on a task with its interval, the best first; no interval
    of one run, of a published mean, and of thousands of imported runs."""
    found = {}
    for row in rows:
        runs = row.task_scores.get(task)
        if runs:
            resamples = RESAMPLES if len(runs) <= MOST_RESAMPLED else 0
            scores = Scores.of({task: runs})
            found[row.method] = means_over_runs(scores, resamples=resamples)[task]
        if row.foreign is not None and task in row.foreign.task_means:
            mean = row.foreign.task_means[task]
            found[row.method] = Estimate(mean, None, None)
    return dict(sorted(found.items(), key=lambda one: (-one[1].value, one[0])))


def runs_shown(row: Row, task: str) -> str:
    """How many runs a mean is of, where that is known."""
    count: int | None = len(row.task_scores.get(task, ()))
    if not count and row.foreign is not None:
        count = row.foreign.task_runs.get(task)
    return str(count or "–")


def means_table(
    by_mean: dict[str, Estimate], rows: list[Row], found: SuiteData, task: str
) -> None:
    """The means in numbers."""
    of = {row.method: row for row in rows}
    decimals = decimals_for(max(abs(one.value) for one in by_mean.values()))
    st.dataframe(
        [
            {
                "Method": found.looks[label].name,
                "Mean": f"{one.value:,.{decimals}f}",
                "95 % interval": "–"
                if one.low is None or one.high is None
                else f"[{one.low:,.{decimals}f}, {one.high:,.{decimals}f}]",
                "Runs": runs_shown(of[label], task),
            }
            for label, one in by_mean.items()
        ],
        hide_index=True,
        height=min(ROW * (len(by_mean) + 1) + 2, 420),
    )


def video(found: SuiteData, page: Opened, task: str) -> None:
    """The final policy of a run at work, where that was recorded."""
    st.subheader("A run at work")
    names = {method.info.digest: label for label, method in found.methods.items()}
    asked = filmed(page.database, page.at, page.name, task)
    runs = {
        f"{token(names[one.method])} s{one.seed} {one.submission[:60]}": one
        for one in asked
        if one.method in names and one.error is None
    }
    if not runs:
        why = sorted({one.error for one in asked if one.error})
        st.info(f"No video was recorded on {task}. New runs record theirs with:")
        st.code(
            f"podium submit AGENT --suite {page.name} --tasks {task} --video",
            language="shell",
        )
        for reason in why[:3]:
            st.caption(f"Not recorded: {markdown(one_line(reason))}")
        return
    titles = {
        key: f"{found.looks[names[one.method]].name} · seed {one.seed}"
        for key, one in runs.items()
    }
    one = runs[choose("Run", "film", titles)]
    try:
        content = video_bytes(data.runs_folder(), one)
    except VideoGone as gone:
        st.warning(f"Its video is {markdown(one_line(str(gone)))}")
        return
    st.video(content, format="video/mp4", width=420)
    st.caption(markdown(_what_it_shows(one)))


def _what_it_shows(one: Filmed) -> str:
    """Numbers of a record, as far as they are numbers."""
    steps, value = one.record.get("agent_steps"), one.record.get("episode_return")
    every = one.record.get("every")
    words = "The first episode of the final evaluation"
    if isinstance(steps, int) and isinstance(value, int | float):
        words += f": {steps:,} decisions, return {value:,.6g}"
    if isinstance(every, int) and every > 1:
        words += f"; shown {every} times as fast, every {every}th picture"
    return f"{words}."


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
    "Each dot is the score of a run, the stroke the mean over runs, the bar its 95 % "
    "interval; a stroke alone is a published mean. Dotted lines: the references of the "
    "suite; those far off stand at the edge."
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
    alt=f"Raw scores on {task}, a row a method, the best first; the means are below",
)
means_table(by_mean, rows, found, task)
episodes = data.task_episodes(page.database, page.at, page.name, task)
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
video(found, page, task)
