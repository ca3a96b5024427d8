"""Who is at work on a folder: a lock file each, released by the system at a death."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

TRIES = 10
TRY_SECONDS = 0.05


class Held(RuntimeError):
    """Another process holds the folder; the message says which."""

    def __init__(self, message: str, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid
        """The holder's process, where it is one of this machine."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Holds a folder for this process.

    Raises:
        Held: another process has it.
    """
    with (folder / "lock").open("a+") as lock:
        for attempt in range(TRIES):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                # `held` below takes the lock for a moment to look.
                if attempt == TRIES - 1:
                    lock.seek(0)
                    holder = lock.read().strip() or "another process"
                    message = f"{folder.name} is being run by {holder}"
                    raise Held(message, _local_pid(holder)) from error
                sleep(TRY_SECONDS)
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {os.uname().nodename}\n")
        lock.flush()
        yield


def _local_pid(holder: str) -> int | None:
    match = re.fullmatch(r"process (\d+) on (.*)", holder)
    if match is None or match[2] != os.uname().nodename:
        return None
    return int(match[1])


def held(folder: Path) -> bool:
    """True while a process holds the folder."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Waits until no other process is between the same two lines."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
