"""Leaderboard: the ranked methods of a suite, and one of them in detail."""

import streamlit as st

from dashboard.board_words import facts_html, newcomer_sentence, table_rows
from dashboard.charts.html import show_html
from dashboard.charts.intervals import interval_chart
from dashboard.charts.page import ROW, dark
from dashboard.data import SuiteData
from dashboard.page import by_token, tokens, with_results
from dashboard.selection import (
    choose,
    choose_many,
    flag,
    segments,
    set_one,
    token,
    written,
)
from dashboard.words import raw_number
from results_db.export.escape import markdown, markdown_sentence, one_line, visible
from results_db.export.protocol import protocol_parts
from results_db.export.tables import TITLES, caption, interval, rank_set_shown
from results_db.export.task_means import means_over_runs
from results_db.foreign import REPORTED
from results_db.leaderboard import Row
from results_db.stats.scores import Scores

NOBODY = "-"
RIGHT = ("Rank", "Runs", "Tasks", "Hours", "Train", "Train - test")
WIDE = 178
"""Pixels of `-0.337 [-0.348, -0.327]`, which must not be cut."""


def filtered(found: SuiteData) -> list[Row]:
    """The rows that the reader asks for; ranks stay those among all."""
    origins = list(dict.fromkeys(row.origin for row in found.board.rows))
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    has_reported = REPORTED in origins
    chosen = choose_many(
        "Origin",
        "origin",
        {origin: origin for origin in origins if origin != REPORTED},
        where=left,
        placeholder="all",
        help="here: measured on this installation; bundle: measured elsewhere; "
        "imported: run data of others",
    )
    named = written("Name contains", "name", where=middle)
    reported = has_reported and flag(
        "Results of papers",
        "reported",
        default=True,
        where=right,
        help="Published means: without intervals, never ranked",
    )
    return [
        row
        for row in found.board.rows
        if (row.origin != REPORTED or reported)
        and (not chosen or row.origin in chosen or row.origin == REPORTED)
        and named.casefold() in visible(row.method).casefold()
    ]


def board(found: SuiteData, rows: list[Row]) -> None:
    """The chart and, row by row beside it, the table."""
    aggregate = segments("Chart of", "chart", TITLES)
    names = {row.method: found.looks[row.method].name for row in rows}
    left, right = st.columns([2, 3], gap="small")
    with left:
        show_html(
            interval_chart(
                {row.method: getattr(row.summary, aggregate, None) for row in rows},
                found.looks,
                prefixes={row.method: rank_set_shown(row) or "" for row in rows},
                dark_page=dark(),
            ),
            alt=f"{TITLES[aggregate]} of every method with its interval",
        )
    records = table_rows(found.board, rows, names)
    height = ROW * (len(rows) + 1) + 2
    # The table comes late; what stands below must not jump then.
    st.html(f"<style>.st-key-board{{min-height:{height}px}}</style>")
    with right, st.container(key="board"):
        picked = st.dataframe(
            records,
            hide_index=True,
            height=height,
            row_height=ROW,
            on_select="rerun",
            selection_mode="single-row",
            key=f"table {found.name} {len(rows)}",
            column_config={
                title: st.column_config.TextColumn(
                    title,
                    alignment="right" if title in RIGHT else "left",
                    width=_width(title, records),
                )
                for title in records[0]
            },
        )
    chosen = picked["selection"]["rows"]
    clicked = rows[chosen[0]].method if chosen and chosen[0] < len(rows) else None
    # A click counts once; afterwards the box below may say something else.
    if clicked != st.session_state.get("clicked"):
        st.session_state["clicked"] = clicked
        if clicked is not None:
            set_one("method", token(clicked))


def _width(title: str, records: list[dict[str, str | None]]) -> int | None:
    """Pixels of a column; None leaves it to the table."""
    if title in TITLES.values():
        return WIDE
    if title == "Method":
        longest = max(len(record[title] or "") for record in records)
        return min(WIDE, 24 + 8 * longest)
    return None


def method_section(found: SuiteData, rows: list[Row]) -> None:
    """One method: what it is, its tasks, and the ways to more."""
    labels = [row.method for row in rows]
    options = {NOBODY: "none: choose one here or tick its row", **tokens(labels, found)}
    value = choose("A method in detail", "method", options)
    if value == NOBODY:
        return
    row = found.row(by_token(labels)[value])
    st.subheader(markdown(row.method))
    st.html(facts_html(row))
    if row.overrides:
        st.caption("Configuration that differs from the agent's own")
        st.json(
            {visible(str(k)): visible(str(v)) for k, v in row.overrides.items()},
            expanded=False,
        )
    if row.foreign and row.foreign.citation:
        st.caption(f"To cite: {markdown_sentence(row.foreign.citation)}")
    if row.foreign and row.foreign.note:
        st.caption(markdown_sentence(row.foreign.note))
    tasks = _tasks(row)
    if tasks:
        st.dataframe(
            tasks, hide_index=True, height=min(ROW * (len(tasks) + 1) + 2, 420)
        )
    query = {"suite": found.name, "methods": value}
    left, middle, right, _ = st.columns([1, 1, 1, 3])
    with left:
        st.page_link(
            "views/compare.py",
            label="Compare it",
            icon=":material/balance:",
            query_params=query,
        )
    with middle:
        st.page_link(
            "views/curves.py",
            label="Its curves",
            icon=":material/show_chart:",
            query_params=query,
        )
    with right:
        st.page_link(
            "views/runs.py",
            label="Its runs",
            icon=":material/checklist:",
            query_params={"suite": found.name}
            | ({"by": value} if row.measured and "@" not in row.method else {}),
        )


def _tasks(row: Row) -> list[dict[str, object]]:
    if row.foreign and row.foreign.task_means:
        return [
            {
                "Task": task,
                "Mean": raw_number(mean),
                "Runs": row.foreign.task_runs.get(task),
            }
            for task, mean in row.foreign.task_means.items()
        ]
    if not row.task_scores:
        return []
    means = means_over_runs(Scores.of(row.task_scores))
    return [
        {
            "Task": task,
            "Mean over runs": interval(means[task]),
            "Runs": len(scores),
            "Scores": ", ".join(raw_number(score) for score in scores[:20])
            + (" …" if len(scores) > 20 else ""),
        }
        for task, scores in sorted(row.task_scores.items())
    ]


page, found = with_results("Leaderboard")
st.markdown(newcomer_sentence(page.suite))
rows = filtered(found)
if rows:
    board(found, rows)
    method_section(found, rows)
else:
    st.info("No method answers to these filters.")
with st.expander("What the numbers rest on"):
    st.markdown(markdown_sentence(one_line(caption(found.board))))
with st.expander("The protocol in plain words"):
    st.markdown(
        "\n\n".join(
            f"**{markdown(heading)}.** {markdown_sentence(text)}"
            for heading, text in protocol_parts(page.suite)
        )
    )
