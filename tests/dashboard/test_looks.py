"""Names and colours on the screen."""

from dashboard.looks import screen_looks
from dashboard.selection import token
from results_db.export.figures.names import looks
from tests.results_db.hostile import HOSTILE


def test_a_method_has_the_colour_of_exported_figures():
    names = [f"method {number}" for number in range(20)]
    paper = looks(names, {})
    screen = screen_looks(names)
    assert all(screen[name].colour == paper[name].colour for name in names)


def test_twenty_methods_differ_in_colour_or_dash():
    found = screen_looks([f"method {number}" for number in range(20)])
    assert len({(look.colour, look.dash) for look in found.values()}) == 20


def test_black_is_not_drawn_on_a_dark_page():
    found = screen_looks([f"method {number}" for number in range(8)])
    dark = {look.on(True) for look in found.values()}
    assert "#000000" not in dark
    assert len(dark) == 8


def test_names_for_plotly_hold_no_tag_and_no_formula():
    for look in screen_looks(HOSTILE).values():
        assert "<" not in look.html
        assert "$" not in look.html


def test_names_are_short_and_distinct():
    names = [look.name for look in screen_looks(HOSTILE).values()]
    assert len(set(names)) == len(HOSTILE)
    assert max(map(len, names)) <= 40


def test_tokens_of_the_address_are_short_and_distinct():
    tokens = [token(name) for name in HOSTILE]
    assert len(set(tokens)) == len(HOSTILE)
    assert max(map(len, tokens)) <= 60
    assert token("DrQ(eps)") == "DrQ(eps)"
