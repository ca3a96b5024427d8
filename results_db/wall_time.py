"""What a curve lies over: agent steps, or the seconds that training took."""

from typing import Literal

Over = Literal["steps", "wall"]
"""`steps`: agent steps. `wall`: wall seconds of training, without evaluations; what an
attempt did behind the checkpoint that the next one went on from does not count."""

_UNITS = (("hours", 3600.0), ("minutes", 60.0))


def time_unit(longest: float) -> tuple[str, float]:
    """The unit in which an axis of up to `longest` seconds is read, and its seconds."""
    return next(((name, size) for name, size in _UNITS if longest >= 2 * size), ONE)


ONE = ("seconds", 1.0)
