"""The figures of a suite, from run files to PDF."""

import json

import pytest

from results_db.database import open_for_reading, read_session
from results_db.export.figures.captions import figure_caption
from results_db.export.figures.of_suite import FIGURES, load_figure_data, thresholds
from results_db.export.figures.page import render
from results_db.imports import import_file
from results_db.ingest import ingest
from results_db.leaderboard import leaderboard
from results_db.stats.curves import sample_efficiency
from results_db.stats.scores import Scores
from suites.messages import Misused
from suites.published import Published
from suites.registry import load_suite
from tests.results_db.conftest import FULL, Writer
from tests.results_db.export.tex import pdf_text, squeezed

BETTER = {task: [v + 0.1 for v in values] for task, values in FULL.items()}
PARTIAL = {"catch": [0.1, 0.2]}


def paper(name, means=("catch", "reach", "hurry"), iqm=None):
    return Published(
        method=name,
        citation=f"{name} 2020",
        source="",
        unit="raw",
        evaluation="final",
        statistic="mean",
        deviations="",
        second_hand=False,
        means=dict.fromkeys(means, 0.5),
        runs=dict.fromkeys(means, 5),
        spread=dict.fromkeys(means),
        iqm=iqm,
        optimality_gap=None,
    )


PAPERS = {
    "Paperiqm": paper("Paperiqm", iqm=0.4),
    "Papermean": paper("Papermean"),
    "Paperfew": paper("Paperfew", ["catch"]),
}
IMPORTED = "\n".join(
    ["method,task,run,score,agent_steps"]
    + [f"Plain,{task},{run},0.{run + 1}," for task in FULL for run in range(3)]
    # One of four runs has a curve.
    + [f"Curved,{task},{run},0.{run}," for task in FULL for run in (1, 2, 3)]
    + [f"Curved,{task},0,0.4,{at}" for task in FULL for at in (500, 1000, 2000)]
)


def data_of(
    tmp_path,
    methods,
    *,
    name="curves",
    missing="refuse",
    only=None,
    published=None,
    imported=None,
    untimed=(),
    over="steps",
):
    suite, database = load_suite("toy"), str(tmp_path / "x.db")
    writer = Writer(tmp_path / "runs")
    for method, scores in methods.items():
        writer.submission(method, scores=scores, timed=method not in untimed)
    ingest(writer.runs, database)
    if imported:
        (tmp_path / "theirs.csv").write_text(imported)
        terms = {"unit": "raw", "evaluation": "final", "runs": writer.runs}
        import_file(tmp_path / "theirs.csv", suite, database=database, **terms)
    with read_session(open_for_reading(database)) as session:
        board = leaderboard(session, suite, missing=missing, only=only, resamples=100)
        return load_figure_data(session, suite, name, board, published, over=over)


def text_of(tmp_path, name, data):
    (tmp_path / "x.pdf").write_bytes(render(lambda: FIGURES[name](data), "pdf"))
    return pdf_text(tmp_path / "x.pdf")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_shows_the_methods_that_compare(tmp_path, name):
    methods = {"first": FULL, "second": BETTER, "part": PARTIAL}
    text = text_of(tmp_path, name, data_of(tmp_path, methods, name=name))
    assert "first(n=2)" in text
    assert "second(n=2)" in text
    assert "part" not in text


@pytest.mark.parametrize("missing", ["refuse", "common", "random"])
@pytest.mark.parametrize("name", FIGURES)
def test_what_a_caption_names_is_drawn_or_named_as_left_out(tmp_path, name, missing):
    methods = {"Alpha": FULL, "Beta": BETTER, "Partly": PARTIAL}
    terms = {"published": PAPERS, "imported": IMPORTED, "missing": missing}
    if (name, missing) == ("curves", "random"):
        with pytest.raises(Misused, match="--missing refuse or common"):
            data_of(tmp_path, methods, name=name, **terms)
        return
    data = data_of(tmp_path, methods, name=name, **terms)
    caption, text = figure_caption(name, data), text_of(tmp_path, name, data)
    left_out = "".join(x for x in caption.split(". ") if x.startswith("Not drawn: "))
    for method in (*methods, "Plain", "Curved", *PAPERS):
        label = f"{method} (reported)" if method in PAPERS else f"{method} (n = "
        is_drawn = squeezed(label) in text
        assert is_drawn != (method in left_out), method
        if method in PAPERS and not is_drawn:
            assert f"{method} 2020" not in caption  # no citation of what is not there
    assert "Alpha" not in left_out
    for part in (
        "toy@1",
        "95%",
        f"policy {missing}",
        data.board.suite.scoring_hash[:9],
    ):
        assert part in caption
    too_narrow = "intervals that hold them are too narrow" in caption
    assert too_narrow == (missing == "random")


def test_published_means_alone_are_rows_of_intervals(tmp_path):
    asked = {"only": [], "published": PAPERS}
    data = data_of(tmp_path, {"a": FULL}, name="intervals", **asked)
    text = text_of(tmp_path, "intervals", data)
    assert "Paperiqm(reported)" in text
    assert "Papermean(reported)" in text
    assert data.left_out == {"Paperfew": "tasks are missing"}
    for name in ("profile", "improvement", "curves"):
        with pytest.raises(Misused, match="Paperiqm.*--figure intervals"):
            data_of(tmp_path, {}, name=name, **asked)


def test_runs_without_a_curve_count(tmp_path):
    data = data_of(tmp_path, {}, only=["Curved"], imported=IMPORTED)
    text = text_of(tmp_path, "curves", data)
    assert "Curved(n=4)" in text
    assert "runs,%" in text  # the strip: of 4, one has a curve
    assert "Runs that have a curve: Curved 3 of 12." in figure_caption("curves", data)


def test_curves_without_any_are_refused(tmp_path):
    with pytest.raises(Misused, match=r"curves: Plain \(no curve of every task\)"):
        data_of(tmp_path, {}, only=["Plain"], imported=IMPORTED)


def test_curves_over_wall_time_leave_out_what_has_none(tmp_path):
    terms = {"untimed": ["old"], "over": "wall"}
    data = data_of(tmp_path, {"a": FULL, "old": BETTER}, imported=IMPORTED, **terms)
    text = text_of(tmp_path, "curves", data)
    assert "minutesoftraining" in text
    assert "a(n=2)" in text
    assert "old(n" not in text
    caption = figure_caption("curves", data)
    assert "IQM over the wall time of training" in caption
    assert "(no training time of every run)" in caption
    assert set(data.left_out) == {"old", "Plain", "Curved"}


def test_tasks_that_train_for_quite_different_times_share_a_curve(tmp_path):
    submission = Writer(tmp_path / "runs").submission("short", scores=BETTER)
    for run in submission.path.glob("reach-*"):  # trained ten times as long
        file = run / "evaluations.jsonl"
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        for row in rows:
            row["training_seconds"] *= 10
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    data = data_of(tmp_path, {}, only=["short"], over="wall")
    curve = sample_efficiency(data.curves["short"], resamples=10)
    # From the slow task's first evaluation, where the others have ended long ago.
    assert (curve.at[0], curve.at[-1]) == (600.0, 1980.0)
    steps = data_of(tmp_path, {}, only=["short"]).curves["short"]
    assert curve.value[-1] == sample_efficiency(steps, resamples=10).value[-1]
    assert "keeps its last one" in figure_caption("curves", data)


def test_a_chosen_method_keeps_its_look(tmp_path):
    methods = {"a": FULL, "b": BETTER, "c": BETTER}
    whole = data_of(tmp_path, methods, published=PAPERS)
    chosen = data_of(tmp_path, methods, only=["c"])
    assert list(chosen.scores) == ["c"]
    assert chosen.looks["c"] == whole.looks["c"]


def test_common_tasks_are_those_of_all_methods(tmp_path):
    data = data_of(tmp_path, {"a": FULL, "part": PARTIAL}, missing="common")
    assert {scores.tasks for scores in data.scores.values()} == {("catch",)}
    assert {tuple(curves) for curves in data.curves.values()} == {("catch",)}


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
