"""The page that figures are drawn on: sizes of a two-column paper, one house style,
files that are the same bytes whenever they are drawn from the same numbers."""

import io
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from results_db.export.figures.names import SMALL, Look, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Format = Literal["pdf", "png"]
FORMATS: tuple[Format, ...] = ("pdf", "png")

COLUMN = 3.3
"""Inches: a column of a two-column paper."""
PAGE = 6.75
"""Inches: both columns."""
BODY = 7.5
"""Points: titles and axis labels."""
LINE = 0.145
"""Inches: a line of small text."""
DPI = 300

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": BODY,
    "axes.titlesize": BODY,
    "axes.labelsize": BODY,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "text.parse_math": False,  # a $ in a name is a $
    "pdf.fonttype": 42,  # TrueType, which conferences ask for
}
_METADATA: dict[Format, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
_ONE_AT_A_TIME = Lock()
"""The style is matplotlib's global state while a figure is drawn."""


def render(draw: "Callable[[], Figure]", kind: Format) -> bytes:
    """Draws a figure in the house style, whatever the user's own settings are.

    Equal numbers give equal bytes (tests/results_db/export/figures/test_figures.py).

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    import matplotlib

    with _ONE_AT_A_TIME, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        figure = draw()
        file = io.BytesIO()
        figure.savefig(file, format=kind, dpi=DPI, metadata=_METADATA[kind])
        return file.getvalue()


def blank(width: float, height: float) -> "Figure":
    """An empty figure of a size in inches, without any global state of pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def axes_at(
    figure: "Figure", left: float, bottom: float, width: float, height: float
) -> "Axes":
    """Axes at a place in inches, from the lower left corner."""
    page_width, page_height = figure.get_size_inches()
    return figure.add_axes(
        (
            left / page_width,
            bottom / page_height,
            width / page_width,
            height / page_height,
        )
    )


def make_room_left(figure: "Figure") -> None:
    """Moves the left edge of all axes, which stand above each other, to where the
    numbers and the titles of their y axes fit; their right edge stays."""
    figure.draw_without_rendering()  # places the numbers
    boxes = [(axes, axes.get_window_extent()) for axes in figure.axes]
    needed = max(
        (box.x0 - words.x0) / figure.dpi
        for axes, box in boxes
        if (words := axes.yaxis.get_tightbbox()) is not None
    )
    left = (needed + 0.04) / figure.get_figwidth()
    for axes in figure.axes:
        place = axes.get_position()
        axes.set_position((left, place.y0, place.x1 - left, place.height))


def legend_shape(labels: Sequence[str], width: float) -> tuple[int, float]:
    """Columns that fit into a width, and the height that the legend then takes."""
    entry = text_width(labels) + 0.42
    columns = max(1, min(len(labels), int(width / entry)))
    return columns, LINE * -(-len(labels) // columns) + 0.06


def draw_legend(
    figure: "Figure", handles: "Sequence[Line2D]", labels: Sequence[str]
) -> None:
    """At the foot of the figure, in as many columns as fit."""
    if not labels:
        return
    columns, _ = legend_shape(labels, figure.get_size_inches()[0] - 0.1)
    # A label that begins with _ would be left out: the texts are set afterwards.
    legend = figure.legend(
        handles,
        [str(i) for i in range(len(labels))],
        loc="lower center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=columns,
        frameon=False,
        borderpad=0.2,
        borderaxespad=0.1,
        handlelength=2.2,
        handletextpad=0.5,
        columnspacing=1.0,
        labelspacing=0.25,
    )
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_text(label)


def line_of(look: Look, **changes: Any) -> "Line2D":
    """What stands for a method in a legend."""
    from matplotlib.lines import Line2D

    style: dict[str, Any] = {
        "color": look.colour,
        "linestyle": look.dashes,
        "marker": look.marker,
    }
    return Line2D([], [], **{**style, **changes})
