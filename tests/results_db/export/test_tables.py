import os
import re
import shutil
import subprocess

import pytest

from results_db.database import open_for_reading, read_session
from results_db.export.tables import TABLES, caption, to_latex, to_markdown
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer
from tests.results_db.hostile import HOSTILE


def make_board(tmp_path, names):
    writer = Writer(tmp_path / "runs")
    for index, name in enumerate(names):
        shifted = {t: [v + index / 50 for v in values] for t, values in FULL.items()}
        writer.submission(name, scores=shifted)
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


def compile_latex(folder, body):
    document = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage[utf8]{inputenc}"
        "\\usepackage{textcomp}\\usepackage{booktabs}\\begin{document}"
        f"{body}\\end{{document}}"
    )
    (folder / "table.tex").write_text(document)
    return subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def test_hostile_names_compile_as_text(tmp_path):
    if shutil.which("pdflatex") is None:
        if os.environ.get("PODIUM_CI"):
            pytest.fail("a TeX engine must be installed in CI")
        pytest.skip("no pdflatex")
    board = make_board(tmp_path, HOSTILE)
    result = compile_latex(tmp_path, to_latex(board))
    assert result.returncode == 0, result.stdout[-2000:]
    assert (tmp_path / "table.pdf").stat().st_size > 1000
