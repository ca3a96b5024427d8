"""The raw scores of every task, methods side by side: what a paper's appendix shows."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from results_db.export.best import RULE
from results_db.export.escape import (
    latex,
    latex_lines,
    markdown,
    markdown_sentence,
)
from results_db.export.latex_table import RULE as MIDRULE
from results_db.export.latex_table import bold, latex_number, latex_row, latex_table
from results_db.export.tables import (
    TITLES,
    best_methods,
    caption,
    markdown_row,
    number,
    records_to_csv,
)
from results_db.export.task_means import TaskRow, task_rows
from results_db.leaderboard import Leaderboard, Row
from results_db.stats.metrics import AGGREGATES

METHODS_A_TABLE = 8
"""More stand in a second LaTeX table: columns must stay readable."""
HEAD_WIDTH = 12
"""Characters of a name on a line of a LaTeX table's head."""


def task_caption(board: Leaderboard, rows: list[TaskRow]) -> str:
    """What the cells are, then everything that the aggregates below rest on."""
    counts = [n for row in rows for n in row.runs.values()]
    sentences = ["Raw scores by task, mean over runs"]
    few, many = min(counts, default=0), max(counts, default=0)
    if counts:
        sentences[0] += f" (n = {few})" if few == many else f" (n = {few} to {many})"
    sentences[0] += "; below, the normalised aggregates."
    if any(_is_uneven(rows, method) for method in board.rows):
        sentences.append("In brackets: n where it is not that of most tasks.")
    if any(row.best for row in rows) or any(best_methods(board).values()):
        sentences.append(RULE)
    sentences.append(f"Missing runs: policy {board.missing}.")
    return " ".join([*sentences, caption(board)])


def task_table_latex(board: Leaderboard) -> str:
    """Booktabs floats, at most METHODS_A_TABLE methods in each."""
    rows = task_rows(board)
    size = METHODS_A_TABLE
    blocks = [board.rows[i : i + size] for i in range(0, len(board.rows), size)]
    return "\n".join(
        _latex_block(board, rows, block, part=part, parts=len(blocks))
        for part, block in enumerate(blocks or [()], start=1)
    )


def _latex_block(
    board: Leaderboard,
    rows: list[TaskRow],
    methods: tuple[Row, ...],
    *,
    part: int,
    parts: int,
) -> str:
    suite = board.suite
    usual = {method.digest: _usual_runs(rows, method) for method in methods}
    lines = [
        latex_row(["runs a task", "", "", *(_spread(rows, one) for one in methods)]),
        MIDRULE,
    ]
    for row in rows:
        cells = [latex(row.task.name), *map(latex_number, _constants(board, row))]
        for method in methods:
            cells.append(_latex_cell(row, method.digest, usual[method.digest]))
        lines.append(latex_row(cells))
    lines.append(MIDRULE)
    best = best_methods(board)
    for name in AGGREGATES:
        cells = [TITLES[name], "", ""]
        for method in methods:
            estimate = getattr(method.summary, name, None)
            shown = "--" if estimate is None else latex_number(number(estimate.value))
            cells.append(bold(shown, when=method.digest in best[name]))
        lines.append(latex_row(cells))
    several = f" Part {part} of {parts}." if parts > 1 else ""
    heads = [latex_lines(method.method, HEAD_WIDTH) for method in methods]
    return latex_table(
        ["Task", latex(suite.scoring.low), latex(suite.scoring.high), *heads],
        lines,
        columns="lrr" + "r" * len(methods),
        caption=task_caption(board, rows) + several,
        label=f"{suite.name}-tasks" + (f"-{part}" if parts > 1 else ""),
        # 57 tasks must fit on a page, with their caption.
        size=r"\scriptsize" if len(rows) > 40 else r"\footnotesize",
        wide=len(methods) > 2,
    )


def _latex_cell(row: TaskRow, method: str, usual: int) -> str:
    """A mean, with its number of runs where it is not the column's."""
    if method not in row.means:
        return "--"
    shown = latex_number(f"{row.means[method].value:.{row.decimals}f}")
    runs = row.runs.get(method, usual)
    count = "" if runs == usual else rf" {{\tiny ({runs})}}"
    return bold(shown, when=method in row.best) + count


def _usual_runs(rows: list[TaskRow], method: Row) -> int:
    """The number of runs that most tasks have."""
    counts = [row.runs[method.digest] for row in rows if method.digest in row.runs]
    return max(set(counts), key=lambda n: (counts.count(n), n), default=0)


def _is_uneven(rows: list[TaskRow], method: Row) -> bool:
    """Whether its tasks have unequal numbers of runs."""
    return (
        len({row.runs[method.digest] for row in rows if method.digest in row.runs}) > 1
    )


def _spread(rows: list[TaskRow], method: Row) -> str:
    """`5`, or `3--5` for a column whose tasks have unequal numbers of runs."""
    counts = [row.runs[method.digest] for row in rows if method.digest in row.runs]
    if not counts:
        return "--" if method.foreign else "0"
    few, many = min(counts), max(counts)
    return str(few) if few == many else f"{few}--{many}"


def _constants(board: Leaderboard, row: TaskRow) -> list[str]:
    """Whole, not rounded: they are copied."""
    scoring = board.suite.scoring
    values = (row.task.reference(name).value for name in (scoring.low, scoring.high))
    return ["--" if value is None else f"{value:.12g}" for value in values]


def task_table_markdown(board: Leaderboard) -> str:
    """A Markdown table with the caption below; the number of runs in brackets."""
    rows = task_rows(board)
    scoring = board.suite.scoring
    names = [markdown(method.method) for method in board.rows]
    header = ["Task", markdown(scoring.low), markdown(scoring.high), *names]
    lines = [markdown_row(header), markdown_row(["---"] * len(header))]
    for row in rows:
        cells = [markdown(row.task.name), *_constants(board, row)]
        for method in board.rows:
            cells.append(_markdown_cell(row, method.digest))
        lines.append(markdown_row(cells))
    best = best_methods(board)
    for name in AGGREGATES:
        cells = [f"*{TITLES[name]}*", "", ""]
        for method in board.rows:
            estimate = getattr(method.summary, name, None)
            shown = "-" if estimate is None else number(estimate.value)
            cells.append(f"**{shown}**" if method.digest in best[name] else shown)
        lines.append(markdown_row(cells))
    return "\n".join([*lines, "", markdown_sentence(task_caption(board, rows)), ""])


def _markdown_cell(row: TaskRow, method: str) -> str:
    if method not in row.means:
        return "-"
    shown = f"{row.means[method].value:.{row.decimals}f}"
    mark = "**" if method in row.best else ""
    return f"{mark}{shown}{mark} ({row.runs.get(method, 'n?')})"


def task_records(board: Leaderboard) -> list[dict[str, Any]]:
    """One record a task and method, for JSON and CSV; whole numbers, not rounded."""
    return list(_records(board, task_rows(board, foreign_intervals=True)))


def _records(board: Leaderboard, rows: list[TaskRow]) -> Iterator[dict[str, Any]]:
    suite = board.suite
    for row in rows:
        bounds: Mapping[str, float | None] = {
            "zero": row.task.reference(suite.scoring.low).value,
            "one": row.task.reference(suite.scoring.high).value,
        }
        for method in board.rows:
            estimate = row.means.get(method.digest)
            yield {
                "task": row.task.name,
                **bounds,
                "method": method.method,
                "method_digest": method.digest,
                "origin": method.origin,
                "mean": estimate and estimate.value,
                "mean_low": estimate and estimate.low,
                "mean_high": estimate and estimate.high,
                "runs": row.runs.get(method.digest, 0),
                "best": method.digest in row.best,
                "protocol": suite.id,
                "measurement_hash": suite.measurement_hash,
                "scoring_hash": suite.scoring_hash,
            }


TASK_TABLES: dict[str, Callable[[Leaderboard], str]] = {
    "latex": task_table_latex,
    "csv": lambda board: records_to_csv(task_records(board)),
    "md": task_table_markdown,
    "json": lambda board: json.dumps(task_records(board), indent=1) + "\n",
}
