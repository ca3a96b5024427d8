"""Checkpoints of a run: two folders in turn, each whole or not there.

    checkpoint/<n>/state.json arrays.npz      harness/state_files.py
               mapped/                        arrays that grow in files of their own

The state holds everything that a training goes on from, and the lengths of the
append-only files at that moment. A checkpoint that cannot be written leaves the ones
before it, and the run goes on.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from harness.state_files import load_state, save_state
from results_db.run_files import RunFolder

NAME = "checkpoint"
KEPT = 2


class SliceOver(BaseException):
    """The run ends here, as its time slice or a stop asked.

    Args:
        written: whether it stands in a checkpoint; False where none could be written.
    """

    def __init__(self, *, written: bool) -> None:
        super().__init__("written" if written else "not written")
        self.written = written


class Checkpoints:
    """Writes a run's checkpoints when they are due."""

    def __init__(
        self,
        run: Path,
        *,
        every_seconds: float,
        slice_seconds: float | None = None,
        also: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        """Args:
        run: the run's folder.
        every_seconds: distance of two checkpoints.
        slice_seconds: after so long a checkpoint is written and the run ends.
        also: gives what belongs into every checkpoint beside the training's state.
        """
        self._run = RunFolder(run)
        self._also = also
        self._folder = run / NAME
        self._every = every_seconds
        self._due_at = perf_counter() + every_seconds
        self._ends_at = perf_counter() + (slice_seconds or float("inf"))
        self._due_at = min(self._due_at, self._ends_at)
        self.supported = False
        """True once the agent has shown that it can be saved."""
        self.stop_asked = False

    @property
    def mapped_files(self) -> Path:
        """Where files lie that a checkpoint can name instead of copying them."""
        return self._folder / "mapped"

    def due(self, *, now: bool = False) -> bool:
        """Called before every vector step of an agent that can be saved.

        Never true at the first call because of the time: a slice that is too short for
        going on from the last checkpoint must all the same come one step further.

        Args:
            now: the agent needs one, whatever the clock says.
        """
        first, self.supported = not self.supported, True
        late = not first and perf_counter() >= self._due_at
        return late or now or self.stop_asked

    def ask_to_stop(self) -> None:
        """The next chance is the last: save there and end."""
        self.stop_asked = True

    def write(
        self, collect: Callable[[], dict[str, Any]], *, needed: bool = False
    ) -> bool:
        """Writes the state that `collect` gives; returns whether it could be written.

        Args:
            needed: the run cannot go on without: it would overwrite files that the last
                one names.

        Raises:
            SliceOver: it was the last one, because of the slice or of `ask_to_stop`, or
                it was needed and could not be written.
        """
        written = True
        try:
            state = {
                **collect(),
                **self._also(),
                "file_lengths": self._run.data_lengths(),
            }
            self._write(state)
        except (OSError, TypeError) as error:
            # The disk is full, or the state holds what no file can. The last one is
            # still good, and the training may yet get through.
            written = False
            sys.stderr.write(f"checkpoint not written: {error}\n")
        now = perf_counter()
        self._due_at = min(now + self._every, self._ends_at)
        if self.stop_asked or now >= self._ends_at or (needed and not written):
            raise SliceOver(written=written)
        return written

    def _write(self, state: dict[str, Any]) -> None:
        numbers = _numbers(self._folder)
        target = self._folder / str(numbers[-1] + 1 if numbers else 1)
        try:
            save_state(target, state, sync=True)
        except BaseException:
            shutil.rmtree(target.with_name(target.name + ".writing"), True)
            raise
        for number in numbers[: 1 - KEPT]:
            shutil.rmtree(self._folder / str(number))


def read_newest(run: Path) -> dict[str, Any] | None:
    """The newest checkpoint of a run that can be gone on from; None without one."""
    sizes = RunFolder(run).data_lengths()
    for number in reversed(_numbers(run / NAME)):
        try:
            state: dict[str, Any] = load_state(run / NAME / str(number))
            lengths = state["file_lengths"]
        except Exception as error:
            sys.stderr.write(f"checkpoint {number} cannot be read: {error}\n")
            continue
        if any(sizes[name] < length for name, length in lengths.items()):
            sys.stderr.write(f"checkpoint {number} is ahead of the run's files\n")
            continue
        return state
    return None


def remove_checkpoints(run: Path) -> None:
    """Removes a run's checkpoints: it is done."""
    shutil.rmtree(run / NAME, ignore_errors=True)


def _numbers(folder: Path) -> list[int]:
    """Whole checkpoints, oldest first."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdigit())
