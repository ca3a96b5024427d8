import csv
import io
import json
import re
from dataclasses import replace
from html import escape

import pytest
from markdown_it import MarkdownIt

from results_db.export.escape import from_csv_text, visible
from results_db.export.per_task import (
    METHODS_A_TABLE,
    TASK_TABLES,
    task_records,
    task_table_latex,
    task_table_markdown,
)
from results_db.export.task_means import means_over_runs, task_rows
from results_db.stats.bootstrap import Estimate, summarise
from results_db.stats.scores import Scores
from tests.results_db.conftest import FULL
from tests.results_db.export.test_tables import board_of, make_board
from tests.results_db.export.tex import as_text, compiled
from tests.results_db.hostile import HOSTILE


def test_a_mean_has_the_interval_of_the_aggregates():
    scores = Scores.of({"task": (3.0, 5.0, 4.0, 9.0, 1.0)})
    ours = means_over_runs(scores, resamples=2000)
    assert ours == {"task": summarise(scores, resamples=2000).mean}
    assert ours == means_over_runs(scores, resamples=2000)  # from the store
    several = means_over_runs(Scores.of({"a": (1.0, 2.0), "b": (5.0, 7.0)}))
    assert several["a"].low == 1
    assert several["b"].high == 7


def test_one_run_has_no_interval():
    scores = Scores.of({"one": [2.0], "two": [1.0, 3.0]})
    one, two = means_over_runs(scores, resamples=100).values()
    assert (one.value, one.low) == (2, None)
    assert (two.low, two.high) == (1, 3)
    assert means_over_runs(scores, resamples=0)["two"] == Estimate(2, None, None)


def test_tables_print_no_intervals_of_imported_runs_and_records_do(tmp_path):
    board = board_of(tmp_path, {"ours": FULL, "theirs": FULL})
    ours, theirs = board.rows
    board = replace(board, rows=(ours, replace(theirs, origin="imported")))
    rows = task_rows(board, resamples=100)
    assert all(row.means[ours.digest].low is not None for row in rows)
    assert all(row.means[theirs.digest].low is None for row in rows)
    assert all(record["mean_low"] is not None for record in task_records(board))


def test_the_best_of_a_task_is_marked_with_what_is_not_separated(tmp_path):
    scores = {
        "best": {**FULL, "catch": [0.5, 0.7]},
        "near": {**FULL, "catch": [0.4, 0.6]},
        "far": {**FULL, "catch": [-1.0, -0.9]},
    }
    board = board_of(tmp_path, scores)
    names = {row.digest: row.method for row in board.rows}
    catch = task_rows(board)[0]
    assert catch.task.name == "catch"
    assert {names[digest] for digest in catch.best} == {"best", "near"}


def test_latex_shows_tasks_references_runs_and_aggregates(tmp_path):
    few = {**FULL, "catch": [0.25]}
    board = board_of(tmp_path, {"whole": FULL, "ragged": few})
    source = task_table_latex(board)
    text = compiled(tmp_path, source)
    for part in ("catch", "reach", "hurry", "min", "max", "IQM", "Optimalitygap"):
        assert part in text
    assert "runs a task &" in source
    assert "1--2" in source
    (catch,) = [x for x in source.splitlines() if x.startswith("catch")]
    assert r"{\tiny (1)}" in catch
    assert "& $-1$ & 1 &" in catch
    assert "n = 1 to 2" in source


def test_hostile_names_compile_as_text_in_the_head(tmp_path):
    text = compiled(tmp_path, task_table_latex(make_board(tmp_path, HOSTILE)))
    for name in HOSTILE:
        assert as_text(visible(name)) in text, name


def test_many_methods_stand_in_several_tables_of_readable_width(tmp_path):
    names = [f"method {i}" for i in range(METHODS_A_TABLE + 3)]
    source = task_table_latex(make_board(tmp_path, names))
    assert source.count(r"\begin{table*}") == 2
    assert "Part 2 of 2" in source
    assert r"\label{tab:toy-tasks-2}" in source
    compiled(tmp_path, source)


def test_markdown_has_a_row_a_task_and_no_live_markup(tmp_path):
    text = task_table_markdown(make_board(tmp_path, HOSTILE))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 3 + 4
    pipes = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
    assert pipes == {len(HOSTILE) + 4}
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    tags = {"table", "thead", "tbody", "tr", "th", "td", "p", "em", "strong"}
    assert set(re.findall(r"<([a-z0-9]+)", html)) == tags
    assert "://" not in text.replace("\\://", "")
    assert escape("<script>alert(1)</script>", quote=False) in html


def test_csv_and_json_hold_every_mean_whole(tmp_path):
    board = make_board(tmp_path, HOSTILE)
    records = task_records(board)
    assert json.loads(TASK_TABLES["json"](board)) == json.loads(json.dumps(records))
    rows = list(csv.DictReader(io.StringIO(TASK_TABLES["csv"](board), newline="")))
    assert len(rows) == len(records) == 3 * len(HOSTILE)
    for row, record in zip(rows, records, strict=True):
        assert from_csv_text(row["method"]) == record["method"]
        assert float(row["mean"]) == record["mean"]


@pytest.mark.parametrize("name", TASK_TABLES)
def test_an_empty_board_is_still_a_table(tmp_path, name):
    board = make_board(tmp_path, ["a"])
    empty = type(board)(board.suite, (), ())
    assert isinstance(TASK_TABLES[name](empty), str)
