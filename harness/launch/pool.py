"""Runs many cells over a fixed number of slots, each in a worker process.

The pool decides what runs when; what a started, watched and ended run means to the user
is its listener's business.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Protocol

from harness.devices import Slot
from harness.launch.worker_process import WorkerProcess
from harness.memory import available_bytes
from harness.train import Execution
from results_db.outcomes import Outcome
from results_db.run_files import RunFolder

POLL_SECONDS = 0.1
GRACE_SECONDS = 20.0
"""What workers get to stop cleanly."""


class Listener(Protocol):
    """What a pool tells about its runs."""

    def started(self, run: RunFolder, slot: Slot) -> None: ...

    def ended(self, run: RunFolder, outcome: Outcome, details: dict[str, Any]) -> None:
        """Called once for every started run."""

    def tick(self, running: Sequence[WorkerProcess], waiting: int) -> None:
        """Called several times a second."""


@dataclass(frozen=True)
class Terms:
    """What a user may ask of every run."""

    keep_policy: bool | None = None
    """None keeps small ones."""
    timeout_seconds: float | None = None
    """Ends a run that takes longer."""
    checkpoint_seconds: float = 600.0
    """Distance of two checkpoints of a run."""
    slice_seconds: float | None = None
    """After so long runs end at a checkpoint and no more are started."""
    accept_drift: bool = False
    """Runs although the simulator does not play as recorded."""


@dataclass(frozen=True)
class PoolResult:
    """How a pool ended."""

    outcomes: tuple[Outcome, ...]
    interrupted: bool
    not_started: int


def run_all(
    runs: Sequence[RunFolder],
    slots: Sequence[Slot],
    listener: Listener,
    *,
    terms: Terms = Terms(),
    run_bytes: Mapping[str, int] | None = None,
) -> PoolResult:
    """Runs every cell once. Ctrl-C stops the running ones cleanly and starts no more.

    Args:
        runs: folders with their specs.
        run_bytes: task -> memory of a run. A run waits until its share is free, and
            until its share and those of all running ones together are no more than
            was free at the start or is free now (they may not have taken theirs yet);
            one that needs more than there is runs alone.
    """
    pool = _Pool(runs, slots, listener, terms, run_bytes or {})
    try:
        while pool.running or (pool.waiting and not pool.slice_is_over):
            pool.start_what_fits()
            pool.end_what_is_late()
            pool.collect()
            listener.tick(pool.running, len(pool.waiting))
            sleep(POLL_SECONDS)
        return PoolResult(tuple(pool.outcomes), False, len(pool.waiting))
    except KeyboardInterrupt:
        _stop(pool.running)
        pool.collect()
        return PoolResult(tuple(pool.outcomes), True, len(pool.waiting))
    finally:
        for worker in pool.running:
            worker.kill()


class _Pool:
    """What waits, what runs, what has ended."""

    def __init__(
        self,
        runs: Sequence[RunFolder],
        slots: Sequence[Slot],
        listener: Listener,
        terms: Terms,
        run_bytes: Mapping[str, int],
    ) -> None:
        self.waiting = deque(runs)
        self.running: list[WorkerProcess] = []
        self.outcomes: list[Outcome] = []
        self._free = list(reversed(slots))
        self._listener = listener
        self._terms = terms
        self._jobs = min(len(slots), len(runs))
        self._needs = {run.path: run_bytes.get(run.spec.task, 0) for run in runs}
        self._free_at_start = available_bytes()
        self._began = monotonic()

    def start_what_fits(self) -> None:
        """Starts runs while there are slots and memory; one may always run."""
        if self.slice_is_over:
            return
        while self.waiting and self._free and self._fits(self.waiting[0]):
            slot, run = self._free.pop(), self.waiting.popleft()
            execution = Execution(
                device=slot.device,
                env_threads=len(slot.cpus),
                cpus=slot.cpus,
                jobs=self._jobs,
                keep_policy=self._terms.keep_policy,
                accept_drift=self._terms.accept_drift,
                checkpoint_seconds=self._terms.checkpoint_seconds,
                slice_seconds=self._slice_left,
            )
            self.running.append(WorkerProcess(run, slot, execution))
            self._listener.started(run, slot)

    @property
    def _slice_left(self) -> float | None:
        limit = self._terms.slice_seconds
        return None if limit is None else self._began + limit - monotonic()

    @property
    def slice_is_over(self) -> bool:
        left = self._slice_left
        return left is not None and left <= 0

    def _fits(self, run: RunFolder) -> bool:
        if not self.running:
            return True
        booked = sum(self._needs[worker.folder.path] for worker in self.running)
        need, free = self._needs[run.path], available_bytes()
        return need <= free and booked + need <= max(self._free_at_start, free)

    def end_what_is_late(self) -> None:
        """Ends the runs that have taken longer than they may."""
        limit = self._terms.timeout_seconds
        for worker in self.running:
            if limit is not None and worker.seconds > limit:
                worker.time_out()

    def collect(self) -> None:
        """Takes the outcomes of the workers that have ended, and their slots."""
        for worker in [worker for worker in self.running if not worker.running]:
            self.running.remove(worker)
            self._free.append(worker.slot)
            outcome, details = worker.outcome()
            self.outcomes.append(outcome)
            self._listener.ended(worker.folder, outcome, details)


def _stop(running: Sequence[WorkerProcess]) -> None:
    """Asks all to stop and waits; a second Ctrl-C, or patience's end, kills them."""
    for worker in running:
        worker.stop()
    deadline = monotonic() + GRACE_SECONDS
    try:
        while monotonic() < deadline and any(worker.running for worker in running):
            sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        pass
    for worker in running:
        if worker.running:
            worker.kill()
    while any(worker.running for worker in running):
        sleep(POLL_SECONDS)
