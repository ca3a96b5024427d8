"""A prioritised batch of 32 out of 100,000 Atari steps, and the memory that they take.

CPU time on one thread, priorities set again included, as an update does; the memory is
what the process grew by. The alternative that the ratio compares with keeps whole
stacks of four frames, this one and the next.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from statistics import median
from time import process_time

import numpy as np
import psutil

from baselines.parts.replay import Replay, Sizes
from harness.agent import Step

ROWS, BATCH, ROUNDS = 100_000, 32, 300
STACK, SIDE, EPISODE = 4, 84, 1_000


def fill(replay):
    """Steps whose stacks follow from each other, in episodes of 1,000."""
    rng = np.random.default_rng(0)
    film = rng.integers(0, 256, (EPISODE + STACK, SIDE, SIDE), dtype=np.uint8)
    action, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    for index in range(ROWS):
        now = index % EPISODE
        replay.add(
            Step(
                obs=film[None, now : now + STACK],
                action=action,
                reward=np.ones(1),
                terminated=no | (now == EPISODE - 1),
                truncated=no,
                next_obs=film[None, now + 1 : now + 1 + STACK],
                next_obs_valid=~no,
                first=no | (now == 0),
            )
        )


def main():
    process, rng = psutil.Process(), np.random.default_rng(0)
    before = process.memory_info().rss
    sizes = Sizes(102_400, 1, (STACK, SIDE, SIDE), "uint8", (), "int64", STACK)
    replay = Replay(sizes, n_step=10, discount=0.99, priority_exponent=0.5)
    fill(replay)
    grown = process.memory_info().rss - before
    times = []
    for _ in range(ROUNDS):
        began = process_time()
        batch = replay.sample(BATCH, rng, beta=0.4)
        replay.set_priorities(batch.rows, rng.random(BATCH))
        times.append(process_time() - began)
    print(f"REPLAY_BATCH milliseconds={median(times) * 1e3:.2f} goal=1")
    whole = ROWS * 2 * STACK * SIDE * SIDE
    print(
        f"REPLAY_MEMORY gigabytes={grown / 1e9:.3f} ratio={whole / grown:.2f} goal=0.75"
    )


if __name__ == "__main__":
    main()
