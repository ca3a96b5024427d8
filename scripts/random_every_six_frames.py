"""Plays Atari 100k's games at random with one decision every six frames.

    python scripts/random_every_six_frames.py [GAME ...]

A test of where the published random column comes from; docs/random_agent.md shows it
beside the protocol's four frames; all else is the protocol's. 30 episodes a game; adds
to docs/random_every_six_frames.json.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite
from suites.spec import Task

RESULT = Path(__file__).parent.parent / "docs" / "random_every_six_frames.json"
ENVS, EPISODES_EACH = 10, 3


def play(task: Task) -> list[float]:
    """Returns of ENVS x EPISODES_EACH episodes, the same number in each environment."""
    settings = replace(task.protocol.settings, frame_skip=6)  # type: ignore[call-arg]
    task = replace(task, protocol=replace(task.protocol, settings=settings))
    options = resolve_options(EnvOptions(num_envs=ENVS), task.protocol.options)
    env = make_env(
        task,
        options,
        seeds=lambda row, episode: 7919 * (row + 1) + episode,
        split="evaluation",
    )
    rng = np.random.default_rng(1)
    returns, ended = np.zeros(ENVS), [list[float]() for _ in range(ENVS)]
    env.reset()
    while min(map(len, ended)) < EPISODES_EACH:
        actions = rng.integers(env.single_action_space.n, size=ENVS)  # type: ignore[attr-defined]
        _, reward, terminated, truncated, _ = env.step(actions)
        returns += reward
        for row in np.flatnonzero(terminated | truncated):
            ended[row].append(float(returns[row]))
            returns[row] = 0.0
    env.close()
    return [value for row in ended for value in row[:EPISODES_EACH]]


def main(names: list[str]) -> None:
    """Plays the named games, or all, and adds them to the file."""
    suite = load_suite("atari100k")
    found = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for task in [suite.task(name) for name in names] or suite.tasks:
        values = play(task)
        half_width = 1.96 * stdev(values) / len(values) ** 0.5
        found[task.name] = {
            "mean": round(fmean(values), 4),
            "half_width": round(half_width, 4),
            "episodes": len(values),
        }
        print(task.name, found[task.name], flush=True)
        RESULT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
