"""A LaTeX table from escaped cells: booktabs, and never wider than the text."""

import re
from collections.abc import Sequence

from results_db.export.escape import latex_sentence

NEEDS = (
    "% Needs \\usepackage{booktabs}, \\usepackage{graphicx} and, for quotes in names, "
    "\\usepackage[T1]{fontenc} and \\usepackage{textcomp}."
)
RULE = r"\midrule"
"""A line between rows."""


def latex_table(  # what a table is made of, each once
    head: Sequence[str],
    lines: Sequence[str],
    *,
    columns: str,
    caption: str,
    label: str,
    size: str = r"\small",
    wide: bool = False,
) -> str:
    r"""A float for `\input`; what is too wide shrinks to the width of the text.

    Args:
        head: escaped titles of the columns.
        lines: escaped rows with their `\\`, and RULE.
        columns: as `tabular` takes them, e.g. `lrr`.
        caption: plain text of any length.
        label: of the float, plain letters.
        size: of the font.
        wide: across both columns of a paper that has two.
    """
    float_ = "table*" if wide else "table"
    return "\n".join(
        [
            NEEDS,
            rf"\begin{{{float_}}}[t]",
            r"\centering",
            size,
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(head) + r" \\",
            RULE,
            *lines,
            r"\bottomrule",
            r"\end{tabular}}",
            rf"\caption{{{latex_sentence(caption)}}}",
            rf"\label{{tab:{label}}}",
            rf"\end{{{float_}}}",
            "",
        ]
    )


def latex_row(cells: Sequence[str], *, small: bool = False) -> str:
    r"""Escaped cells with `\\`; a small row hangs below the one before."""
    return " & ".join(cells) + (r" \\[2pt]" if small else r" \\")


def latex_number(text: str) -> str:
    """A number as printed, with a minus that is one."""
    return f"${text}$" if re.match(r"-\d", text) else text


def bold(text: str, *, when: bool) -> str:
    """In bold, in text and in maths."""
    if not when:
        return text
    if text.startswith("$"):
        return rf"$\mathbf{{{text.strip('$')}}}$"
    return rf"\textbf{{{text}}}"
