"""The figures of a suite, from run files to PDF."""

import pytest

from results_db.database import open_for_reading, read_session
from results_db.export.figures.of_suite import (
    FIGURES,
    figure_caption,
    load_figure_data,
    thresholds,
)
from results_db.export.figures.page import render
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from results_db.stats.scores import Scores
from suites.messages import Misused
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer
from tests.results_db.export.tex import pdf_text

BETTER = {task: [v + 0.1 for v in values] for task, values in FULL.items()}
PARTIAL = {"catch": [0.1, 0.2]}


def data_of(tmp_path, methods, *, missing="refuse", only=None):
    writer = Writer(tmp_path / "runs")
    for name, scores in methods.items():
        writer.submission(name, scores=scores)
    ingest(writer.runs, str(tmp_path / "x.db"))
    suite = load_suite("toy")
    with read_session(open_for_reading(str(tmp_path / "x.db"))) as session:
        board = leaderboard(session, suite, missing=missing, only=only, resamples=100)
        return load_figure_data(session, suite, board, with_curves=True)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_shows_the_methods_that_compare(tmp_path, name):
    data = data_of(tmp_path, {"first": FULL, "second": BETTER, "part": PARTIAL})
    (tmp_path / "x.pdf").write_bytes(render(lambda: FIGURES[name](data), "pdf"))
    text = pdf_text(tmp_path / "x.pdf")
    assert "first(n=2)" in text
    assert "second(n=2)" in text
    assert "part" not in text


def test_a_chosen_method_keeps_its_look(tmp_path):
    methods = {"a": FULL, "b": BETTER, "c": BETTER}
    whole = data_of(tmp_path, methods)
    chosen = data_of(tmp_path, methods, only=["c"])
    assert list(chosen.scores) == ["c"]
    assert chosen.looks["c"] == whole.looks["c"]


def test_common_tasks_are_those_of_all_methods(tmp_path):
    data = data_of(tmp_path, {"a": FULL, "part": PARTIAL}, missing="common")
    assert {scores.tasks for scores in data.scores.values()} == {("catch",)}
    assert {tuple(curves) for curves in data.curves.values()} == {("catch",)}
    assert "policy common" in figure_caption("curves", data.board)


def test_a_caption_says_what_a_figure_rests_on(tmp_path):
    data = data_of(tmp_path, {"a": FULL})
    for name in FIGURES:
        text = figure_caption(name, data.board)
        for part in (
            "toy@1",
            "95%",
            "policy refuse",
            data.board.suite.scoring_hash[:12],
        ):
            assert part in text


def test_what_cannot_be_drawn_is_said(tmp_path):
    with pytest.raises(Misused, match="--missing common"):
        data_of(tmp_path, {"part": PARTIAL})
    one = data_of(tmp_path, {"a": FULL, "part": PARTIAL})
    with pytest.raises(Misused, match="two methods"):
        FIGURES["improvement"](one)


def test_thresholds_reach_over_the_runs():
    taus = thresholds({"m": Scores.of({"t": [-0.5, 0.2, 3.0]})})
    assert taus[0] < -0.4
    assert taus[-1] > 2.8
    assert thresholds({"m": Scores.of({"t": [0.2, 0.3]})})[[0, -1]].tolist() == [0, 1]
