"""Names are data: they are shown as text in every format, whatever they hold."""

import unicodedata

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


def latex(text: str) -> str:
    """For LaTeX text; characters that pdfTeX cannot set are named by code point."""
    # Two hyphens would become a dash, and a minus written so is no range.
    return "".join(_latex_char(char) for char in visible(text)).replace("--", "-{}-")


def _latex_char(char: str) -> str:
    if char in _LATEX:
        return _LATEX[char]
    if char.isascii():
        return char
    if char == "…":
        return r"\ldots{}"
    # Accented Latin letters are in every inputenc; other scripts are not.
    if "LATIN" in unicodedata.name(char, "") and ord(char) < 0x180:
        return char
    return rf"\texttt{{U+{ord(char):04X}}}"


def markdown(text: str) -> str:
    """For a cell of a Markdown table: no markup, no HTML, no line break."""
    return "".join(f"\\{c}" if c in _MARKDOWN else c for c in visible(text))


def csv_text(text: str) -> str:
    """For a CSV cell: a leading apostrophe keeps spreadsheets from seeing a formula.

    A text that begins with an apostrophe gets another, so that taking one away always
    gives the text back.
    """
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else text


def from_csv_text(cell: str) -> str:
    """The text that csv_text made a cell of; cells of other programs stay as they are,
    unless they begin with an apostrophe before such a character."""
    return cell[1:] if cell[:1] == "'" and csv_text(cell[1:]) == cell else cell
