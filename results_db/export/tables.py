"""The leaderboard as a table: LaTeX for papers, CSV and Markdown for the rest."""

import csv
import io
from collections.abc import Callable
from typing import Any

from results_db.export.escape import csv_text, latex, markdown
from results_db.leaderboard import AGGREGATES, Leaderboard, Row, as_records
from results_db.stats.bootstrap import CONFIDENCE, Estimate
from suites.words import budget_sentence, episodes_sentence

TITLES = {
    "iqm": "IQM",
    "median": "Median",
    "mean": "Mean",
    "optimality_gap": "Optimality gap",
}
LOWER_IS_BETTER = ("optimality_gap",)


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
    """`24/26`: finished of planned; a plain number when they are equal."""
    return (
        str(row.runs)
        if row.runs == row.runs_planned
        else (f"{row.runs}/{row.runs_planned}")
    )


def tasks_shown(row: Row) -> str:
    """`3/26` for an incomplete method."""
    return str(row.tasks) if row.complete else f"{row.tasks}/{row.tasks_total}"


def caption(board: Leaderboard) -> str:
    """Everything that the numbers depend on, in one paragraph of plain text."""
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
            f"Brackets: {CONFIDENCE:.0%} stratified percentile bootstrap intervals "
            f"over runs ({first.resamples:,} resamples, seed {first.seed})."
        )
    sentences.append(
        f"Measurement {suite.measurement_hash[:12]}, scoring {suite.scoring_hash[:12]}."
    )
    return " ".join([*sentences, *board.notes])


def to_latex(board: Leaderboard) -> str:
    """A booktabs table, best values in bold, intervals below them, for `\\input`."""
    best = _best(board)
    shows_tasks = any(not row.complete for row in board.rows)
    columns = [*(TITLES[name] for name in AGGREGATES), "Runs"]
    columns += ["Tasks"] if shows_tasks else []
    lines = [
        "% Needs \\usepackage{booktabs} and, for quotes in names, "
        "\\usepackage[T1]{fontenc} and \\usepackage{textcomp}.",
        r"\begin{table}[t]",
        r"\centering",
        r"\small",
        rf"\begin{{tabular}}{{l{'r' * len(columns)}}}",
        r"\toprule",
        rf"Method & {' & '.join(columns)} \\",
        r"\midrule",
    ]
    for row in board.rows:
        lines += _latex_rows(row, best, shows_tasks=shows_tasks)
    lines += [
        r"\bottomrule",
        r"\end{tabular}",
        rf"\caption{{{latex_sentence(caption(board))}}}",
        rf"\label{{tab:{board.suite.name}}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def latex_sentence(text: str) -> str:
    """Escapes a text of any length."""
    return " ".join(latex(word) for word in text.split())


def _latex_rows(row: Row, best: dict[str, set[str]], *, shows_tasks: bool) -> list[str]:
    """A line of values and, where there are intervals, a smaller one below."""
    values, intervals = [latex(row.method)], [""]
    for name in AGGREGATES:
        estimate: Estimate | None = getattr(row.summary, name, None)
        if estimate is None:
            values.append("--")
            continue
        value = _latex_number(estimate.value)
        bold = row.digest in best.get(name, ())
        values.append(rf"\textbf{{{value}}}" if bold else value)
        if estimate.low is not None and estimate.high is not None:
            low, high = _latex_number(estimate.low), _latex_number(estimate.high)
            intervals.append(rf"\scriptsize [{low}, {high}]")
    values += [runs_shown(row), *([tasks_shown(row)] if shows_tasks else [])]
    lines = [" & ".join(values) + r" \\"]
    if len(intervals) > 1:
        lines.append(" & ".join(intervals) + r" \\[2pt]")
    return lines


def _latex_number(value: float) -> str:
    return f"${number(value)}$" if value < 0 else number(value)


def _best(board: Leaderboard) -> dict[str, set[str]]:
    """Aggregate -> digests of the ranked methods with the best value as printed."""
    best: dict[str, set[str]] = {}
    ranked = [row for row in board.rows if row.summary is not None]
    for name in AGGREGATES if len(ranked) > 1 else ():
        values = {
            row.digest: number(getattr(row.summary, name).value) for row in ranked
        }
        pick = min if name in LOWER_IS_BETTER else max
        winner = pick(values.values(), key=float)
        best[name] = {digest for digest, value in values.items() if value == winner}
    return best


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
    lines = [_markdown_row(header), _markdown_row(["---"] * len(header))]
    for row in board.rows:
        cells = ["-" if row.rank is None else str(row.rank), markdown(row.method)]
        cells += [interval(getattr(row.summary, name, None)) for name in AGGREGATES]
        cells += [column.get(row.digest, "-") for column in trained.values()]
        cells += [runs_shown(row), tasks_shown(row), row.origin]
        lines.append(_markdown_row(cells))
    words = " ".join(markdown(word) for word in caption(board).split())
    return "\n".join([*lines, "", words]) + "\n"


def _markdown_row(cells: list[str]) -> str:
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


TABLES: dict[str, Callable[[Leaderboard], str]] = {
    "latex": to_latex,
    "csv": to_csv,
    "md": to_markdown,
}
