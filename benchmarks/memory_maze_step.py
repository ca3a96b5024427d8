"""Memory Maze: our decisions against those of the package as shipped.

The same maze and the same random actions in turn in one process; CPU time, median over
rounds. Resets, which cost the same on both, are not counted.
"""

import os
from statistics import median
from time import process_time

import numpy as np

# As `podium submit` gives it to its workers; read when OpenGL starts.
os.environ["LP_NUM_THREADS"] = "1"

from suites.envs.memory_maze import MemoryMazeSimulation
from suites.registry import load_suite

SIZES = ("9x9", "15x15")
DECISIONS, ROUNDS = 60, 3


def time_decisions(simulation, actions):
    began = process_time()
    for action in actions:
        simulation.step(action)
    return process_time() - began


def main():
    ratios = []
    for size in SIZES:
        settings = load_suite("memory-maze").task(size).protocol.settings
        ours = MemoryMazeSimulation(settings)
        shipped = MemoryMazeSimulation(settings, as_shipped=True)
        rng = np.random.default_rng(0)
        for _ in range(ROUNDS):
            seed = int(rng.integers(1000))
            ours.reset(seed)
            shipped.reset(seed)
            actions = rng.integers(6, size=DECISIONS)
            mine = time_decisions(ours, actions)
            ratios.append(time_decisions(shipped, actions) / mine)
            milliseconds = 1000 * mine / DECISIONS
            print(f"{size}: {milliseconds:.2f} ms a decision, {ratios[-1]:.2f}x")
        ours.close()
        shipped.close()
    print(f"MEMORY_MAZE_STEP ratio={median(ratios):.2f} goal=5")


if __name__ == "__main__":
    main()
