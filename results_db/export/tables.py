"""The leaderboard as a table: LaTeX for papers, CSV and Markdown for the rest."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from results_db.export.best import RULE, not_separated
from results_db.export.escape import (
    csv_text,
    latex_lines,
    markdown,
    markdown_sentence,
)
from results_db.export.latex_table import bold, latex_number, latex_row, latex_table
from results_db.foreign import REPORTED
from results_db.leaderboard import Leaderboard, Row, as_records
from results_db.stats.bootstrap import CONFIDENCE, Estimate
from results_db.stats.metrics import AGGREGATES
from suites.words import budget_sentence, episodes_sentence

TITLES = {
    "iqm": "IQM",
    "median": "Median",
    "mean": "Mean",
    "optimality_gap": "Optimality gap",
}
LOWER_IS_BETTER = ("optimality_gap",)
FILLED = (
    "Runs that count as random are all given the same score, as if that were certain: "
    "intervals that hold them are too narrow."
)
NAME_WIDTH = 32
"""Characters of a name on a line of a LaTeX table."""


def number(value: float) -> str:
    """Three decimals, as the field prints normalised scores."""
    return f"{value:.3f}"


def interval(estimate: Estimate | None) -> str:
    """`0.337 [0.327, 0.348]`, or what there is of it."""
    if estimate is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return number(estimate.value)
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


def runs_shown(row: Row) -> str:
    """`24/26`: finished of planned; a plain number when they are equal; `-` where a
    paper does not say it."""
    if row.origin == REPORTED and not row.runs:
        return "-"
    return (
        str(row.runs)
        if row.runs == row.runs_planned
        else (f"{row.runs}/{row.runs_planned}")
    )


def rank_set_shown(row: Row) -> str | None:
    """`1-3`, or `2` where the rank is certain."""
    if row.rank_set is None:
        return None
    low, high = row.rank_set
    return str(low) if low == high else f"{low}-{high}"


def tasks_shown(row: Row) -> str:
    """`3/26` for an incomplete method."""
    return str(row.tasks) if row.complete else f"{row.tasks}/{row.tasks_total}"


def caption(board: Leaderboard, *, for_paper: bool = False) -> str:
    """Everything that the numbers depend on, in one paragraph of plain text.

    Args:
        for_paper: also what the marks of an exported table mean.
    """
    suite = board.suite
    summaries = [row.summary for row in board.rows if row.summary is not None]
    sentences = [
        f"Aggregate scores ({suite.scoring.label}) on {suite.id} "
        f"({len(suite.tasks)} tasks, {budget_sentence(suite)}).",
        f"The score of a run is the {suite.scoring.reduction} "
        f"({episodes_sentence(suite)}).",
    ]
    if any(summary.fewest_runs > 1 for summary in summaries):
        first = next(summary for summary in summaries if summary.fewest_runs > 1)
        sentences.append(
            f"Intervals: {CONFIDENCE:.0%} stratified percentile bootstrap intervals "
            f"over runs ({first.resamples:,} resamples, seed {first.seed})."
        )
    if any(row.filled and row.summary for row in board.rows):
        sentences.append(FILLED)
    if for_paper:
        sentences += _marks(board)
    sentences.append(
        f"Measurement {suite.measurement_hash[:12]}, scoring {suite.scoring_hash[:12]}."
    )
    return " ".join([*sentences, *board.notes])


def _marks(board: Leaderboard) -> Iterator[str]:
    """What bold and the ranks of an exported table mean."""
    if any(best_methods(board).values()):
        yield RULE
    if any(row.rank_set for row in board.rows):
        yield (
            "Rank: by IQM, every rank that the runs leave open, all methods together "
            f"with {CONFIDENCE:.0%} confidence."
        )
    yield f"Runs: finished of planned. Missing runs: policy {board.missing}."


def to_latex(board: Leaderboard) -> str:
    """A booktabs float, best values in bold, intervals below them, for `\\input`."""
    best = best_methods(board)
    trained = generalisation_shown(board)
    shows_tasks = any(not row.complete for row in board.rows)
    titles = ["Method", "Rank", *(TITLES[name] for name in AGGREGATES), *trained]
    titles += ["Runs", *(["Tasks"] if shows_tasks else [])]
    lines = []
    for row in board.rows:
        values, intervals = _latex_aggregates(row, best)
        rank = (rank_set_shown(row) or "-").replace("-", "--")
        values = [latex_lines(row.method, NAME_WIDTH), rank, *values]
        values += [latex_number(c.get(row.digest, "--")) for c in trained.values()]
        values += [runs_shown(row), *([tasks_shown(row)] if shows_tasks else [])]
        lines.append(latex_row(values))
        if any(intervals):
            lines.append(latex_row(["", "", *intervals], small=True))
    return latex_table(
        titles,
        lines,
        columns="l" + "r" * (len(titles) - 1),
        caption=caption(board, for_paper=True),
        label=board.suite.name,
        wide=True,
    )


def _latex_aggregates(
    row: Row, best: dict[str, frozenset[str]]
) -> tuple[list[str], list[str]]:
    """The values, and the intervals that stand in a smaller line below them."""
    values, intervals = [], []
    for name in AGGREGATES:
        estimate: Estimate | None = getattr(row.summary, name, None)
        if estimate is None:
            values.append("--")
            intervals.append("")
            continue
        value = latex_number(number(estimate.value))
        values.append(bold(value, when=row.digest in best[name]))
        if estimate.low is None or estimate.high is None:
            intervals.append("")
            continue
        low, high = (latex_number(number(v)) for v in (estimate.low, estimate.high))
        intervals.append(rf"\scriptsize [{low}, {high}]")
    return values, intervals


def best_methods(board: Leaderboard) -> dict[str, frozenset[str]]:
    """Aggregate -> digests of the ranked methods that are best, or not separated."""
    ranked = [row for row in board.rows if row.rank is not None and row.summary]
    return {
        name: not_separated(
            {row.digest: getattr(row.summary, name) for row in ranked},
            lower_is_better=name in LOWER_IS_BETTER,
        )
        for name in AGGREGATES
    }


def generalisation_shown(board: Leaderboard) -> dict[str, dict[str, str]]:
    """Column title -> method digest -> the scores on what was trained on; empty for a
    board without them."""
    found = {row.digest: row.generalisation for row in board.rows if row.generalisation}
    if not found:
        return {}
    return {
        "Train": {key: number(value.training_levels) for key, value in found.items()},
        "Train - test": {key: number(value.gap) for key, value in found.items()},
    }


def to_markdown(board: Leaderboard) -> str:
    """A Markdown table with the caption below."""
    trained = generalisation_shown(board)
    header = ["Rank", "Method", *TITLES.values(), *trained, "Runs", "Tasks", "Origin"]
    lines = [markdown_row(header), markdown_row(["---"] * len(header))]
    best = best_methods(board)
    for row in board.rows:
        cells = [rank_set_shown(row) or "-", markdown(row.method)]
        for name in AGGREGATES:
            shown = interval(getattr(row.summary, name, None))
            cells.append(f"**{shown}**" if row.digest in best[name] else shown)
        cells += [column.get(row.digest, "-") for column in trained.values()]
        cells += [runs_shown(row), tasks_shown(row), row.origin]
        lines.append(markdown_row(cells))
    words = markdown_sentence(caption(board, for_paper=True))
    return "\n".join([*lines, "", words, ""])


def markdown_row(cells: list[str]) -> str:
    """Escaped cells as a row of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def to_csv(board: Leaderboard) -> str:
    """All fields of `podium leaderboard --format json`, one row a method."""
    return records_to_csv(as_records(board))


def records_to_csv(records: list[dict[str, Any]]) -> str:
    """Dicts of equal keys as CSV; absent values are empty."""
    text = io.StringIO()
    if records:
        writer = csv.DictWriter(text, records[0].keys(), lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow(
                {k: csv_text(v) if isinstance(v, str) else v for k, v in record.items()}
            )
    return text.getvalue()


def to_json(board: Leaderboard) -> str:
    """The records of `podium leaderboard --format json`."""
    return json.dumps(as_records(board), indent=1) + "\n"


TABLES: dict[str, Callable[[Leaderboard], str]] = {
    "latex": to_latex,
    "csv": to_csv,
    "md": to_markdown,
    "json": to_json,
}
