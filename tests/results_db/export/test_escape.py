import csv
import io
import unicodedata

import pytest

from results_db.export.escape import csv_text, from_csv_text, latex, markdown, visible
from results_db.export.tables import records_to_csv
from tests.results_db.export.tex import compiled, squeezed
from tests.results_db.hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_moves_the_cursor_or_hides(name):
    shown = visible(name)
    assert shown.isprintable()
    assert len(shown) <= 121


def test_plain_names_stay_as_they_are():
    name = "DrQ(ε) v2.1 — größer"
    assert visible(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb", "a\\nb"),
        ("abc\u202edef", "abc\\u202edef"),
        ("a\u00a0b", "a\\xa0b"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("x" * 200, "x" * 120 + "…"),
    ],
)
def test_hidden_characters_become_visible(name, shown):
    assert visible(name) == shown


@pytest.mark.parametrize("name", HOSTILE)
def test_latex_has_no_command_but_ours(name):
    text = latex(name)
    assert "\\input" not in text.replace(r"\textbackslash{}input", "")
    for special in "$&#%_":
        assert special not in text.replace("\\" + special, "")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def test_latex_of_a_formula_is_text():
    assert latex(r"a_1 & \b{50%}") == r"a\_1 \& \textbackslash{}b\{50\%\}"
    assert latex("a--b") == "a-{}-b"
    assert latex("方法") == r"\texttt{U+65B9}\texttt{U+6CD5}"


def test_latex_makes_no_other_sign_of_two(tmp_path):
    for text in ("a,,b", "a,,,b", "a---b", "a?`b", "a<<b>>", "a''b``"):
        assert squeezed(compiled(tmp_path, latex(text))).startswith(text), text


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_has_no_markup_and_no_line_break(name):
    text = markdown(name)
    assert "\n" not in text
    for special in "|<>[]`*_!":
        assert special not in text.replace("\\" + special, "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'a"])
def test_csv_cells_are_no_formulas(name):
    assert csv_text(name) == "'" + name


@pytest.mark.parametrize("name", HOSTILE)
def test_csv_keeps_one_row_a_record(name):
    text = records_to_csv([{"method": name, "iqm": 0.5}, {"method": "b", "iqm": None}])
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 2
    assert rows[0]["method"].removeprefix("'") == name
    assert rows[0]["method"] == csv_text(name)
    assert rows[1]["iqm"] == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_csv_cell_gives_the_text_back(name):
    assert from_csv_text(csv_text(name)) == name


def test_latex_sets_every_letter_that_it_claims_to_know(tmp_path):
    letters = [chr(i) for i in range(0x20, 0x500) if not latex(chr(i)).count("U+")]
    text = compiled(tmp_path, "\n".join(map(latex, letters)))
    greek = [c for c in letters if unicodedata.name(c, "").startswith("GREEK")]
    assert len(letters) > 95 + 180
    for letter in ("é", "ß", "ő", "Ł", *(set(greek) - set("ςσθφ"))):
        assert letter in text, letter
    assert {"ε", "λ", "σ"} <= set(greek)
