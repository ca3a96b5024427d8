"""How much memory the simulators take.

Measured with their first environment and ten more (Memory Maze: one more, the largest
while it makes a maze) on Linux with software rendering;
benchmarks/environment_memory.py measures them again.
"""

SIMULATOR_BYTES = {
    "atari": 50_000_000,
    "dmc": 200_000_000,
    "procgen": 450_000_000,
    "memory_maze": 1_000_000_000,
    "toy": 0,
}
"""Once a process."""

ENVIRONMENT_BYTES = {
    "atari": 5_000_000,
    "dmc": 85_000_000,
    "procgen": 1_000_000,
    "memory_maze": 1_300_000_000,
    "toy": 0,
}
"""For each environment."""


def environment_bytes(simulator: str, num_envs: int) -> int:
    """Memory that a process needs for its environments of one simulator."""
    return SIMULATOR_BYTES[simulator] + num_envs * ENVIRONMENT_BYTES[simulator]
