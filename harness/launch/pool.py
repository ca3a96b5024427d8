"""Runs many cells over a fixed number of slots, each in a worker process.

The pool decides what runs when; what a started, watched and ended run means to the user
is its listener's business.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Protocol

from harness.devices import Slot
from harness.launch.worker_process import WorkerProcess
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
    keep_policy: bool | None = None,
    timeout_seconds: float | None = None,
) -> PoolResult:
    """Runs every cell once. Ctrl-C stops the running ones cleanly and starts no more.

    Args:
        runs: folders with their specs.
        keep_policy: None keeps small ones.
        timeout_seconds: ends a run that takes longer.
    """
    waiting = deque(runs)
    free = list(reversed(slots))
    running: list[WorkerProcess] = []
    outcomes: list[Outcome] = []

    def collect() -> None:
        for worker in [worker for worker in running if not worker.running]:
            running.remove(worker)
            free.append(worker.slot)
            outcome, details = worker.outcome()
            outcomes.append(outcome)
            listener.ended(worker.folder, outcome, details)

    try:
        while waiting or running:
            while waiting and free:
                slot, run = free.pop(), waiting.popleft()
                execution = Execution(
                    device=slot.device,
                    env_threads=len(slot.cpus),
                    cpus=slot.cpus,
                    jobs=min(len(slots), len(runs)),
                    keep_policy=keep_policy,
                )
                running.append(WorkerProcess(run, slot, execution))
                listener.started(run, slot)
            for worker in running:
                if timeout_seconds is not None and worker.seconds > timeout_seconds:
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
