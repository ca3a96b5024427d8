"""`podium suites SUITE` in plain words, for every suite."""

import pytest

from harness.cli.protocol_words import protocol_lines, source_lines
from suites.registry import SUITES, load_suite

EVERY_SUITE = pytest.mark.parametrize("name", SUITES)


@EVERY_SUITE
def test_the_whole_protocol_is_told(name):
    suite = load_suite(name)
    text = "\n".join([*protocol_lines(suite), *source_lines(suite)])
    for reference in {r.source for task in suite.tasks for r in task.references}:
        assert reference in text
    for deviation in suite.deviations:
        assert f"{deviation.of}: {deviation.differs}" in text
    for citation in suite.citations:
        assert citation.reference in text
    assert suite.measurement_hash[:12] in text
    assert all(note in text for note in suite.notes)


def words(name):
    return "\n".join(protocol_lines(load_suite(name)))


def test_settings_and_choices_are_told():
    assert "sticky probability 0.25, full action space yes, no no-ops" in words(
        "atari57"
    )
    assert "whether a lost life looks like an end" in words("atari100k")
    assert "lost life looks" not in words("atari57")
    assert "train levels 500" in words("procgen-hard")
    assert "camera 0 or 2 by task" in words("dmc-vision")
    assert "action repeat 2 or 4 or 8 by task" in words("dmc-planet-100k")
    assert "10 episodes every 5,000 agent steps" in words("dmc-vision")


def test_the_papers_of_the_protocol_tables_are_among_the_deviations():
    def deviating(name):
        return " ".join(d.of for d in load_suite(name).deviations)

    for of in ("SPR", "DQN Zoo", "Dopamine", "BBF", "DreamerV3", "IRIS", "Efficient"):
        assert of in deviating("atari100k")
    for of in ("DrQ-v2", "A-LIX", "DreamerV3", "MR.Q", "TD-MPC2"):
        assert of in deviating("dmc-vision")
    for of in ("DreamerV3", "MR.Q", "TD-MPC2", "SimBa"):
        assert of in deviating("dmc-proprio")
