"""How methods look on the screen: names that are text whatever they hold, and the
colours of the figures for papers, on light and on dark."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from results_db.export.escape import visible
from results_db.export.figures.names import styles

LONGEST = 34
"""Characters of a name beside a chart; longer ones lose their middle."""
TICK = 20
"""Characters beside an axis, where a long name would leave the chart no room."""

_DASHES = ("solid", "dash", "dot", "dashdot", "longdashdot")
"""Plotly's words for the dashes of the figures, in their order."""
_MARKERS = {
    "o": "circle",
    "s": "square",
    "D": "diamond",
    "^": "triangle-up",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    ">": "triangle-right",
    "*": "star",
    "h": "hexagon",
    "d": "diamond-tall",
    "<": "triangle-left",
}
_ON_DARK = {"#000000": "#F2F2F2", "#0072B2": "#3E9BDC", "#999999": "#A6A6A6"}
"""What of the colours would vanish on a dark page."""


@dataclass(frozen=True)
class Look:
    """One method on every page of a suite."""

    name: str
    """Short, visible, distinct: plain text, for widgets and tables."""
    colour: str
    dash: str
    marker: str

    @property
    def html(self) -> str:
        """The name for Plotly, which reads some HTML."""
        return plotly_text(self.name)

    @property
    def tick(self) -> str:
        """The same, shorter, beside an axis."""
        return plotly_text(_short(self.name, TICK))

    def on(self, dark: bool) -> str:
        """Its colour on a light or a dark page."""
        return _ON_DARK.get(self.colour, self.colour) if dark else self.colour


def screen_looks(
    labels: Sequence[str], reported: Sequence[str] = ()
) -> dict[str, Look]:
    """Label -> look; the colours are those of exported figures of the same methods.

    Args:
        labels: of the methods that have runs.
        reported: of what papers report.
    """
    names = short_names([*labels, *reported])
    found = {}
    for index, (label, style) in enumerate(styles(labels, reported).items()):
        found[label] = Look(
            name=names[label],
            colour=style.colour,
            dash=_DASHES[index // 8 % len(_DASHES)],
            marker=_MARKERS[style.marker],
        )
    return found


def repeated(looks: Iterable[Look]) -> str:
    """What a legend says where methods share a colour; else nothing."""
    colours = [look.colour for look in looks]
    if len(set(colours)) == len(colours):
        return ""
    return " After eight methods colours repeat: dashes and markers differ."


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Label -> a visible name of at most LONGEST characters, all distinct."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(labels):
        first = name = _short(visible(label), LONGEST) or "(no name)"
        count = 1
        while name in taken:
            count += 1
            name = f"{first} ({count})"
        taken.add(name)
        names[label] = name
    return names


def plotly_text(text: str) -> str:
    """For Plotly: no tag, no entity, and no formula where MathJax is at hand."""
    return escape(text, quote=False).replace("$", "&#36;")


def _short(text: str, longest: int) -> str:
    tail = longest // 3
    if len(text) <= longest:
        return text
    return f"{text[: longest - tail - 1]}…{text[-tail:]}"
