"""The files of runs and submissions: the truth that the database indexes.

    runs/<submission>/plan.json                      what was planned; replaced whole
                      ledger.jsonl                   what the launcher saw; append-only
                      <task>-s<seed>/spec.json       the cell
                                     attempts.jsonl  start and end of every attempt
                                     episodes.jsonl  every training episode
                                     evaluations.jsonl
                                     metrics.jsonl   progress and the agent's metrics
                                     log.txt         what the worker printed
                                     policy/         the final policy
                                     video.mp4       where one was asked for
                                     attempts/<n>/   files of attempts that did not end
                                     checkpoint/     what an unfinished run goes on from
                                     done            written last

Files are written whole (temporary name, then rename) or appended by line; a torn last
line, left by a kill in the middle of a write, is ignored.
"""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from results_db.outcomes import Outcome
from results_db.run_spec import RunSpec, SpecError, read_spec

DATA_FILES = ("episodes.jsonl", "evaluations.jsonl", "metrics.jsonl", "policy")
"""What an attempt writes; set aside when the next attempt starts over."""


class FileDamaged(ValueError):
    """A whole line of an append-only file is not JSON."""


def utc_now() -> str:
    """The time as `2026-11-21T07:31:00.123Z`."""
    now = datetime.now(UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_whole(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a JSON file so that readers see the old one or the new one."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.writing")
    unfinished.write_text(json.dumps(document, indent=1) + "\n")
    unfinished.rename(path)


def append_line(path: Path, row: Mapping[str, Any]) -> None:
    """Appends one JSON line in a single write."""
    appender = Appender(path)
    try:
        appender.append(row)
    finally:
        appender.close()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Reads an append-only file; absent is empty, a torn last line is ignored.

    Raises:
        FileDamaged: a whole line is not a JSON object.
    """
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return
    whole_lines = text.split("\n")[:-1]
    for number, line in enumerate(whole_lines, start=1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise FileDamaged(f"{path}, line {number}: not a JSON object")
        yield row


def last_line(path: Path, *, block: int = 65536) -> dict[str, Any] | None:
    """The last whole line of an append-only file, without reading all of it."""
    try:
        tail = read_end(path, block)
    except FileNotFoundError:
        return None
    for line in reversed(tail.split(b"\n")[:-1]):
        with suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict):
                return row
    return None


def read_end(path: Path, size: int) -> bytes:
    """The last bytes of a file, without reading all of it."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - size))
        return file.read(size)


class Appender:
    """One append-only file, held open by the process that writes it."""

    def __init__(self, path: Path) -> None:
        _cut_torn_line(path)
        self._path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def append(self, row: Mapping[str, Any]) -> None:
        """Appends one line; it survives a kill as soon as this returns.

        Raises:
            OSError: the line could not be written whole, e.g. the disk is full.
        """
        line = json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        if os.write(self._descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def close(self) -> None:
        os.close(self._descriptor)


def _cut_torn_line(path: Path) -> None:
    """Removes what a broken write left after the last whole line."""
    with suppress(FileNotFoundError), path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return
        file.seek(size - 1)
        if file.read() != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


class RunFolder:
    """One run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def spec(self) -> RunSpec:
        return read_spec(self.path / "spec.json")

    @property
    def exists(self) -> bool:
        return (self.path / "spec.json").exists()

    @property
    def done(self) -> bool:
        return (self.path / "done").exists()

    @property
    def wants_video(self) -> bool:
        """Whether a video is asked for; False where no spec can be read, which its
        worker says."""
        try:
            return self.exists and self.spec.video
        except SpecError:
            return False

    def create(self, spec: RunSpec) -> None:
        """Makes the folder with its spec. One of the same cell that is there is brought
        up to date: its agent may be loaded from elsewhere now; any other is kept."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.exists or self._is_outdated(spec):
            write_whole(self.path / "spec.json", spec.to_json())
            self.__dict__.pop("spec", None)

    def _is_outdated(self, spec: RunSpec) -> bool:
        try:
            return self.spec.cell == spec.cell and self.spec != spec
        except SpecError:  # its worker says so
            return False

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Reads one of the append-only files, e.g. `rows("episodes")`."""
        return read_lines(self.path / f"{name}.jsonl")

    def attempts(self) -> list[dict[str, Any]]:
        """One dict an attempt: its lines merged; `outcome` is None without an end."""
        attempts: dict[int, dict[str, Any]] = {}
        for row in self.rows("attempts"):
            known = attempts.setdefault(row["attempt"], {"outcome": None})
            known.update({name: row[name] for name in row if name != "event"})
        return [attempts[number] for number in sorted(attempts)]

    def start_attempt(self, **details: Any) -> int:
        """Records a new start, and that the attempt before was lost if it never
        ended."""
        attempts = self.attempts()
        number = attempts[-1]["attempt"] + 1 if attempts else 1
        if attempts:
            last = attempts[-1]
            if last["outcome"] is None:
                self.end_attempt(last["attempt"], Outcome.LOST)
        self._log_attempt("start", number, started_at=utc_now(), **details)
        return number

    def describe_attempt(self, attempt: int, provenance: Mapping[str, Any]) -> None:
        """Records where an attempt's numbers come from."""
        self._log_attempt("provenance", attempt, provenance=provenance)

    def end_attempt(self, attempt: int, outcome: Outcome, **details: Any) -> None:
        """Records how an attempt ended."""
        self._log_attempt(
            "end", attempt, ended_at=utc_now(), outcome=outcome.value, **details
        )

    def _log_attempt(self, event: str, attempt: int, **details: Any) -> None:
        row = {"event": event, "attempt": attempt, **details}
        append_line(self.path / "attempts.jsonl", row)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Writes the `done` marker: the run has its result."""
        write_whole(self.path / "done", summary)

    def summary(self) -> dict[str, Any]:
        """What `done` says. Raises FileNotFoundError for an unfinished run."""
        summary: dict[str, Any] = json.loads((self.path / "done").read_text())
        return summary

    def data_lengths(self) -> dict[str, int]:
        """File name -> bytes, of the append-only files of data."""
        return {name: _size(self.path / name) for name in DATA_FILES[:-1]}

    def set_aside(self, lengths: Mapping[str, int] | None) -> None:
        """Moves what the last attempt wrote behind `lengths` below its own folder.

        Args:
            lengths: file name -> bytes up to which the next attempt goes on from the
                files that are there; None starts over.
        """
        attempts = self.attempts()
        if not attempts:
            return
        kept = self.path / "attempts" / str(attempts[-1]["attempt"])
        kept.mkdir(parents=True, exist_ok=True)
        for name in DATA_FILES:
            length = (lengths or {}).get(name, 0)
            with suppress(FileNotFoundError):
                if length:
                    _cut(self.path / name, length, kept / name)
                else:
                    (self.path / name).rename(kept / name)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _cut(path: Path, length: int, tail: Path) -> None:
    """Cuts a file to `length` bytes; what was behind them goes to `tail`."""
    with path.open("rb+") as file:
        file.seek(length)
        rest = file.read()
        if rest:
            tail.write_bytes(rest)
        file.truncate(length)
