"""One worker process as its launcher sees it: started, watched, ended, explained."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from harness.devices import Slot, worker_environment
from harness.train import Execution
from results_db.outcomes import Outcome
from results_db.run_files import RunFolder


class WorkerProcess:
    """A running attempt at a run."""

    def __init__(self, folder: RunFolder, slot: Slot, execution: Execution) -> None:
        """Starts the worker in a session of its own, so that Ctrl-C reaches the
        launcher alone. What it prints goes to the run's log.txt."""
        self.folder = folder
        self.slot = slot
        self.began = monotonic()
        self._timed_out = False
        self._stopped = False
        command = [sys.executable, "-P", "-m", "harness.worker", str(folder.path)]
        environment = worker_environment(slot)
        environment["PODIUM_LAUNCHER"] = str(os.getpid())
        with (folder.path / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, json.dumps(asdict(execution))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

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
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it and everything that it started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def outcome(self) -> tuple[Outcome, dict[str, Any]]:
        """How the ended attempt ended; records it where the worker no longer could."""
        code = self._process.wait()
        # What the agent may have started must not outlive its run.
        self._signal(signal.SIGKILL)
        attempts = self.folder.attempts()
        last = attempts[-1] if attempts else None
        if (
            last is not None
            and last["outcome"] is not None
            and (last.get("pid") == self._process.pid)
        ):
            return Outcome(last["outcome"]), last
        outcome, error = self._explanation(code)
        if last is None or last.get("pid") != self._process.pid:
            number = self.folder.start_attempt(pid=self._process.pid)
        else:
            number = last["attempt"]
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
            name = signal.Signals(-code).name
            hint = " (often: out of memory)" if name == "SIGKILL" else ""
            message = f"ended by {name}{hint}; the end of its log: {self._log_tail()}"
            return Outcome.KILLED, _error("signal", name, message)
        message = f"exit {code} without a word; the end of its log: {self._log_tail()}"
        return Outcome.FAILED, _error("exit", "SystemExit", message)

    def _log_tail(self) -> str:
        return log_tail(self.folder.path)


def log_tail(folder: Path, size: int = 500) -> str:
    """The end of a run's log."""
    try:
        content = (folder / "log.txt").read_bytes()[-size:]
    except FileNotFoundError:
        return "(none)"
    return content.decode(errors="replace").strip() or "(empty)"


def _error(kind: str, name: str, message: str) -> dict[str, str]:
    return {"kind": kind, "type": name, "message": message, "traceback": ""}
