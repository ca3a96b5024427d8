"""Steps a second on a GPU: updates as one CUDA graph against eager ones.

Recording, sampling and an update for each step, no emulator and no acting. Without a
GPU there is nothing to measure, and it says so.
"""

from statistics import median
from time import perf_counter

import torch

from benchmarks._updates import CASES, build, fill, learn_once

STEPS, ROUNDS = 300, 3


def steps_per_second(agent, steps):
    for _ in range(20):
        learn_once(agent, steps)
    torch.cuda.synchronize()
    rounds = []
    for _ in range(ROUNDS):
        began = perf_counter()
        for _ in range(STEPS):
            learn_once(agent, steps)
        torch.cuda.synchronize()
        rounds.append(STEPS / (perf_counter() - began))
    return median(rounds)


def main():
    if not torch.cuda.is_available():
        print("CUDA_UPDATES not measured: no GPU is here")
        return
    for name, case in CASES.items():
        rates = {}
        for compiled in (True, False):
            agent = build(case, device="cuda", compile=compiled)
            rates[compiled] = steps_per_second(agent, fill(agent, 5_000))
            if compiled and not agent.compiled.captured:
                raise SystemExit(f"{name}: the update was not captured")
        print(
            f"{name}_CUDA_UPDATE steps_per_second={rates[True]:.0f} "
            f"ratio={rates[True] / rates[False]:.2f} goal=1"
        )


if __name__ == "__main__":
    main()
