"""What a checkpoint costs, in pause and size, with a replay of 100,000 Atari steps.

Real frames of Breakout through the real checkpoint, beside networks and optimiser of
the data-efficient size. COPIED is the alternative that this design avoids: the same
replay inside each checkpoint.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch import nn

from baselines.parts.replay import Replay, Sizes
from harness.agent import Step
from harness.checkpoint import Checkpoints
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite

STEPS, BETWEEN, ROUNDS = 100_000, 6_000, 4
"""Steps in the replay; between two checkpoints (10 minutes at 10 steps/s); rounds."""


def play(env, replay, steps, *, rng, obs, first):
    """Adds real steps to the replay."""
    valid = np.ones(1, dtype=bool)
    for _ in range(steps):
        action = rng.integers(4, size=1)
        following, reward, terminated, truncated, infos = env.step(action)
        ended = terminated | truncated
        next_obs = infos["final_obs"] if ended.any() else following
        replay.add(
            Step(obs, action, reward, terminated, truncated, next_obs, valid, first)
        )
        obs, first = following, ended
    return obs, first


def pause(checkpoints, state):
    began = perf_counter()
    checkpoints.write(state)
    return (perf_counter() - began) * 1000


def written(folder):
    """Megabytes of the newest checkpoint, without the mapped files."""
    newest = max(int(n) for n in os.listdir(folder) if n.isdigit())
    files = (folder / str(newest)).iterdir()
    return sum(file.stat().st_size for file in files) / 1e6


def main():
    task = load_suite("atari100k").task("breakout")
    options = resolve_options(EnvOptions(), task.protocol.options)
    env = make_env(task, options, seeds=lambda row, episode: 1 + row + episode)
    env.keep_history()
    network = nn.Linear(2_000, 1_000)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.zeros(1, 2_000)).sum().backward()
    optimiser.step()
    rng = np.random.default_rng(0)
    sizes = Sizes(102_400, 1, (4, 84, 84), "uint8", (), "int64", stack=4)
    with tempfile.TemporaryDirectory(dir=".") as name:
        run = Path(name)
        checkpoints = Checkpoints(run, every_seconds=float("inf"))
        replay = Replay(
            sizes,
            n_step=10,
            discount=0.99,
            priority_exponent=0.5,
            folder=checkpoints.mapped_files,
        )

        def state():
            return {
                "agent_steps": 0,
                "env": env.save(),
                "agent": {
                    "network": network.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "replay": replay.state_dict(),
                },
            }

        def copied():
            rows = replay.state_dict()
            rows["rows"] = {key: np.array(v) for key, v in rows["rows"].items()}
            return {**state(), "agent": {"replay": rows}}

        obs, _ = env.reset()
        obs, first = play(
            env, replay, STEPS, rng=rng, obs=obs, first=np.ones(1, dtype=bool)
        )
        pause(checkpoints, state)
        pauses = []
        for _ in range(ROUNDS):
            obs, first = play(env, replay, BETWEEN, rng=rng, obs=obs, first=first)
            pauses.append(pause(checkpoints, state))
        megabytes = written(run / "checkpoint")
        mapped = sum(file.stat().st_size for file in checkpoints.mapped_files.iterdir())
        full = [pause(checkpoints, copied) for _ in range(ROUNDS)]
        full_megabytes = written(run / "checkpoint")
    env.close()
    print(f"CHECKPOINT_PAUSE milliseconds={median(pauses):.0f} goal=500")
    print(f"CHECKPOINT_SIZE megabytes={megabytes:.1f} goal=30")
    print(f"CHECKPOINT_REPLAY gigabytes={mapped / 1e9:.3f} goal=0.75")
    print(
        f"CHECKPOINT_COPIED milliseconds={median(full):.0f} of {full_megabytes:.0f} MB"
    )
    print(f"CHECKPOINT_COST ratio={median(full) / median(pauses):.1f} goal=10")


if __name__ == "__main__":
    main()
