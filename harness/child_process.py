"""A process of ours that runs an agent's code: it ends, and all that it started ends.

Each is a session of its own, so that Ctrl-C reaches the launcher alone and one signal
reaches everything inside. It writes to a file: a pipe would stay open as long as any
process that the agent left behind.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LAUNCHER = "PODIUM_LAUNCHER"


def start_child(
    command: Sequence[str], log: Path, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Starts a process that appends what it prints to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment, LAUNCHER: str(os.getpid())},
            start_new_session=True,
        )


def signal_child(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signals a child and everything in its session that is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def is_orphan(pid: int) -> bool:
    """Whether a process of this machine was started by a launcher that is gone."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    except OSError:
        return False
    given = [e for e in environment if e.startswith(LAUNCHER.encode() + b"=")]
    return bool(given) and given[0].partition(b"=")[2].decode() != parent


def end_with_launcher() -> None:
    """In the child: on Linux, asks for SIGTERM when the launcher dies, so that none is
    orphaned."""
    launcher = os.environ.get(LAUNCHER)
    if launcher is None or sys.platform != "linux":
        return
    set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
    if os.getppid() != int(launcher):
        os.kill(os.getpid(), signal.SIGTERM)  # it died before the line above
