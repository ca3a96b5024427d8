"""Where a number comes from: code, packages, machine, device, settings of a process."""

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "podium-rl",
    "numpy",
    "gymnasium",
    "torch",
    "ale-py",
    "opencv-python-headless",
    "dm_control",
    "mujoco",
    "procgen-mirror",
    "memory-maze",
    "labmaze",
    "stable-baselines3",
)
"""Packages whose version can change a number."""

VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "MUJOCO_GL",
    "MUJOCO_EGL_DEVICE_ID",
    "OMP_NUM_THREADS",
    "LP_NUM_THREADS",
    "CUBLAS_WORKSPACE_CONFIG",
    "PYTHONHASHSEED",
)
"""Environment variables that the launcher pins."""


def provenance(agent_file: Path | None, device: str) -> dict[str, Any]:
    """Everything about this process that a run's numbers may depend on.

    Args:
        agent_file: the agent's source, for its git revision.
        device: `cpu` or `cuda`.
    """
    return {
        "podium": _git(Path(__file__)),
        "agent_git": None if agent_file is None else _git(agent_file),
        "packages": {name: v for name in PACKAGES if (v := _version(name))},
        "python": platform.python_version(),
        "host": platform.node(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "device": device,
        "gpu": gpu(device),
        "variables": {
            name: os.environ[name] for name in VARIABLES if name in os.environ
        },
        "command": os.environ.get("PODIUM_COMMAND", " ".join(sys.argv)),
    }


@cache
def cpu_name() -> str:
    """The processor's model name."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def gpu(device: str) -> dict[str, str] | None:
    """Name and driver of the GPU that this process sees; None on a CPU run."""
    torch = sys.modules.get("torch")
    if device == "cpu" or torch is None or not torch.cuda.is_available():
        return None
    properties = torch.cuda.get_device_properties(0)
    return {
        "name": properties.name,
        "memory_bytes": str(properties.total_memory),
        "cuda": str(torch.version.cuda),
        "driver": _output(
            ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        )
        or "unknown",
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(file: Path) -> dict[str, Any] | None:
    """Revision and dirty flag of the repository that tracks a file, if one does.

    A file that merely lies in a repository, e.g. in its .venv, is not of it.
    """
    git = ["git", "-C", str(file.parent)]
    if _output([*git, "ls-files", "--error-unmatch", "--", file.name]) is None:
        return None
    revision = _output([*git, "rev-parse", "HEAD"])
    if not revision:
        return None
    changes = _output([*git, "status", "--porcelain"])
    return {"revision": revision, "dirty": bool(changes)}


def _output(command: list[str]) -> str | None:
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None
