"""Performance profiles: the share of runs that score above a threshold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from results_db.export.figures.names import Look
from results_db.export.figures.page import (
    COLUMN,
    axes_at,
    blank,
    draw_legend,
    legend_shape,
    line_of,
    make_room_left,
)
from results_db.stats.profiles import Profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 1.9
"""Inches of the axes."""
FOOT = 0.36
"""Inches for the numbers and the title of an axis."""


def profiles_figure(
    profiles: Mapping[str, Profile], looks: Mapping[str, Look], *, score: str
) -> "Figure":
    """Profiles with pointwise 95 % bands, one column of a paper wide.

    Args:
        profiles: method -> its profile, all of one form.
        looks: of all methods named here.
        score: what the thresholds measure, e.g. `human-normalised score`.
    """
    labels = [looks[method].label for method in profiles]
    below = legend_shape(labels, COLUMN - 0.1)[1]
    figure = blank(COLUMN, below + FOOT + HEIGHT + 0.06)
    axes = axes_at(figure, 0.45, below + FOOT, COLUMN - 0.62, HEIGHT)
    for method, profile in profiles.items():
        look = looks[method]
        if profile.low is not None and profile.high is not None:
            axes.fill_between(
                profile.thresholds,
                profile.low,
                profile.high,
                color=look.colour,
                alpha=0.15,
                linewidth=0,
            )
        axes.plot(
            profile.thresholds,
            profile.value,
            color=look.colour,
            linestyle=look.dashes,
        )
    forms = {profile.form for profile in profiles.values()}
    axes.set_ylim(-0.02, 1.02)
    axes.margins(x=0)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(f"{score} τ", labelpad=2)
    axes.set_ylabel(f"share of {' and '.join(sorted(forms))} above τ", labelpad=2)
    handles = [line_of(looks[method], marker="") for method in profiles]
    draw_legend(figure, handles, labels)
    make_room_left(figure)
    return figure
