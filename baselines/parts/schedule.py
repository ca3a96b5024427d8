"""Numbers that change linearly along a training."""


def along(start: float, end: float, progress: float) -> float:
    """From `start` at progress 0 to `end` at 1, and `end` from there on."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
