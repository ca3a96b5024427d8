"""A real TeX engine for tests: what is exported must compile, and show what it says."""

import re
import shutil
import subprocess
import unicodedata

import pytest

HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp}
\usepackage{booktabs}\usepackage{graphicx}\usepackage{lmodern}
\setlength{\textheight}{3000pt}\setlength{\paperheight}{3300pt}
\hyphenpenalty=10000 \exhyphenpenalty=10000
\begin{document}
"""


def program(name):
    found = shutil.which(name)
    if found is None:
        pytest.fail(
            f"{name} is needed: apt-get install texlive-latex-recommended lmodern "
            "poppler-utils"
        )
    return found


def pdf_text(path):
    """All text of a PDF in the order in which it was set, without any space."""
    done = subprocess.run(
        [program("pdftotext"), "-raw", str(path), "-"], capture_output=True, check=True
    )
    return squeezed(done.stdout.decode())


def squeezed(text):
    """Ligatures and curly apostrophes undone, no space: for a comparison."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("’", "'")


def compiled(folder, body):
    """Compiles a fragment, without shell escape, and returns the PDF's text."""
    (folder / "table.tex").write_text(f"{HEAD}{body}\n\\end{{document}}\n")
    done = subprocess.run(
        [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "table"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return pdf_text(folder / "table.pdf")


def as_text(shown):
    """How text that is already visible reads in a PDF that pdfTeX made."""
    return squeezed("".join(map(_glyph, shown)))


def _glyph(char):
    latin = unicodedata.name(char, "").startswith("LATIN") and ord(char) < 0x180
    if char in "ŉĦ":  # not in the fonts
        return f"U+{ord(char):04X}"
    if char.isascii() or char == "…" or latin or "α" <= char <= "ω":
        return char
    return f"U+{ord(char):04X}"
