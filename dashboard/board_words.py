"""The words of the leaderboard page."""

from collections.abc import Iterator

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


def newcomer_sentence(suite: Suite) -> str:
    """One sentence: what is ranked and how."""
    count = len(suite.tasks)
    return (
        "Methods are ranked by the interquartile mean (IQM), the mean of the middle "
        f"half, of their runs' scores on {count} tasks, where 0 is {suite.scoring.low} "
        f"and 1 is {suite.scoring.high}; brackets are 95 % intervals over runs, and a "
        "rank like 2-3 says that the runs leave both open."
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
            TITLES["iqm"]: interval(getattr(row.summary, "iqm", None)),
            "Runs": runs_shown(row),
            "Tasks": tasks_shown(row),
            "Origin": row.origin,
            **{
                TITLES[name]: interval(getattr(row.summary, name, None))
                for name in AGGREGATES
                if name != "iqm"
            },
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


def facts(row: Row) -> Iterator[tuple[str, str]]:
    """(what, value) of one method, for its own section."""
    yield "Rank set", rank_set_shown(row) or "not ranked"
    yield "IQM", interval(getattr(row.summary, "iqm", None))
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
