"""One worker process as its launcher sees it: started, watched, ended, explained."""

import json
import os
import secrets
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from harness.child_process import signal_child, start_child
from harness.devices import Slot, worker_environment
from harness.train import Execution
from harness.worker import HELD_EXIT
from results_db.locks import Held, hold
from results_db.outcomes import Outcome
from results_db.run_files import RunFolder, read_end


class WorkerProcess:
    """A running attempt at a run."""

    def __init__(self, folder: RunFolder, slot: Slot, execution: Execution) -> None:
        """Starts the worker. What it prints goes to the run's log.txt."""
        self.folder = folder
        self.slot = slot
        self.began = monotonic()
        self._timed_out = False
        self._stopped = False
        command = [sys.executable, "-P", "-m", "harness.worker"]
        # Absolute: an agent may change its working directory.
        command.append(str(folder.path.absolute()))
        environment = worker_environment(slot)
        # A process id may be another's on another machine; this is nobody else's.
        self._token = secrets.token_hex(8)
        environment["PODIUM_ATTEMPT"] = self._token
        command.append(json.dumps(asdict(execution)))
        self._process = start_child(command, folder.path / "log.txt", environment)

    @property
    def seconds(self) -> float:
        """Seconds since it was started."""
        return monotonic() - self.began

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def time_out(self) -> None:
        """Ends it at once, as --run-timeout asks."""
        self._timed_out = True
        self.kill()

    def stop(self) -> None:
        """Asks it to stop cleanly."""
        self._stopped = True
        signal_child(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """Ends it and everything that it started."""
        signal_child(self._process, signal.SIGKILL)

    def outcome(self) -> tuple[Outcome, dict[str, Any]]:
        """How the ended attempt ended; records it where the worker no longer could."""
        code = self._process.wait()
        # What the agent may have started must not outlive its run.
        signal_child(self._process, signal.SIGKILL)
        if code == HELD_EXIT:
            return self._held()
        mine = self._attempt()
        if mine is not None and mine["outcome"] is not None:
            return Outcome(mine["outcome"]), mine
        try:
            with hold(self.folder.path):
                return self._record(code, mine)
        except Held:
            return self._held()

    def _attempt(self) -> dict[str, Any] | None:
        """This worker's attempt, if it came so far as to record one."""
        attempts = self.folder.attempts()
        return next((a for a in attempts if a.get("token") == self._token), None)

    def _held(self) -> tuple[Outcome, dict[str, Any]]:
        """Another process runs the cell: its files are not ours to touch."""
        message = "another process is running this cell; nothing was done here"
        return Outcome.HELD, {"error": _error("held", "Held", message)}

    def _record(
        self, code: int, mine: dict[str, Any] | None
    ) -> tuple[Outcome, dict[str, Any]]:
        """Writes down how the attempt ended; the folder is held."""
        number = None if mine is None else int(mine["attempt"])
        if self.folder.done:
            # It has its result: the worker died between `done` and its last line.
            summary = self.folder.summary()
            outcome = Outcome(summary["outcome"])
            if number is not None:
                self.folder.end_attempt(number, outcome)
            return outcome, summary
        outcome, error = self._explanation(code)
        if number is None:
            number = self.folder.start_attempt(
                pid=self._process.pid, host=os.uname().nodename, token=self._token
            )
        details = {"error": error} if error else {}
        self.folder.end_attempt(number, outcome, **details)
        return outcome, {"attempt": number, "outcome": outcome.value, **details}

    def _explanation(self, code: int) -> tuple[Outcome, dict[str, str] | None]:
        if self._timed_out:
            message = f"ended by --run-timeout after {self.seconds:.0f} s"
            return Outcome.TIMED_OUT, _error("timeout", "Timeout", message)
        if self._stopped:
            return Outcome.INTERRUPTED, None
        if code < 0:
            name = _signal_name(-code)
            hint = " (often: out of memory)" if name == "SIGKILL" else ""
            message = f"ended by {name}{hint}; the end of its log: {self._log_tail()}"
            return Outcome.KILLED, _error("signal", name, message)
        message = f"exit {code} without a word; the end of its log: {self._log_tail()}"
        return Outcome.FAILED, _error("exit", "SystemExit", message)

    def _log_tail(self) -> str:
        return log_tail(self.folder.path)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def log_tail(folder: Path, size: int = 500) -> str:
    """The end of a run's log."""
    try:
        content = read_end(folder / "log.txt", size)
    except FileNotFoundError:
        return "(none)"
    return content.decode(errors="replace").strip() or "(empty)"


def _error(kind: str, name: str, message: str) -> dict[str, str]:
    return {"kind": kind, "type": name, "message": message, "traceback": ""}
