"""How much memory a run will take, and how much there is."""

from pathlib import Path

import psutil

from suites.envs.memory import environment_bytes
from suites.spec import Task

AGENT_BYTES = 600_000_000
"""The interpreter, torch and a small agent; what a large replay takes is not known."""

CGROUP = Path("/sys/fs/cgroup")


def run_bytes(task: Task, num_envs: int) -> int:
    """A run's memory: its training and evaluation environments live side by side."""
    envs = num_envs + task.protocol.evaluation.num_envs
    return AGENT_BYTES + environment_bytes(task.simulator, envs)


def process_bytes() -> int:
    """Memory that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def available_bytes() -> int:
    """Memory that new processes can have, in a container that container's."""
    available = int(psutil.virtual_memory().available)
    try:
        limit = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return available
    return max(0, min(available, limit - used))
