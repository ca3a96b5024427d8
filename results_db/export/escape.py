"""Names are data: they are shown as text in every format, whatever they hold."""

import re
import unicodedata
from textwrap import wrap

LONGEST_SHOWN = 120

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line's end it would be an option
    "]": "{]}",
    "*": "{*}",  # there too
}

_NOT_IN_T1 = "ĦħĸĿŀŉŦŧſ"
"""Latin letters that LaTeX's T1 fonts lack (tests compile all others)."""

_MARKDOWN = set("\\`*_{}[]()<>#+-.!|~&$")


def visible(text: str) -> str:
    """Text without control, direction and other invisible characters.

    They are shown as `\\x1b` or `\\u202e`, so nothing moves the cursor, reverses a line
    or hides; very long texts are cut with an ellipsis.
    """
    shown = "".join(
        char
        if char == " " or not unicodedata.category(char).startswith(("C", "Z"))
        else char.encode("unicode_escape", "backslashreplace").decode()
        for char in text[: LONGEST_SHOWN + 1]
    )
    return shown if len(text) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "…"


def one_line(text: str) -> str:
    """A text of any length on one line, with nothing hidden in it."""
    return " ".join(visible(word) for word in text.split())


_GREEK = (
    *("alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota"),
    *("kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon"),
    *("varphi", "chi", "psi", "omega"),
)
_GREEK_NAMES = {name.removeprefix("var"): name for name in _GREEK}
_GREEK_NAMES["lamda"] = "lambda"  # as Unicode spells it


def latex(text: str) -> str:
    """For LaTeX text; characters that pdfTeX cannot set are named by code point."""
    # Two hyphens would become a dash, two commas a low quotation mark.
    escaped = "".join(map(_latex_char, visible(text)))
    escaped = re.sub(r"([-,])(?=\1)", r"\1{}", escaped)
    # An apostrophe within a word is one in every font.
    return re.sub(r"(?<=[A-Za-z])\\textquotesingle\{\}(?=[a-z])", "'", escaped)


def latex_sentence(text: str) -> str:
    """For LaTeX text of any length; a line may end within a very long word."""
    return " ".join(
        r"\allowbreak{}".join(map(latex, wrap(visible(word), 30)))
        for word in text.split()
    )


def latex_lines(text: str, width: int) -> str:
    """For a cell of a LaTeX table: a long name on several lines, never cut short."""
    lines = wrap(visible(text), width) or [""]
    if len(lines) == 1:
        return latex(lines[0])
    inside = r" \\ ".join(map(latex, lines))
    return rf"\shortstack[l]{{{inside}}}"


def _latex_char(char: str) -> str:
    if char in _LATEX:
        return _LATEX[char]
    if char.isascii():
        return char
    if char == "…":
        return r"\ldots{}"
    name = unicodedata.name(char, "")
    # The accented Latin letters of T1; other scripts have no glyphs in its fonts.
    if name.startswith("LATIN") and ord(char) < 0x180 and char not in _NOT_IN_T1:
        return char
    greek = _GREEK_NAMES.get(name.removeprefix("GREEK SMALL LETTER ").lower())
    if greek and name.startswith("GREEK SMALL LETTER "):
        return rf"\ensuremath{{\{greek}}}"
    return rf"\texttt{{U+{ord(char):04X}}}"


def markdown(text: str) -> str:
    """For a cell of a Markdown table: no markup, no HTML, no link, no line break."""
    escaped = "".join(f"\\{c}" if c in _MARKDOWN else c for c in visible(text))
    return escaped.replace("://", "\\://")  # GitHub makes links of bare addresses


def markdown_sentence(text: str) -> str:
    """For Markdown text of any length."""
    return " ".join(markdown(word) for word in text.split())


def csv_text(text: str) -> str:
    """For a CSV cell: a leading apostrophe keeps spreadsheets from seeing a formula.

    A text that begins with an apostrophe gets another, so that taking one away always
    gives the text back.
    """
    return (
        f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "'") else text
    )


def from_csv_text(cell: str) -> str:
    """The text that csv_text made a cell of; cells of other programs stay as they are,
    unless they begin with an apostrophe before such a character."""
    return cell[1:] if cell[:1] == "'" and csv_text(cell[1:]) == cell else cell
