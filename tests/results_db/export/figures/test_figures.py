"""Every figure by its content: text of the PDF, size of the PNG, equal bytes."""

import io
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from results_db.export.figures.curves import curves_figure
from results_db.export.figures.improvement import improvement_figure
from results_db.export.figures.intervals import intervals_figure
from results_db.export.figures.page import COLUMN, DPI, PAGE, render
from results_db.export.figures.profiles import profiles_figure
from results_db.stats.bootstrap import Estimate, Summary
from tests.results_db.export.figures.conftest import Results
from tests.results_db.export.tex import pdf_text, program, squeezed
from tests.results_db.hostile import HOSTILE

SCORE = "human-normalised score"
FIGURES = {
    "intervals": lambda r: intervals_figure(
        {**r.summaries, **r.reported}, r.looks, score=SCORE, reported=r.reported
    ),
    "profile": lambda r: profiles_figure(r.profiles, r.looks, score=SCORE),
    "curves": lambda r: curves_figure(
        r.curves,
        r.looks,
        score=f"IQM, {SCORE}",
        reported={name: summary.iqm.value for name, summary in r.reported.items()},
    ),
    "improvement": lambda r: improvement_figure(r.pairs, r.looks),
}
EVERY_FIGURE = pytest.mark.parametrize("name", FIGURES)


def text_of(figure, tmp_path):
    (tmp_path / "figure.pdf").write_bytes(render(figure, "pdf"))
    return pdf_text(tmp_path / "figure.pdf")


@EVERY_FIGURE
def test_names_and_numbers_of_runs_are_text_of_the_pdf(name, results, tmp_path):
    text = text_of(lambda: FIGURES[name](results), tmp_path)
    for method in results.names:
        assert squeezed(f"{method} (n = 5)") in text


@EVERY_FIGURE
def test_hostile_names_are_text(name, tmp_path):
    results = Results(HOSTILE[:9] if name == "improvement" else HOSTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # e.g. a glyph that the font lacks
        text = text_of(lambda: FIGURES[name](results), tmp_path)
    for method in results.names:
        assert squeezed(results.looks[method].label) in text, method


@EVERY_FIGURE
def test_a_figure_is_as_wide_as_a_column_or_the_page(name, results):
    image = Image.open(io.BytesIO(render(lambda: FIGURES[name](results), "png")))
    both = name == "intervals" or (name == "improvement" and len(results.names) > 5)
    assert image.width == int((PAGE if both else COLUMN) * DPI)
    assert image.height < 9 * DPI


@EVERY_FIGURE
def test_nothing_is_drawn_beyond_the_edge(name, results):
    image = Image.open(io.BytesIO(render(lambda: FIGURES[name](results), "png")))
    pixels = np.asarray(image.convert("L"))
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() == 255


@EVERY_FIGURE
@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_equal_numbers_give_equal_bytes(name, kind):
    results = Results(["a", "b", "c"])
    first = render(lambda: FIGURES[name](results), kind)
    assert render(lambda: FIGURES[name](results), kind) == first
    assert b"CreationDate" not in first


def test_fonts_are_embedded_as_truetype(tmp_path, results):
    text_of(lambda: FIGURES["profile"](results), tmp_path)
    done = subprocess.run(
        [program("pdffonts"), str(tmp_path / "figure.pdf")],
        capture_output=True,
        text=True,
        check=True,
    )
    fonts = done.stdout.splitlines()[2:]
    assert fonts
    assert all("TrueType" in line and " yes " in line for line in fonts)


@pytest.mark.parametrize("name", ["intervals", "curves"])
def test_reported_values_are_named_as_such_once(name, results, tmp_path):
    text = text_of(lambda: FIGURES[name](results), tmp_path)
    assert text.count("Fromapaper(reported)") == 1
    assert text.count("Also(reported)") == 1
    assert "(reported)(reported)" not in text


def test_reported_values_are_hollow_rows_without_intervals(results):
    panels = FIGURES["intervals"](results).axes
    rows = len(results.names) + len(results.reported)
    for panel in panels:
        assert len(panel.get_yticks()) == rows
        hollow = [x for x in panel.lines if x.get_markerfacecolor() == "white"]
        of_reported = [x for x in panel.lines if x.get_ydata()[0] >= rows - 2]
        assert hollow == of_reported
    # What a paper does not give is not drawn.
    assert [len(panel.lines) - 2 * len(results.names) for panel in panels] == [
        *(2, 2, 2, 0)
    ]


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_and_titles_of_curves_are_on_the_page(size, sign):
    results = Results(["a"])
    results.reported = {}
    curve = results.curves["a"]
    ends = {"value": sign * size * curve.value, "low": None, "high": None}
    results.curves["a"] = replace(curve, **ends)
    assert_on_the_page(lambda: FIGURES["curves"](results))


@EVERY_FIGURE
def test_everything_is_on_the_page(name, results):
    assert_on_the_page(lambda: FIGURES[name](results))


def assert_on_the_page(draw):
    def checked():
        figure = draw()
        box = figure.get_tightbbox()
        assert min(box.x0, box.y0) >= 0
        assert box.x1 <= figure.get_figwidth()
        assert box.y1 <= figure.get_figheight()
        return figure

    render(checked, "png")


def test_live_runs_are_shown_where_some_have_ended(tmp_path):
    results = Results(["a", "b"])
    assert "runs,%" not in text_of(lambda: FIGURES["curves"](results), tmp_path)
    results.curves["b"] = results.curve(0.5, live=(15, 15, 10, 5))
    assert "runs,%" in text_of(lambda: FIGURES["curves"](results), tmp_path)


def test_without_intervals_points_and_lines_are_drawn(tmp_path):
    results = Results(["a"])
    alone = Estimate(0.5, None, None)
    results.summaries["a"] = Summary(alone, alone, alone, alone, 1, 100, 0, "digest")
    for name in ("intervals", "improvement"):
        assert render(lambda name=name: FIGURES[name](results), "pdf")


def test_drawing_leaves_matplotlib_as_it_was():
    code = """
import matplotlib, sys
matplotlib.rcParams.update({"text.usetex": True, "font.size": 30})
from results_db.export.figures.page import blank, render
assert b"PDF" in render(lambda: blank(1, 1), "pdf")
assert matplotlib.rcParams["text.usetex"] and matplotlib.rcParams["font.size"] == 30
assert matplotlib.rcParams["text.parse_math"]
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
