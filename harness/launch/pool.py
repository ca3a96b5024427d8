"""Runs many cells over a fixed number of slots, each in a worker process.

The pool decides what runs when; what a started, watched and ended run means to the user
is its listener's business.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
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
        run_bytes: task -> memory of a run. A run waits for its share of the memory
            that was free at the start; one that needs more than all runs alone.
    """
    needs = {run.path: (run_bytes or {}).get(run.spec.task, 0) for run in runs}
    memory = available_bytes()
    waiting = deque(runs)
    free = list(reversed(slots))
    running: list[WorkerProcess] = []
    outcomes: list[Outcome] = []

    def fits(run: RunFolder) -> bool:
        taken = sum(needs[worker.folder.path] for worker in running)
        return not running or taken + needs[run.path] <= memory

    def collect() -> None:
        for worker in [worker for worker in running if not worker.running]:
            running.remove(worker)
            free.append(worker.slot)
            outcome, details = worker.outcome()
            outcomes.append(outcome)
            listener.ended(worker.folder, outcome, details)

    try:
        while waiting or running:
            while waiting and free and fits(waiting[0]):
                slot, run = free.pop(), waiting.popleft()
                execution = Execution(
                    device=slot.device,
                    env_threads=len(slot.cpus),
                    cpus=slot.cpus,
                    jobs=min(len(slots), len(runs)),
                    keep_policy=terms.keep_policy,
                    accept_drift=terms.accept_drift,
                )
                running.append(WorkerProcess(run, slot, execution))
                listener.started(run, slot)
            for worker in running:
                if worker.seconds > (terms.timeout_seconds or inf):
                    worker.time_out()
            collect()
            listener.tick(running, len(waiting))
            sleep(POLL_SECONDS)
        return PoolResult(tuple(outcomes), False, 0)
    except KeyboardInterrupt:
        _stop(running)
        collect()
        return PoolResult(tuple(outcomes), True, len(waiting))
    finally:
        for worker in running:
            worker.kill()


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
