"""The words of the leaderboard page."""

from collections.abc import Iterator
from html import escape

from results_db.export.escape import visible
from results_db.export.tables import (
    TITLES,
    generalisation_shown,
    interval,
    rank_set_shown,
    runs_shown,
    tasks_shown,
)
from results_db.leaderboard import Leaderboard, Row
from results_db.stats.metrics import AGGREGATES
from suites.spec import Suite
from suites.words import budget_sentence


def newcomer_sentence(suite: Suite) -> str:
    """One sentence: what is ranked and how."""
    count = len(suite.tasks)
    tasks = f"{count} tasks" if count > 1 else "one task"
    return (
        "Methods are ranked by the interquartile mean (IQM), the mean of the middle "
        f"half, of their runs' scores on {tasks} after {budget_sentence(suite)} of "
        f"training, where 0 is {suite.scoring.low} and 1 is {suite.scoring.high}; "
        "brackets are 95 % intervals over runs, and a rank like 2-3 says that the runs "
        "leave both open."
    )


def table_rows(
    board: Leaderboard, rows: list[Row], names: dict[str, str]
) -> list[dict[str, str | None]]:
    """What the table shows, text as the field prints it; columns that nothing fills
    are left out."""
    trained = generalisation_shown(board)
    records = [
        {
            "Rank": rank_set_shown(row) or "–",
            "Method": names[row.method],
            TITLES["iqm"]: _shown(row, "iqm"),
            "Runs": runs_shown(row),
            "Tasks": tasks_shown(row),
            "Origin": row.origin,
            **{TITLES[name]: _shown(row, name) for name in AGGREGATES if name != "iqm"},
            **{title: column.get(row.digest, "–") for title, column in trained.items()},
            "Isolation": row.isolation,
            "Tuning": row.tuning,
            "Hours": "–" if row.foreign else f"{row.wall_seconds / 3600:.2f}",
            "Drifted": str(row.drifted) if row.drifted else "",
            "Filled": str(row.filled) if row.filled else "",
        }
        for row in rows
    ]
    empty = [
        title
        for title in ("Drifted", "Filled")
        if not any(record[title] for record in records)
    ]
    return [{k: v for k, v in one.items() if k not in empty} for one in records]


def facts_html(row: Row) -> str:
    """The facts of one method, as many beside each other as there is room for."""
    cells = "".join(
        f'<div><dt style="opacity:.65;font-size:13px;font-weight:400">'
        f"{escape(what)}</dt>"
        f'<dd style="margin:0">{escape(visible(value))}</dd></div>'
        for what, value in facts(row)
    )
    return (
        '<dl style="display:grid;gap:12px 16px;margin:0;padding:0;'
        f'grid-template-columns:repeat(auto-fill,minmax(130px,1fr))">{cells}</dl>'
    )


def facts(row: Row) -> Iterator[tuple[str, str]]:
    """(what, value) of one method, for its own section."""
    yield "Rank set", rank_set_shown(row) or "not ranked"
    yield "IQM", _shown(row, "iqm")
    yield "Runs", runs_shown(row)
    yield "Tasks", tasks_shown(row)
    yield "Origin", row.origin
    if row.foreign:
        yield "Evaluation", row.foreign.evaluation
        yield "Unit", row.foreign.unit
    else:
        yield "Isolation", row.isolation
        yield "Tuning", row.tuning
        yield "Hours", f"{row.wall_seconds / 3600:.2f}"


def _shown(row: Row, aggregate: str) -> str:
    estimate = getattr(row.summary, aggregate, None)
    return "–" if estimate is None else interval(estimate)
