"""What one update of SPR takes on one core: five steps predicted, frames augmented.

As in benchmarks/der_update.py, beside which it is measured: from a full replay of Atari
frames, sequences included. The goal is that of the same networks without replay on an
idle core of the machine that the settings were studied on, where DER took 11 ms.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from baselines.rainbow import DER
from baselines.spr import SPR
from benchmarks.der_update import ROWS, build, fill, milliseconds


def measure(cls):
    agent, env = build(cls, capacity=ROWS)
    env.close()
    fill(agent)
    return milliseconds(agent)


def main():
    der, spr = measure(DER), measure(SPR)
    print(f"SPR_UPDATE milliseconds={spr:.1f} times_der={spr / der:.1f} goal=115")


if __name__ == "__main__":
    main()
