"""What tests share: the command line as a user has it, and toy agents by path."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
AGENTS = Path(__file__).parent / "agents"
TOYS = f"{AGENTS}/toys.py"
REFERENCE_SCORES = ROOT.parent / "shared" / "reference-scores"

BEGAN = time.time()
"""Before any module of ours is imported."""

os.environ.setdefault("MUJOCO_GL", "egl")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["PODIUM_CACHE"] = ""  # every test computes; test_store.py stores


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


class Podium:
    """The `podium` command in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-P", "-m", "harness.cli.main"]

    def __call__(self, *arguments: object, timeout: float = 300, **env: str) -> Result:
        process = subprocess.run(
            [*self.command, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=timeout,
            env={**os.environ, **env},
            check=False,
        )
        return Result(process.returncode, process.stdout, process.stderr)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Starts a command without waiting for it."""
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
        )

    def runs(self, pattern: str = "*/*-s*") -> list[Path]:
        """Run folders, by name."""
        return sorted((self.folder / "runs").glob(pattern))


@pytest.fixture
def podium(tmp_path: Path) -> Podium:
    """The command line in an empty folder."""
    return Podium(tmp_path)


@pytest.fixture(scope="session")
def reference_scores() -> Path:
    """Published scores per run; absent outside the project's own machines."""
    if not REFERENCE_SCORES.is_dir():
        if os.environ.get("PODIUM_CI"):
            pytest.fail(f"{REFERENCE_SCORES} must be there in CI")
        pytest.skip(f"{REFERENCE_SCORES} is not there")
    return REFERENCE_SCORES
