"""What a user is told who asked for something that cannot be."""

from collections.abc import Iterable
from difflib import get_close_matches


class Misused(ValueError):
    """The user asked for something that cannot be; shown without a traceback."""


def unknown_name(kind: str, got: str, known: Iterable[str]) -> str:
    """Returns e.g. ``Unknown suite 'atari100'. Did you mean 'atari100k'? Known: …``.

    Args:
        kind: what was looked up, in the user's word ("suite", "task", "agent").
        got: the name that was given; shown with repr, so control characters are safe.
        known: every name that would have been accepted.
    """
    names = sorted(known)
    near = get_close_matches(got, names, n=1, cutoff=0.5) or get_close_matches(
        got.lower(), names, n=1, cutoff=0.5
    )
    parts = [f"Unknown {kind} {got!r}."]
    if near:
        parts.append(f"Did you mean {near[0]!r}?")
    parts.append(f"Known: {', '.join(names)}." if names else "None is known.")
    return " ".join(parts)
