import json
import re
from dataclasses import replace

import pytest

from results_db.database import open_for_reading, read_session
from results_db.export.escape import visible
from results_db.export.tables import (
    TABLES,
    best_methods,
    caption,
    to_latex,
    to_markdown,
)
from results_db.generalisation import Generalisation
from results_db.ingest import ingest
from results_db.leaderboard import as_records, leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer
from tests.results_db.export.tex import as_text, compiled
from tests.results_db.hostile import HOSTILE


def make_board(tmp_path, names):
    return board_of(
        tmp_path,
        {
            name: {t: [v + i / 50 for v in values] for t, values in FULL.items()}
            for i, name in enumerate(names)
        },
    )


def board_of(tmp_path, methods):
    writer = Writer(tmp_path / "runs")
    for name, scores in methods.items():
        writer.submission(name, scores=scores)
    ingest(writer.runs, str(tmp_path / "x.db"))
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        return leaderboard(session, load_suite("toy"), resamples=100)


def test_the_caption_names_everything_that_the_numbers_rest_on(tmp_path):
    board = make_board(tmp_path, ["a"])
    text = caption(board)
    for part in (
        "toy@1",
        "3 tasks",
        "2,000 agent steps",
        "40 episodes",
        "min-max normalised",
        "stratified percentile bootstrap",
        "100 resamples, seed 0",
        board.suite.measurement_hash[:12],
        board.suite.scoring_hash[:12],
        "two runs only",
    ):
        assert part in text


def test_latex_is_a_booktabs_table_with_the_best_in_bold(tmp_path):
    board = make_board(tmp_path, ["worse", "better"])
    text = to_latex(board)
    assert r"\toprule" in text
    assert r"\bottomrule" in text
    (bold,) = [line for line in text.splitlines() if line.startswith("better")]
    assert bold.count(r"\textbf") == 4
    value = f"{board.rows[0].summary.iqm.value:.3f}"
    assert rf"\textbf{{{value}}}" in bold


def test_markdown_has_one_line_a_method(tmp_path):
    text = to_markdown(make_board(tmp_path, HOSTILE))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == len(HOSTILE) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {10}


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_board_is_still_a_table(tmp_path, name):
    board = make_board(tmp_path, ["a"])
    empty = type(board)(board.suite, (), ())
    assert TABLES[name](empty) is not None


def test_hostile_names_compile_as_text(tmp_path):
    text = compiled(tmp_path, to_latex(make_board(tmp_path, HOSTILE)))
    for name in HOSTILE:
        assert as_text(visible(name)) in text, name


def test_a_table_is_never_wider_than_the_text(tmp_path):
    compiled(tmp_path, to_latex(make_board(tmp_path, ["W" * 300, "a" * 120])))
    assert "Overfull" not in (tmp_path / "table.log").read_text(errors="replace")


def test_the_best_stands_in_bold_with_all_that_is_not_separated(tmp_path):
    level = {t: [v] * 2 for t, v in (("catch", 0.5), ("reach", -4.0), ("hurry", 0.7))}
    spread = {t: [v[0] + 0.1, v[0] - 0.2] for t, v in level.items()}
    far = {t: [v[0] - 0.5, v[0] - 0.6] for t, v in level.items()}
    board = board_of(tmp_path, {"best": level, "near": spread, "far": far})
    iqms = best_methods(board)["iqm"]
    names = {row.method for row in board.rows if row.digest in iqms}
    assert names == {"best", "near"}
    text = to_latex(board)
    assert r"\textbf" not in next(x for x in text.splitlines() if x.startswith("far"))
    assert "overlaps" in text


def test_training_levels_are_columns_in_latex_too(tmp_path):
    board = make_board(tmp_path, ["a", "b"])
    found = Generalisation(0.75, -0.125)
    rows = tuple(replace(row, generalisation=found) for row in board.rows)
    text = compiled(tmp_path, to_latex(replace(board, rows=rows)))
    assert "Train-test" in text
    assert "0.750−0.125" in text


def test_json_is_what_the_leaderboard_prints(tmp_path):
    board = make_board(tmp_path, HOSTILE)
    records = json.loads(TABLES["json"](board))
    assert records == json.loads(json.dumps(as_records(board)))
    assert {record["method"] for record in records} == set(HOSTILE)
