"""What works on this machine: every simulator made, stepped and shown; the rest asked.

Each simulator is tried in a process of its own, so that one that crashes is a line in
the list and no end of it.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Literal

from harness.devices import gpu_names
from harness.trials import MARK
from suites.envs.make import REQUIREMENTS
from suites.spec import Suite

TRY_SECONDS = 120

ENDED = "it ended without an answer"

KNOWN_GOOD = {
    "numpy": "1.26",
    "gymnasium": "1.4",
    "ale-py": "0.12",
    "dm_control": "1.0.50",
    "mujoco": "3.17",
    "procgen-mirror": "0.10.7",
    "memory-maze": "1.0.3",
    "torch": "2.13",
    "SQLAlchemy": "2.1",
    "pandas": "2.3",
    "pyarrow": "23.",
}
"""Package -> the version that Podium is tested with, as far as it matters."""

TRIALS = {
    "atari": ("atari", "atari100k", "breakout"),
    "dmc": ("dmc", "dmc-proprio", "cheetah_run"),
    "dmc, pixels": ("dmc", "dmc-vision", "cheetah_run"),
    "procgen": ("procgen", "procgen-easy", "coinrun"),
    "memory_maze": ("memory_maze", "memory-maze", "9x9"),
}
"""What is tried -> its simulator, and the suite and task that stand for it."""

Status = Literal["ok", "absent", "differs", "broken"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    status: Status
    detail: str
    """What was found; for a failure one line that says what to do."""


def diagnose(database: str, runs: Path) -> Iterator[Finding]:
    """Looks at everything, slowest last."""
    yield _python()
    yield from _versions()
    yield _gpus()
    yield _torch()
    yield _database(database)
    yield _runs_folder(runs)
    yield _rendering()
    for name, (simulator, suite, task) in TRIALS.items():
        yield _simulator(name, simulator, suite, task)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        return Finding("Python", "ok", found)
    return Finding("Python", "broken", f"{found}; Podium wants 3.11 or 3.12")


def _versions() -> Iterator[Finding]:
    for package, good in KNOWN_GOOD.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            continue
        if found.startswith(good):
            yield Finding(package, "ok", found)
        else:
            yield Finding(
                package,
                "differs",
                f"{found}, tested with {good} (pip install -c constraints.txt)",
            )


def _gpus() -> Finding:
    names = gpu_names()
    if names:
        return Finding("GPU", "ok", ", ".join(names))
    return Finding("GPU", "absent", "none visible to nvidia-smi; runs use the CPU")


def _torch() -> Finding:
    ok, text = _try("torch")
    if not ok:
        return Finding(
            "torch import",
            "absent",
            f"{text}; pip install 'podium-rl[baselines]' brings it",
        )
    if gpu_names() and "without CUDA" in text:
        return Finding("torch import", "broken", f"{text}, but there is a GPU")
    return Finding("torch import", "ok", text)


def _database(database: str) -> Finding:
    from results_db.database import (
        DatabaseError,
        DatabaseMissing,
        open_for_reading,
    )

    try:
        open_for_reading(database).dispose()
    except DatabaseMissing:
        return Finding("database", "absent", f"{database}: made by the first submit")
    except DatabaseError as error:
        return Finding("database", "broken", str(error))
    return Finding("database", "ok", database)


def _runs_folder(runs: Path) -> Finding:
    if not runs.exists():
        return Finding("runs folder", "absent", f"{runs}: made by the first submit")
    if not os.access(runs, os.W_OK | os.X_OK):
        return Finding(
            "runs folder", "broken", f"{runs} cannot be written by this user"
        )
    return Finding("runs folder", "ok", str(runs))


def _rendering() -> Finding:
    if not _installed("mujoco"):
        return Finding("rendering", "absent", "mujoco is not installed")
    ok, text = _try("renderer")
    if ok:
        backend = os.environ.get("MUJOCO_GL", "egl")
        return Finding("rendering", "ok", f"{backend}: {text}")
    return Finding("rendering", "broken", f"{text}; {_rendering_advice()}")


def _rendering_advice() -> str:
    """What to do when MuJoCo cannot draw."""
    from suites.envs.gl import libraries_missing

    backend = os.environ.get("MUJOCO_GL", "egl")
    if backend != "egl":
        return f"MUJOCO_GL={backend}: unset it, or set it to egl"
    return libraries_missing() or "the driver behind libEGL does not work: see eglinfo"


def _simulator(name: str, simulator: str, suite: str, task: str) -> Finding:
    missing = _missing({simulator})
    if missing is not None:
        return Finding(name, "absent", missing)
    ok, text = _try(suite, task)
    if not ok and "mujoco" in REQUIREMENTS[simulator].packages:
        text = f"{text}; {_rendering_advice()}"
    return Finding(name, "ok" if ok else "broken", text)


def fingerprints(suites: Sequence[str]) -> Iterator[Finding]:
    """Plays every task's fingerprint, suite by suite, each in a process of its own.

    A task that drifted is `broken`, one that nothing is recorded for is `differs`.
    """
    from suites.registry import load_suite

    for name in suites:
        suite = load_suite(name)
        missing = _missing({task.simulator for task in suite.tasks})
        if missing is not None:
            yield Finding(suite.id, "absent", missing)
            continue
        yield from _suite_fingerprints(suite)


def _suite_fingerprints(suite: Suite) -> Iterator[Finding]:
    """The findings as they come; tasks that the process did not reach are broken."""
    statuses: dict[str, Status] = {
        "same": "ok",
        "drifted": "broken",
        "failed": "broken",
        "unrecorded": "differs",
    }
    left = [task.name for task in suite.tasks]
    process = subprocess.Popen(
        _command("fingerprints", suite.id),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(),
    )
    reason = ENDED
    with process:
        try:
            for said in _answers(process):
                task, _, rest = said.partition(" ")
                status, _, detail = rest.partition(": ")
                if task in left:
                    left.remove(task)
                    yield Finding(f"{suite.id}/{task}", statuses[status], detail)
                else:
                    reason = said
        except TimeoutError:
            process.kill()
            reason = f"no answer within {TRY_SECONDS} s"
        else:
            reason = _death(process.wait()) or reason
    for task in left:
        yield Finding(f"{suite.id}/{task}", "broken", f"not played: {reason}")


def _answers(process: subprocess.Popen[str]) -> Iterator[str]:
    """What a trial says, as it comes. TimeoutError: nothing for TRY_SECONDS."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=TRY_SECONDS)
        except Empty as error:
            raise TimeoutError from error
        if line is None:
            return
        if line.startswith(MARK):
            yield line.removeprefix(MARK).strip()


def _death(code: int) -> str | None:
    return f"the process died by signal {-code}" if code < 0 else None


def _missing(simulators: Iterable[str]) -> str | None:
    """Which packages of some simulators are absent, and what installs them."""
    packages, extras = [], []
    for requirement in (REQUIREMENTS[name] for name in sorted(simulators)):
        absent = [name for name in requirement.packages if not _installed(name)]
        packages += absent
        extras += [requirement.extra] if absent else []
    if not packages:
        return None
    names = ", ".join(dict.fromkeys(packages))
    return f"no {names}; pip install 'podium-rl[{','.join(extras)}]'"


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _command(*what: str) -> list[str]:
    return [sys.executable, "-P", "-m", "harness.trials", *what]


def _environment() -> dict[str, str]:
    return {"MUJOCO_GL": "egl", **os.environ, "OMP_NUM_THREADS": "1"}


def _try(*what: str) -> tuple[bool, str]:
    """Tries something in a process of its own; returns success and what it said."""
    try:
        result = subprocess.run(
            _command(*what),
            capture_output=True,
            text=True,
            timeout=TRY_SECONDS,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {TRY_SECONDS} s"
    death = _death(result.returncode)
    if death is not None:
        return False, death
    lines = [line for line in result.stdout.splitlines() if line.startswith(MARK)]
    said = lines[-1].removeprefix(MARK) if lines else ENDED
    return result.returncode == 0 and bool(lines), said
