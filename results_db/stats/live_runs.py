"""Resamples of whole runs for a curve, on which runs begin late and end early."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from results_db.stats.resampling import (
    CHUNK,
    Slots,
    Times,
    draw,
    fractions,
    scaled,
    streams,
    times_drawn,
)

Live = tuple[tuple[int, ...], ...]
"""For each task the numbers of the runs that are live at a point."""


def resampled_live_times(
    counts: Sequence[int], live: Sequence[Live], *, resamples: int, seed: int
) -> Iterator[Iterator[Times]]:
    """Chunks of resamples; each gives for every point [live runs, chunk], how often
    each live run was drawn, task after task.

    At a point where m of a task's runs are live, m are drawn: the first m places of
    the resample, where a run that is not live is replaced by a live one, drawn once for
    the place. So each point is a bootstrap of the runs that it has, and runs stay
    whole from point to point wherever they can.

    Args:
        counts: runs of each task.
        live: for each point.
    """
    rngs = streams(seed, len(counts))
    spare_rngs = streams(seed, len(counts), label="spare")
    ragged = [
        any(len(point[task]) < count for point in live)
        for task, count in enumerate(counts)
    ]
    for done in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - done)
        drawn = [
            draw(rng, size, places=count, runs=count)
            for rng, count in zip(rngs, counts, strict=True)
        ]
        spares = [
            fractions(rng, size, count).T if is_ragged else None
            for rng, count, is_ragged in zip(spare_rngs, counts, ragged, strict=True)
        ]
        yield _points(drawn, spares, live)


def _points(
    drawn: list[Slots],
    spares: Sequence[NDArray[np.float32] | None],
    live: Sequence[Live],
) -> Iterator[Times]:
    """Counts anew only where a task's live runs have changed."""
    before: Live = ()
    rows: list[Times] = [np.empty((0, 0), dtype=np.int16)] * len(drawn)
    times = rows[0]
    for point in live:
        if point != before:
            for task, numbers in enumerate(point):
                if not before or numbers != before[task]:
                    places = _only_live(drawn[task], spares[task], numbers)
                    rows[task] = times_drawn(places, numbers)
            times = np.concatenate(rows)
            before = point
        yield times


def _only_live(
    drawn: Slots, spare: NDArray[np.float32] | None, numbers: tuple[int, ...]
) -> Slots:
    """[live, chunk]: the first places, filled with live runs only."""
    if len(numbers) == len(drawn) or spare is None:
        return drawn
    places = drawn[: len(numbers)]
    is_live = np.zeros(len(drawn), dtype=bool)
    is_live[list(numbers)] = True
    instead = np.array(numbers, dtype=drawn.dtype)[
        scaled(spare[: len(numbers)], len(numbers))
    ]
    return np.where(is_live[places], places, instead)
