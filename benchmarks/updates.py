"""What an update of each off-policy agent takes on one core, its batch included.

An update draws its batch from a full replay (of DER and Rainbow by priority), takes its
step and sets priorities. The goals are what the same networks took on an idle core of
the machine that the settings were studied on, without a replay; DQN, whose network is
Rainbow's without noise and distributions, has Rainbow's. CPU time.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from statistics import median
from time import process_time

import torch

from benchmarks._updates import CASES, build, fill, learn_once


def milliseconds(agent, steps, updates):
    """Of an update: the least of three medians, for the machine has other work."""
    for _ in range(5):
        learn_once(agent, steps)
    rounds = []
    for _ in range(3):
        times = []
        for _ in range(updates):
            began = process_time()
            learn_once(agent, steps)
            times.append(process_time() - began)
        rounds.append(median(times) * 1_000)
    return min(rounds)


def main():
    torch.set_num_threads(1)
    for name, case in CASES.items():
        agent = build(case)
        taken = milliseconds(agent, fill(agent, case.rows), case.updates)
        print(f"{name}_UPDATE milliseconds={taken:.1f} goal={case.goal}", flush=True)


if __name__ == "__main__":
    main()
