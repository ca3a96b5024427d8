"""Export: tables, figures and scores of the selection, as `podium export` has them."""

from dataclasses import replace

import streamlit as st

from dashboard import exports
from dashboard.data import SuiteData
from dashboard.exports import Selection
from dashboard.page import Opened, by_token, tokens, with_results
from dashboard.selection import choose_many, flag, segments
from results_db.export import protocol
from results_db.export.escape import markdown_sentence, one_line
from results_db.export.per_task import TASK_TABLES
from results_db.export.tables import TABLES
from results_db.foreign import REPORTED
from suites.messages import Misused

KINDS = {
    "table": "Aggregates",
    "tasks": "Tasks",
    "figure": "Figure",
    "scores": "Raw scores",
    "protocol": "Protocol",
}
FORMATS = {"latex": "LaTeX", "md": "Markdown", "csv": "CSV", "json": "JSON"}
ENDINGS = {"latex": "tex", "md": "md", "csv": "csv", "json": "json"}
MIME = {
    "latex": "application/x-tex",
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
}
FIGURE_NAMES = {
    "intervals": "Intervals",
    "profile": "Profiles",
    "curves": "Curves",
    "improvement": "P(improvement)",
}
AXES = {"steps": "agent steps", "wall": "wall time"}
LONGEST_PREVIEW = 40_000  # characters; the download has all


def selection(found: SuiteData) -> Selection:
    """The methods and results of papers that are asked for."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    has_reported = any(row.origin == REPORTED for row in found.board.rows)
    reported = has_reported and flag(
        "Results of papers", "reported", default=True, where=right
    )
    labels = [
        row.method for row in found.board.rows if reported or row.origin != REPORTED
    ]
    chosen = choose_many(
        "Methods", "methods", tokens(labels, found), where=left, placeholder="all"
    )
    return Selection(
        suite=found.name,
        missing=found.board.missing,
        reported=reported,
        labels=tuple(by_token(labels)[key] for key in chosen) or None,
    )


def text_export(content: str, name: str, form: str) -> None:
    """A preview, and the whole of it to keep."""
    st.download_button(
        f"Download {name}.{ENDINGS[form]}",
        content.encode("utf-8", "backslashreplace"),
        file_name=f"{name}.{ENDINGS[form]}",
        mime=MIME[form],
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
    if len(content) > LONGEST_PREVIEW:
        st.caption(f"The first {LONGEST_PREVIEW:,} of {len(content):,} characters.")
    language = {"latex": "latex", "md": "markdown", "json": "json"}.get(form)
    st.code(content[:LONGEST_PREVIEW], language=language, wrap_lines=True, height=520)


def figure_export(page: Opened, asked: Selection) -> None:
    """A figure as it will be printed."""
    from results_db.export.figures.captions import figure_caption

    figure = segments("Figure", "figure", FIGURE_NAMES)
    if figure == "curves" and segments("Over", "axis", AXES) == "wall":
        asked = replace(asked, over="wall")
    try:
        drawn = exports.figure_data(page.database, page.at, asked, figure)
        picture = exports.exported_figure(page.database, page.at, asked, figure, "png")
        paper = exports.exported_figure(page.database, page.at, asked, figure, "pdf")
    except Misused as problem:
        st.warning(markdown_sentence(one_line(str(problem))))
        return
    except ModuleNotFoundError:
        st.warning("Figures need matplotlib: pip install 'podium-rl\\[figures\\]'")
        return
    name = f"{page.name}-{figure}"
    left, right, _ = st.columns([1, 1, 2])
    for column, content, kind in ((left, paper, "pdf"), (right, picture, "png")):
        column.download_button(
            f"Download {kind.upper()}",
            content,
            file_name=f"{name}.{kind}",
            mime="application/pdf" if kind == "pdf" else "image/png",
            icon=":material/download:",
            type="primary" if kind == "pdf" else "secondary",
            on_click="ignore",
        )
    st.image(picture, width=760)
    st.caption("Its caption")
    st.code(one_line(figure_caption(figure, drawn)), language=None, wrap_lines=True)


page, found = with_results("Export")
asked = selection(found)
kind = segments("What", "what", KINDS)
name = page.name
if kind == "figure":
    figure_export(page, asked)
elif kind == "scores":
    st.caption("One row a run, as `podium import` reads them.")
    text_export(
        exports.exported_scores(page.database, page.at, asked), f"{name}-scores", "csv"
    )
elif kind == "protocol":
    form = segments("Format", "words", {"latex": "LaTeX", "md": "Markdown"})
    latex = form == "latex"
    write = protocol.protocol_latex if latex else protocol.protocol_markdown
    text_export(write(page.suite), f"{name}-protocol", form)
else:
    form = segments("Format", "format", FORMATS)
    board = exports.exported_board(page.database, page.at, asked)
    tables = TABLES if kind == "table" else TASK_TABLES
    ending = "" if kind == "table" else "-tasks"
    text_export(tables[form](board), f"{name}{ending}", form)
