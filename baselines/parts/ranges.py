"""Ranges of hyper-parameters, checked when a configuration is built."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Range:
    """Finite numbers from low to high."""

    low: float
    high: float = math.inf
    above: bool = False
    """Without `low` itself."""

    def __contains__(self, value: float) -> bool:
        if not math.isfinite(value) or (self.above and value == self.low):
            return False
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.high < math.inf:
            return f"{self.low:g} .. {self.high:g}"
        return f"above {self.low:g}" if self.above else f"{self.low:g} or more"


def check_ranges(config: Any, ranges: Mapping[str, Range]) -> None:
    """Checks fields by name: a number, a tuple of them, or None, which has no range.

    Raises:
        ValueError: a field is out of its range.
    """
    for name, allowed in ranges.items():
        value = getattr(config, name)
        numbers = value if isinstance(value, tuple) else (value,)
        if any(number is not None and number not in allowed for number in numbers):
            raise ValueError(f"{name} must be {allowed} (got {value!r})")
