"""Runs: everything that was started, what became of it, and where its numbers come
from."""

from collections import Counter
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import data
from dashboard.charts.page import ROW
from dashboard.live import log_tail, unfinished
from dashboard.page import Opened, how_to_start, opened
from dashboard.selection import choose, choose_many, set_one, token, written
from dashboard.words import duration
from results_db.export.escape import markdown, one_line, visible
from results_db.ledger import LedgerRow, RunRecord, differences, flat

NOBODY = "-"
MOST_OPTIONS = 300
"""Runs in a select box; words narrow down which."""
LIVE_SECONDS = 2
COLUMNS = (
    *("Method", "Task", "Seed", "State", "Cause", "Attempts", "Agent steps", "Took"),
    *("Ended (UTC)", "Origin", "Protocol"),
)


def identity(row: LedgerRow) -> str:
    """What stands in the address; the database's own number changes."""
    return f"{row.submission}/{row.task}-s{row.seed}"


@st.fragment(run_every=LIVE_SECONDS)  # type: ignore[untyped-decorator]
def live(suite_id: str) -> None:
    """Runs at work and those that wait; redrawn by itself."""
    records = unfinished(Path(data.runs_folder()), suite_id)
    if not records:
        return
    working = sum(str(one["State"]).startswith("running") for one in records)
    st.subheader("Without a result yet")
    st.caption(
        f"{working} at work, {len(records) - working} not; read from the run files "
        f"every {LIVE_SECONDS} seconds."
    )
    st.dataframe(
        records,
        hide_index=True,
        height=min(ROW * (len(records) + 1) + 2, 400),
        column_config={
            "Progress": st.column_config.ProgressColumn(
                format="percent", min_value=0.0, max_value=1.0
            )
        },
        key="live",
    )


def narrowed(rows: list[LedgerRow]) -> list[LedgerRow]:
    """The rows that the reader asks for."""
    left, middle, right, last = st.columns(4)
    states = {one: one for one in sorted({row.state for row in rows})}
    tasks = {one: one for one in sorted({row.task for row in rows})}
    names = {token(row.method): visible(row.method) for row in rows}
    state = choose_many("State", "state", states, where=left, placeholder="all")
    task = choose_many("Task", "of", tasks, where=middle, placeholder="all")
    name = choose_many("Method", "by", names, where=right, placeholder="all")
    words = written(
        "Words",
        "find",
        where=last,
        help="Runs whose method, task, state or submission have all of them; "
        "`pong-s3` is seed 3 of pong",
    )
    narrower = [
        row
        for row in rows
        if (not state or row.state in state)
        and (not task or row.task in task)
        and (not name or token(row.method) in name)
    ]
    return with_words(narrower, words)


def with_words(rows: list[LedgerRow], words: str) -> list[LedgerRow]:
    """The rows that hold every one of some words."""
    asked = words.casefold().split()
    if not asked:
        return rows
    return [
        row
        for row in rows
        if all(word in f"{_title(row)} {identity(row)}".casefold() for word in asked)
    ]


def offered(
    label: str, rows: list[LedgerRow], first: LedgerRow | None
) -> dict[str, str]:
    """The options of a select box, with a word where there are more runs than it has.

    Args:
        first: the run that the address asks for, offered whatever the filters say.
    """
    some = [*([first] if first else []), *rows[:MOST_OPTIONS]]
    if len(rows) > MOST_OPTIONS:
        st.caption(
            f"{label}: the first {MOST_OPTIONS} of {len(rows):,} runs are offered; "
            "words above narrow them down to any other."
        )
    return {identity(row): _title(row) for row in some}


def record(row: LedgerRow, measurement: str) -> dict[str, Any]:
    """A row of the table."""
    error = row.error or {}
    cause = f"{error.get('type', '')}: {error.get('message', '')}" if error else ""
    return {
        "Method": visible(row.method),
        "Task": row.task,
        "Seed": row.seed,
        "State": row.state,
        "Cause": one_line(cause),
        "Attempts": row.attempts,
        "Agent steps": row.agent_steps,
        "Took": duration(row.wall_seconds),
        "Ended (UTC)": (row.ended_at or "–")[:16].replace("T", " "),
        "Origin": row.origin,
        "Protocol": "this" if row.measurement_hash == measurement else "another",
    }


def ledger(rows: list[LedgerRow], measurement: str) -> None:
    """All runs, and a click opens one."""
    counts = Counter(row.state for row in rows)
    restarted = sum(row.attempts > 1 for row in rows)
    words = [f"{count:,} {state}" for state, count in counts.most_common()]
    words += [f"{restarted:,} restarted"] if restarted else []
    st.caption(f"{len(rows):,} runs: {', '.join(words)}.")
    failures = any(row.error for row in rows)
    picked = st.dataframe(
        [record(row, measurement) for row in rows],
        column_order=None if failures else [c for c in COLUMNS if c != "Cause"],
        hide_index=True,
        height=min(ROW * (len(rows) + 1) + 2, 420),
        on_select="rerun",
        selection_mode="single-row",
        key=f"ledger {len(rows)}",
    )
    chosen = picked["selection"]["rows"]
    clicked = identity(rows[chosen[0]]) if chosen and chosen[0] < len(rows) else None
    if clicked != st.session_state.get("clicked run"):
        st.session_state["clicked run"] = clicked
        if clicked is not None:
            set_one("run", clicked)


def run_section(page: Opened, rows: list[LedgerRow], every: list[LedgerRow]) -> None:
    """One run in detail, and what differs from another."""
    known = {identity(row): row for row in every}
    options = {
        NOBODY: "none: choose one here or tick its row",
        **offered("A run in detail", rows, known.get(st.query_params.get("run", ""))),
    }
    value = choose("A run in detail", "run", options)
    if value == NOBODY:
        return
    row = known[value]
    found = data.run_record(page.database, page.at, row.run_id)
    if found is None:
        return
    st.subheader(markdown(_title(row)))
    _error(row)
    left, right = st.columns(2)
    with left:
        _fields("Identity and counts", flat(found.facts))
        _fields("Configuration", flat(found.config))
    with right:
        _fields("Provenance", flat(found.provenance))
    for title, records in (("Attempts", found.attempts), ("Ledger", found.events)):
        if records:
            st.caption(title)
            st.dataframe(list(records), hide_index=True)
    tail = log_tail(Path(data.runs_folder()), row.submission, row.task, row.seed)
    if tail:
        with st.expander("End of its log", expanded=row.error is not None):
            st.code(tail, language=None)
    other_section(page, known, value, found)


def other_section(
    page: Opened, known: dict[str, LedgerRow], value: str, found: RunRecord
) -> None:
    """What differs between two runs."""
    rows = [row for key, row in known.items() if key != value]
    if len(rows) > MOST_OPTIONS:
        rows = with_words(rows, written("Words of the other run", "with"))
    asked = known.get(st.query_params.get("other", ""))
    asked = None if asked is known[value] else asked
    others = {NOBODY: "none", **offered("The other run", rows, asked)}
    other = choose("Compare with another run", "other", others)
    if other == NOBODY:
        return
    second = data.run_record(page.database, page.at, known[other].run_id)
    if second is None:
        return
    fields = differences(found, second)
    st.caption(f"{len(fields)} fields differ.")
    st.dataframe(
        [
            {"Field": visible(field), "This run": visible(a), "The other": visible(b)}
            for field, a, b in fields
        ],
        hide_index=True,
        height=min(ROW * (len(fields) + 1) + 2, 420),
    )


def _title(row: LedgerRow) -> str:
    return f"{visible(row.method)} · {row.task} · seed {row.seed} · {row.state}"


def _error(row: LedgerRow) -> None:
    if row.error:
        kind, message = row.error.get("type", ""), row.error.get("message", "")
        st.error(markdown(one_line(f"{kind}: {message}")))


def _fields(title: str, fields: dict[str, str]) -> None:
    if not fields:
        return
    st.caption(title)
    st.dataframe(
        [{"Field": visible(k), "Value": visible(v)} for k, v in fields.items()],
        hide_index=True,
        height=min(ROW * (len(fields) + 1) + 2, 340),
    )


st.title("Runs")
page = opened(without_database=True)
live(page.suite.id)
every = data.ledger(page.database, page.at, page.name) if page.at else []
if every:
    st.subheader("The ledger")
    rows = narrowed(every)
    if rows:
        ledger(rows, page.suite.measurement_hash)
    else:
        st.info("No run answers to these filters.")
    run_section(page, rows, every)
elif page.at:
    how_to_start(page.suite)
