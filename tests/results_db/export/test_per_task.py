import csv
import io
import json
import re
from html import escape

import numpy as np
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
from results_db.export.task_means import mean_over_runs, task_rows
from results_db.stats.bootstrap import summarise
from results_db.stats.scores import Scores
from tests.results_db.conftest import FULL
from tests.results_db.export.test_tables import board_of, make_board
from tests.results_db.export.tex import as_text, compiled
from tests.results_db.hostile import HOSTILE


def test_a_mean_has_the_interval_of_the_aggregates():
    runs = (3.0, 5.0, 4.0, 9.0, 1.0)
    ours = mean_over_runs(runs, resamples=20_000)
    theirs = summarise(Scores.of({"task": runs}), resamples=20_000).mean
    assert ours.value == pytest.approx(np.mean(runs), abs=1e-12)
    assert ours.low == pytest.approx(theirs.low, abs=0.25)
    assert ours.high == pytest.approx(theirs.high, abs=0.25)
    assert mean_over_runs(runs) == mean_over_runs(runs)


def test_one_run_has_no_interval():
    assert mean_over_runs((2.0,)).low is None


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
