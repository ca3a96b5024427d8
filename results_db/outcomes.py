"""The words for how an attempt ended, and which of them are results."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt at a run ended."""

    FINISHED = "finished"
    DIVERGED = "diverged"
    """A metric of the agent became non-finite: a result, not a crash."""
    FAILED = "failed"
    """The agent or the environment raised an error, which is recorded."""
    TIMED_OUT = "timed-out"
    """Ended by --run-timeout."""
    KILLED = "killed"
    """Ended by a signal from outside or by its own fault; the signal is recorded."""
    INTERRUPTED = "interrupted"
    """Stopped cleanly by Ctrl-C or SIGTERM."""
    LOST = "lost"
    """Vanished without a word, e.g. with its machine; noticed at the next attempt."""
    HELD = "held"
    """Not attempted: another process was running the same cell. Stands in the ledger,
    never in the run's own files."""


RESULTS = frozenset({Outcome.FINISHED, Outcome.DIVERGED})
"""Outcomes after which a run is done and is not run again."""
