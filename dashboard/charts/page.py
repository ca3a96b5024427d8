"""What all charts share: one quiet style on light and dark, and how they are shown."""

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 35
"""Pixels of a row of a table; charts beside tables have rows as high."""
_CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
}


def dark() -> bool:
    """Whether the reader's page is dark."""
    return bool(st.context.theme.type == "dark")


def ink(dark_page: bool) -> str:
    """Colour of lines that are no method's."""
    return "#AEB7C2" if dark_page else "#5B6570"


def faint(dark_page: bool) -> str:
    """Colour of a grid."""
    return "#2C343E" if dark_page else "#E3E7EB"


def figure(height: int, *, dark_page: bool, legend: bool = True) -> "go.Figure":
    """An empty figure in the house style, as high as said and as wide as its column."""
    import plotly.graph_objects as go  # a page without figures does not wait for it

    drawn = go.Figure()
    drawn.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=legend,
        dragmode=False,  # a finger that scrolls must not zoom
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": -0.18, "x": 0, "title": ""},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    lines: dict[str, Any] = {
        "gridcolor": faint(dark_page),
        "zerolinecolor": faint(dark_page),
        # Streamlit's are faint on light.
        "tickfont": {"color": ink(dark_page)},
        "title_font": {"color": ink(dark_page)},
    }
    drawn.update_xaxes(automargin=True, title_standoff=8, **lines)
    drawn.update_yaxes(automargin=True, title_standoff=8, **lines)
    return drawn


def show(drawn: "go.Figure", *, key: str, alt: str) -> Any:
    """Puts a figure on the page.

    Args:
        alt: what a screen reader says of it.
    """
    return st.plotly_chart(drawn, key=key, alt=alt, config=_CONFIG)


def translucent(colour: str, alpha: float) -> str:
    """`#0072B2` as `rgba(0,114,178,0.2)`."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
