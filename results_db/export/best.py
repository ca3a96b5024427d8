"""What a table prints in bold: the best, and all that cannot be told from it."""

from collections.abc import Mapping

from results_db.stats.bootstrap import CONFIDENCE, Estimate

FOREIGN = ("imported", "reported")
"""Origins that are shown beside what was measured, never ranked among it."""

RULE = (
    f"Bold: the best measured value and all whose {CONFIDENCE:.0%} interval overlaps "
    "its interval."
)


def not_separated(
    values: Mapping[str, Estimate], *, decimals: int = 3, lower_is_better: bool = False
) -> frozenset[str]:
    """The keys of the best value and of all that are not separated from it.

    Two are separated when their intervals do not overlap; a value without an interval
    is a point. Values that are printed alike are alike. One value alone is not best of
    anything: nothing is returned for fewer than two.

    Args:
        values: e.g. method -> its estimate.
        decimals: as the values are printed.
        lower_is_better: as for the optimality gap.
    """
    if len(values) < 2:
        return frozenset()
    sign = -1.0 if lower_is_better else 1.0
    best = max(values.values(), key=lambda one: sign * one.value)
    low, high = _ends(best)
    printed = f"{best.value:.{decimals}f}"
    return frozenset(
        key
        for key, one in values.items()
        if f"{one.value:.{decimals}f}" == printed
        or (_ends(one)[1] >= low and _ends(one)[0] <= high)
    )


def _ends(estimate: Estimate) -> tuple[float, float]:
    if estimate.low is None or estimate.high is None:
        return estimate.value, estimate.value
    return estimate.low, estimate.high
