"""Small texts that several pages share."""

from suites.spec import Suite


def score_name(suite: Suite) -> str:
    """What a normalised score is called, e.g. `human-normalised score`."""
    label = suite.scoring.label
    return f"{label} score" if label.endswith("normalised") else label


def raw_number(value: float) -> str:
    """A raw score: four digits, and of a large one all before the point."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def duration(seconds: float | None) -> str:
    """`42s`, `3m10s`, `2h05m`, `1d04h`; `–` for None."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"
