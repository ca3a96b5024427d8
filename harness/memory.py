"""How much memory a run will take, and how much there is."""

from pathlib import Path

import psutil

from suites.envs.memory import environment_bytes
from suites.spec import Task

AGENT_BYTES = 600_000_000
"""The interpreter, torch and a small agent; what a large replay takes is not known."""

CGROUP = Path("/sys/fs/cgroup")

MEMBERSHIP = Path("/proc/self/cgroup")

GROUP_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""A control group's limit, its use, and memory.stat's row of pages that the kernel
gives back when they are wanted; in version 2 and in version 1."""


def run_bytes(task: Task, num_envs: int) -> int:
    """A run's memory: its training and evaluation environments live side by side."""
    envs = num_envs + task.protocol.evaluation.num_envs
    return AGENT_BYTES + environment_bytes(task.simulator, envs)


def process_bytes() -> int:
    """Memory that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def available_bytes() -> int:
    """Memory that new processes can have: the machine's, and no more than any control
    group of this process leaves; a container is one."""
    rooms = [_room(group) for group in _groups()]
    available = int(psutil.virtual_memory().available)
    return max(0, min([available, *(room for room in rooms if room is not None)]))


def _groups() -> list[Path]:
    """Folders of the groups that hold this process, its own first."""
    try:
        lines = MEMBERSHIP.read_text().splitlines()
    except OSError:
        return [CGROUP]
    groups = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in {"", "memory"}:
            continue
        top = CGROUP / controllers
        # Seen from inside a container the path may lie outside of it.
        own = top if ".." in path else top / path.lstrip("/")
        groups += [g for g in (own, *own.parents) if g.is_relative_to(top)]
    return groups


def _room(group: Path) -> int | None:
    """What one group leaves; None where it has no limit or is not there."""
    for limit, usage, given_back in GROUP_FILES:
        try:
            left = int((group / limit).read_text()) - int((group / usage).read_text())
        except (OSError, ValueError):
            continue
        file = group / "memory.stat"
        stat = file.read_text().split() if file.exists() else []
        counts = dict(zip(stat[::2], stat[1::2], strict=False))
        return left + int(counts.get(given_back, 0))
    return None
