"""How methods look in figures: names that the font can draw, colours that they keep."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from results_db.export.escape import visible
from results_db.foreign import REPORTED

OKABE_ITO = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
    *("#E69F00", "#56B4E9", "#000000", "#999999"),
)
"""Told apart by the colour-blind; grey for its yellow, which paper does not show.
Source: Okabe and Ito 2008, jfly.uni-koeln.de/color."""
DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "-",
    (0, (5.0, 1.5)),
    (0, (1.0, 1.2)),
    (0, (5.0, 1.2, 1.0, 1.2)),
    (0, (8.0, 1.2, 1.0, 1.2, 1.0, 1.2)),
)
"""One for every eight methods, so that equal colours differ in line and marker."""
MARKERS = "osD^vP<X>*hd"
SMALL = 7.0
"""Points: ticks and legends."""
LONGEST = 34
WIDEST = 2.1
"""Characters and inches of a name in a figure; longer ones lose their middle."""


@dataclass(frozen=True)
class Look:
    """One method in every figure of a suite."""

    name: str
    """As it is drawn."""
    runs: str
    """Runs a task, `5` or `3-5`; empty for what a paper reports."""
    colour: str
    dashes: str | tuple[int, tuple[float, ...]]
    marker: str

    @property
    def label(self) -> str:
        """`SPR (n = 5)`, for legends and axes."""
        return f"{self.name} (n = {self.runs})" if self.runs else self.name

    @property
    def reported_label(self) -> str:
        """`SPR (reported)`, once also where the name says it already."""
        said = self.name.endswith(f"({REPORTED})")
        return self.name if said else f"{self.name} ({REPORTED})"


def looks(
    methods: Sequence[str], runs: Mapping[str, str], reported: Sequence[str] = ()
) -> dict[str, Look]:
    """Method -> its look. A method keeps it in all figures that are given the same
    methods, whichever of them they show.

    Args:
        methods: all methods of the suite that have runs, shown or not.
        runs: method -> runs a task, as runs_a_task writes them.
        reported: what papers report; methods with runs choose their colours first.
    """
    names = drawn_names([*methods, *reported])
    return {
        method: Look(
            name=names[method],
            runs=runs.get(method, ""),
            colour=style.colour,
            dashes=style.dashes,
            marker=style.marker,
        )
        for method, style in styles(methods, reported).items()
    }


@dataclass(frozen=True)
class Style:
    """How a method is drawn, on paper and on the screen."""

    colour: str
    dashes: str | tuple[int, tuple[float, ...]]
    marker: str


def styles(methods: Sequence[str], reported: Sequence[str] = ()) -> dict[str, Style]:
    """Method -> its style, by its place among all methods of the suite; those with runs
    choose before the reported."""
    found = {}
    for index, method in enumerate([*sorted(methods), *sorted(reported)]):
        colours = len(OKABE_ITO)
        found[method] = Style(
            colour=OKABE_ITO[index % colours],
            dashes=DASHES[index // colours % len(DASHES)],
            marker=MARKERS[(index + index // colours) % len(MARKERS)],
        )
    return found


def runs_a_task(counts: Sequence[int]) -> str:
    """`5`, or `3-5` where tasks have unequal numbers of runs."""
    few, many = min(counts), max(counts)
    return str(few) if few == many else f"{few}-{many}"


def drawn_names(methods: Sequence[str]) -> dict[str, str]:
    """Method -> a name of about LONGEST characters that the font has, all distinct."""
    drawn: dict[str, str] = {}
    for method in sorted(methods):
        name = short(drawable(method))
        count = 1
        while name in drawn.values():
            count += 1
            name = f"{short(drawable(method))} ({count})"
        drawn[method] = name
    return drawn


def drawable(text: str) -> str:
    """Visible text; characters without a glyph are named by their code point."""
    # Accents that have no letter of their own, and letters that are written from right
    # to left, would move what stands beside them.
    return "".join(
        char
        if ord(char) in _glyphs()
        and not unicodedata.combining(char)
        and unicodedata.bidirectional(char) not in ("R", "AL")
        else f"U+{ord(char):04X}"
        for char in visible(unicodedata.normalize("NFC", text))
    )


def short(text: str) -> str:
    """At most LONGEST and WIDEST: the middle goes, ends often hold the difference."""
    shown, room = text, LONGEST
    while len(shown) > LONGEST or text_width([shown]) > WIDEST:
        tail = room // 3
        shown = f"{text[: room - tail - 1]}…{text[-tail:]}"
        room -= 1
    return shown


def text_width(texts: Iterable[str], points: float = SMALL) -> float:
    """Inches that the widest of some texts takes."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    renderer = RendererAgg(10, 10, 300)  # fine enough for hinting not to matter
    font = FontProperties(size=points)
    return max(
        (
            renderer.get_text_width_height_descent(text, font, ismath=False)[0] / 300
            for text in texts
        ),
        default=0.0,
    )


@cache
def _glyphs() -> frozenset[int]:
    """Code points that matplotlib's own font can draw."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    font = FT2Font(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf")
    return frozenset(font.get_charmap())
