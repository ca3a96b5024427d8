"""One process, one run: `python -P -m harness.worker FOLDER EXECUTION`.

The worker records how its attempt ended, whatever the agent does, short of being
killed: then whoever started it records that.
"""

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Any

from harness.actions import BadAction
from harness.checkpoint import (
    Checkpoints,
    SliceOver,
    read_newest,
    remove_checkpoints,
)
from harness.child_process import end_with_launcher, is_orphan
from harness.film import film_run
from harness.load_agent import AgentImportFailed, UnknownAgent
from harness.simulate import EnvironmentFailed
from harness.train import AgentChanged, Execution, train_and_evaluate
from results_db.locks import Held, hold
from results_db.outcomes import RESULTS, Outcome
from results_db.run_files import RunFolder
from results_db.run_spec import SpecError
from suites.envs.fingerprint import SimulatorDrifted
from suites.envs.make import SimulatorMissing

EXIT_CODES = {Outcome.FINISHED: 0, Outcome.DIVERGED: 0, Outcome.INTERRUPTED: 3}

HELD_EXIT = 4
"""The exit code when another process holds the run."""

ERROR_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (AgentImportFailed, "agent-import"),
    (UnknownAgent, "agent-import"),
    (AgentChanged, "agent-changed"),
    (BadAction, "bad-action"),
    (SimulatorMissing, "simulator-missing"),
    (SimulatorDrifted, "simulator-drifted"),
    (EnvironmentFailed, "environment"),
    (SpecError, "spec"),
    (MemoryError, "out-of-memory"),
)
"""What kind of failure an error is recorded as; anything else is the agent's."""


ORPHAN_SECONDS = 30.0
"""How long a worker waits for an orphan of the same run to end."""

STOP_SECONDS = 12.0
"""How long a stop waits for the agent to come to where it can be saved."""


class Interrupted(BaseException):
    """SIGTERM or SIGINT: stop cleanly."""


_watched: list[Checkpoints] = []
"""What writes the checkpoints of the run of this process."""


def _watch(checkpoints: Checkpoints) -> None:
    _watched.append(checkpoints)


def run(folder: RunFolder, execution: Execution) -> Outcome:
    """Attempts a run and records how it ended.

    Raises:
        Held: another process holds the run.
    """
    with hold(folder.path):
        if folder.done:
            return Outcome(folder.summary()["outcome"])
        resume = read_newest(folder.path)
        folder.set_aside(None if resume is None else resume["file_lengths"])
        attempt = folder.start_attempt(
            from_agent_steps=0 if resume is None else resume["agent_steps"],
            pid=os.getpid(),
            host=os.uname().nodename,
            token=os.environ.get("PODIUM_ATTEMPT"),
        )
        outcome, details = _attempt(folder, execution, attempt, resume)
        details["peak_memory_bytes"] = _peak_memory_bytes()
        with _undisturbed():
            if outcome in RESULTS:
                folder.finish({"attempt": attempt, "outcome": outcome.value, **details})
                remove_checkpoints(folder.path)
        if outcome in RESULTS and folder.spec.video:
            details["video"] = film_run(folder.path)
        with _undisturbed():
            folder.end_attempt(attempt, outcome, **details)
        return outcome


def _attempt(
    folder: RunFolder,
    execution: Execution,
    attempt: int,
    resume: dict[str, Any] | None,
) -> tuple[Outcome, dict[str, Any]]:
    try:
        summary = train_and_evaluate(
            folder.spec,
            folder.path,
            execution,
            lambda provenance: folder.describe_attempt(attempt, provenance),
            resume=resume,
            watch=_watch,
        )
    except Interrupted:
        return Outcome.INTERRUPTED, {}
    except SliceOver as end:
        return Outcome.INTERRUPTED, {"checkpoint": end.written}
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        traceback.print_exc()
        return Outcome.FAILED, {"error": describe_error(error)}
    return Outcome(summary.pop("outcome")), summary


def describe_error(error: BaseException) -> dict[str, Any]:
    """Kind, type, message and traceback, as recorded with an attempt; of a drift also
    the fingerprint that was played."""
    kind = next((k for cls, k in ERROR_KINDS if isinstance(error, cls)), "agent")
    lines = traceback.format_exception(error)
    drift = error.check.to_json() if isinstance(error, SimulatorDrifted) else None
    return {
        "kind": kind,
        "type": type(error).__name__,
        "message": str(error)[:2000],
        "traceback": "".join(lines)[-8000:],
        **({} if drift is None else {"fingerprint": drift}),
    }


def _peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps signals waiting while the outcome is written."""
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGALRM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once: a second signal must not break the recording of the first.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if any(checkpoints.supported for checkpoints in _watched):
        # Between two steps it can be saved; should it not come there, it ends.
        for checkpoints in _watched:
            checkpoints.ask_to_stop()
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)
        return
    raise Interrupted(signal.Signals(number).name)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise Interrupted("no chance to write a checkpoint")


def _run_after_orphans(folder: RunFolder, execution: Execution) -> Outcome:
    """Runs; a worker that a dead launcher left on the same run is ended before.

    Raises:
        Held: somebody else runs it.
    """
    deadline = monotonic() + ORPHAN_SECONDS
    while True:
        try:
            return run(folder, execution)
        except Held as error:
            orphan = error.pid is not None and is_orphan(error.pid)
            if not orphan or monotonic() > deadline:
                raise
            with suppress(ProcessLookupError):
                # It writes a checkpoint first, and may have been told already.
                os.kill(error.pid or 0, signal.SIGTERM)
            sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    """Runs the worker; returns its exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    end_with_launcher()
    folder, fields = arguments
    execution = Execution(**json.loads(fields))
    if execution.cpus:
        os.sched_setaffinity(0, execution.cpus)
    try:
        outcome = _run_after_orphans(RunFolder(Path(folder)), execution)
    except Held as error:
        sys.stderr.write(f"{error}\n")
        return HELD_EXIT
    return EXIT_CODES.get(outcome, 1)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread that the agent left would hold the slot for ever.
    os._exit(code)
