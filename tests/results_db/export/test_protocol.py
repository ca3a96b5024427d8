import pytest

from results_db.export.escape import visible
from results_db.export.protocol import (
    protocol_latex,
    protocol_markdown,
    protocol_parts,
)
from suites.registry import SUITES, load_suite
from tests.results_db.export.tex import as_text, compiled

EVERY_SUITE = pytest.mark.parametrize("name", SUITES)


@EVERY_SUITE
def test_the_paragraph_holds_all_that_a_measurement_rests_on(name):
    suite = load_suite(name)
    text = " ".join(text for _, text in protocol_parts(suite))
    for part in (
        suite.id,
        suite.measurement_hash[:12],
        suite.scoring_hash[:12],
        suite.scoring.reduction,
        f"{suite.seeds} runs a task",
        "50,000 resamples",
        *(one.reference for one in suite.citations),
        *suite.notes,
    ):
        assert part in text, part


@EVERY_SUITE
def test_every_part_has_a_heading_and_ends_with_a_full_stop(name):
    for heading, text in protocol_parts(load_suite(name)):
        assert heading
        assert text.endswith("."), heading


def test_the_budget_the_resets_and_the_evaluation_are_those_of_the_suite():
    parts = dict(protocol_parts(load_suite("atari100k")))
    assert parts["Budget"] == (
        "100,000 agent steps = 400,000 frames a run; an agent step is 4 frames."
    )
    assert "after 27,000 agent steps" in parts["Resets"]
    assert "100 episodes" in parts["Evaluation"]
    assert "10 episodes every 10,000 agent steps" in parts["Evaluation"]
    assert "(score - random) / (human - random)" in parts["Normalisation"]


def test_latex_compiles_and_shows_every_word(tmp_path):
    suites = [load_suite(name) for name in SUITES]
    text = compiled(tmp_path, "\n\n".join(map(protocol_latex, suites)))
    for suite in suites:
        for _, words in protocol_parts(suite):
            start = " ".join(words.split()[:6])
            assert as_text(visible(start)) in text


def test_markdown_says_the_same():
    suite = load_suite("dmc-vision")
    shown = protocol_markdown(suite).replace("\\", "")
    for heading, words in protocol_parts(suite):
        assert f"**{heading}:** {' '.join(words.split())}" in shown
