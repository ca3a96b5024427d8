"""Memory that each simulator takes, against suites/envs/memory.py's estimate.

Every number is a fresh process's growth from before the simulator is imported until two
resets later: for one environment and for several, of a demanding task.
"""

import subprocess
import sys

from suites.envs.memory import environment_bytes
from suites.registry import load_suite

CASES = {
    "ATARI": ("atari100k", "ms_pacman", 11),
    "DMC": ("dmc-proprio", "walker_walk", 11),
    "DMC_PIXELS": ("dmc-vision", "quadruped_run", 11),
    "PROCGEN": ("procgen-easy", "coinrun", 11),
    "MEMORY_MAZE": ("memory-maze", "15x15", 2),
}
"""What is measured -> its suite, its task, and how many "several" environments are."""


def measure(suite, name, count):
    """Bytes that this process grows by at its highest."""
    import os
    import resource

    import psutil

    # As `podium submit` gives it to its workers; read when OpenGL starts.
    os.environ["LP_NUM_THREADS"] = "1"
    os.environ.setdefault("MUJOCO_GL", "egl")

    from suites.envs.make import make_env
    from suites.options import EnvOptions, resolve_options

    task = load_suite(suite).task(name)
    options = resolve_options(EnvOptions(num_envs=count), task.protocol.options)
    before = psutil.Process().memory_info().rss
    env = make_env(task, options, seeds=lambda row, episode: 1 + row + 100 * episode)
    env.reset()
    env.reset()
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    env.close()
    return highest - before


def main():
    for label, (suite, task, several) in CASES.items():
        for count in (1, several):
            command = [sys.executable, "-m", "benchmarks.environment_memory"]
            result = subprocess.run(
                [*command, suite, task, str(count)],
                capture_output=True,
                text=True,
                check=True,
            )
            simulator = load_suite(suite).task(task).simulator
            goal = environment_bytes(simulator, count) / 1e9
            gigabytes = int(result.stdout.split()[-1]) / 1e9
            name = f"MEMORY_OF_{count}_{label}"
            print(f"{name} gigabytes={gigabytes:.3f} goal={goal:.3f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    else:
        main()
