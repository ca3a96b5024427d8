import pytest

from results_db.export.figures.names import (
    LONGEST,
    drawable,
    drawn_names,
    looks,
    runs_a_task,
)
from tests.results_db.hostile import HOSTILE


def test_a_method_keeps_its_look_in_any_order():
    names = [f"m{i}" for i in range(12)]
    assert looks(names, {}) == looks(names[::-1], {})


def test_forty_methods_are_told_apart():
    found = looks([f"m{i}" for i in range(40)], {})
    styles = {(one.colour, one.dashes) for one in found.values()}
    assert len(styles) == 40


def test_equal_colours_have_other_markers():
    found = list(looks([f"m{i:02}" for i in range(24)], {}).values())
    marked = {(one.colour, one.marker) for one in found}
    assert len(marked) == 24


def test_names_are_short_and_distinct():
    names = [f"{'long ' * 20}{end}" for end in ("v1", "v2")] + ["a" * 50, "a" * 51]
    drawn = drawn_names(names)
    assert len(set(drawn.values())) == 4
    assert max(map(len, drawn.values())) <= LONGEST + 4
    assert drawn[names[0]].endswith("v1")


@pytest.mark.parametrize("name", HOSTILE)
def test_every_character_has_a_glyph(name):
    assert drawable(drawable(name)) == drawable(name)
    assert drawable(name).isprintable()


def test_letters_of_other_scripts_are_named():
    assert drawable("DrQ(ε) größer Ж") == "DrQ(ε) größer Ж"
    assert drawable("方") == "U+65B9"
    assert drawable("\u05d0") == "U+05D0"
    assert drawable("e\u0301") == "é"


def test_runs_a_task_are_one_number_or_a_range():
    assert runs_a_task([5, 5]) == "5"
    assert runs_a_task([5, 3]) == "3-5"
