"""Drawing runs with replacement within each task: the one source of randomness of every
bootstrap. What is drawn depends on the seed alone, not on the chunks or on threads."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

Slots = NDArray[np.unsignedinteger[Any]]
"""[runs, resamples]: which run of a task each of its places in a resample holds."""
Times = NDArray[np.int16]
"""[runs, resamples]: how often each run was drawn."""

CHUNK = 8192
"""Resamples at a time; does not change a bit. A run's row then stays in the cache."""


def streams(
    seed: int, count: int, *, label: str | None = None
) -> list[np.random.Generator]:
    """Independent generators of a seed.

    Args:
        label: who is resampled. Two methods that are compared need different ones:
            with equal draws their resamples would rise and fall together. It makes a
            method's draws independent of which others stand beside it.
    """
    entropy = [seed]
    if label is not None:
        text = label.encode(errors="surrogatepass")  # a name may hold anything
        entropy.append(int.from_bytes(sha256(text).digest()[:8]))
    children = np.random.SeedSequence(entropy).spawn(count)
    return [np.random.default_rng(child) for child in children]


def slots(
    counts: Sequence[int], *, resamples: int, seed: int, label: str | None = None
) -> Iterator[list[Slots]]:
    """Chunks of resamples; each holds for every task its [runs, chunk] slots.

    Args:
        counts: runs of each task.
    """
    rngs = streams(seed, len(counts), label=label)
    for done in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - done)
        yield [
            draw(rng, size, places=runs, runs=runs)
            for rng, runs in zip(rngs, counts, strict=True)
        ]


def draw(rng: np.random.Generator, size: int, *, places: int, runs: int) -> Slots:
    """[places, size]: runs drawn with replacement."""
    return np.ascontiguousarray(scaled(fractions(rng, size, places), runs).T)


def fractions(rng: np.random.Generator, size: int, places: int) -> NDArray[np.float32]:
    """[size, places], in [0, 1)."""
    return rng.random((size, places), dtype=np.float32)


def scaled(fractions: NDArray[np.float32], runs: int) -> Slots:
    """Fractions as run numbers 0..runs-1.

    Of 24 random bits: uneven by less than runs / 2**24; the product never rounds up to
    `runs`.
    """
    kind = np.uint8 if runs <= 2**8 else np.uint16 if runs <= 2**16 else np.uint32
    return (fractions * np.float32(runs)).astype(kind)


def times_drawn(drawn: Slots, runs: Sequence[int]) -> Times:
    """[len(runs), resamples]: how often each of these runs stands in the slots.

    One comparison of all slots with each run: for the numbers of runs that are trained
    this is several times as fast as counting by index.
    """
    times = np.empty((len(runs), drawn.shape[1]), dtype=np.int16)
    equal = np.empty(drawn.shape, dtype=bool)
    kind = np.uint8 if len(drawn) < 2**8 else np.int16
    for row, run in enumerate(runs):
        np.equal(drawn, drawn.dtype.type(run), out=equal)
        times[row] = np.add.reduce(equal.view(np.uint8), axis=0, dtype=kind)
    return times


def resampled_times(
    counts: Sequence[int], *, resamples: int, seed: int, label: str | None = None
) -> Iterator[Times]:
    """Chunks of [all runs, chunk], task after task."""
    for chunk in slots(counts, resamples=resamples, seed=seed, label=label):
        yield np.concatenate([times_drawn(drawn, range(len(drawn))) for drawn in chunk])
