"""An update of SAC (256x2, batch 256) with its critics as one batched network, against
the same update with two networks of torch's own layers.

CPU time on one thread; both compute the same numbers. Rounds alternate, median of each.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="")

from copy import deepcopy
from statistics import median
from time import process_time

import numpy as np
import torch
from torch import nn

from baselines.sac import SAC
from harness.agent import Step
from harness.task_info import build_config, choose_options, task_info
from suites.registry import load_suite

ROUNDS, UPDATES = 15, 20


class Separate(nn.Module):
    """Two critics, one after the other."""

    def __init__(self, critics):
        super().__init__()
        layers = [*critics.trunk.layers, critics.head]
        self.members = nn.ModuleList(
            nn.Sequential(*(part for layer in layers for part in plain(layer, member)))[
                :-1
            ]
            for member in range(critics.trunk.members)
        )

    def forward(self, obs, action):
        x = torch.cat([obs, action], 1)
        return torch.stack([member(x).squeeze(1) for member in self.members])


def plain(layer, member):
    """One member of a batched layer as torch's own."""
    _, inputs, outputs = layer.weight.shape
    linear = nn.Linear(inputs, outputs)
    with torch.no_grad():
        linear.weight.copy_(layer.weight[member].T)
        linear.bias.copy_(layer.bias[member, 0])
    return linear, nn.ReLU()


def build():
    """An agent with a replay of random transitions."""
    suite = load_suite("dmc-proprio")
    task = suite.task("cheetah_run")
    config = build_config(SAC, task_info(suite, task), {"capacity": 2_000})
    options = choose_options(SAC, task_info(suite, task), config)
    info = task_info(suite, task, options)
    agent = SAC(info, seed=0, device="cpu", config=config)
    agent.prepare(None)
    rng, no = np.random.default_rng(0), np.zeros(1, bool)
    for _ in range(1_000):
        obs = rng.normal(size=(2, 1, *info.observation_space.shape)).astype(np.float32)
        action = rng.uniform(-1, 1, (1, *info.action_space.shape)).astype(np.float32)
        agent.record(Step(obs[0], action, np.ones(1), no, no, obs[1], ~no, no), None)
    return agent


def separated(agent):
    """Gives an agent two separate critics with the same weights."""
    agent.critics = Separate(agent.critics)
    agent.targets = deepcopy(agent.critics).requires_grad_(False)
    agent.critic_optimiser = torch.optim.AdamW(
        agent.critics.parameters(), lr=agent.settings.learning_rate, weight_decay=0.0
    )
    return agent


def milliseconds(agent):
    """CPU time of an update, and the last losses."""
    began = process_time()
    for _ in range(UPDATES):
        losses = agent._update(agent.replay.sample(256, agent.rng))
    return (process_time() - began) / UPDATES * 1e3, losses


def main():
    torch.set_num_threads(1)
    batched, separate = build(), separated(build())
    times = []
    for round_number in range(ROUNDS + 1):
        (mine, losses), (theirs, same) = milliseconds(batched), milliseconds(separate)
        if round_number == 0:  # later, rounding tells
            torch.testing.assert_close(losses, same, rtol=1e-2, atol=1e-3)
        else:
            times.append((mine, theirs))
    mine, theirs = (median(column) for column in zip(*times, strict=True))
    print(
        f"SAC_UPDATE_BATCHED_CRITICS milliseconds={mine:.2f} "
        f"ratio={mine / theirs:.3f} goal=1.05"
    )


if __name__ == "__main__":
    main()
