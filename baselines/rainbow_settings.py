"""Hyper-parameters of Rainbow and DER, and which simulator is played with which."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from baselines.parts.ranges import Range, check_ranges


@dataclass(frozen=True)
class RainbowConfig:
    """Hyper-parameters; the defaults are Rainbow's."""

    num_envs: int = 1
    """Training sub-environments."""
    encoder: Literal["nature", "data_efficient"] = "nature"
    """Convolutions for frames; state vectors pass one tanh layer."""
    hidden: int = 512
    """Size of the hidden layer of each stream."""
    noise: float = 0.5
    """sigma_0 of the noisy layers."""
    atoms: int = 51
    """Of the distribution of returns."""
    support: float = 10.0
    """Its atoms lie from -support to support."""
    n_step: int = 3
    """Steps of a return."""
    discount: float = 0.99
    """gamma."""
    learning_rate: float = 6.25e-5
    """Of Adam."""
    adam_epsilon: float = 1.5e-4
    """Of Adam."""
    max_gradient_norm: float = 10.0
    """Gradients are scaled down to it."""
    batch: int = 32
    """Transitions of an update."""
    capacity: int = 1_000_000
    """Rows of the replay, of all sub-environments together."""
    priority_exponent: float = 0.5
    """omega: a transition is drawn by its cross-entropy to this power."""
    beta: float = 0.4
    """Exponent of the importance weights at the start; 1 at the end."""
    start: int = 20_000
    """Steps before the first update."""
    update_every: int = 4
    """Steps between updates."""
    target_every: int = 2_000
    """Updates between copies to the target network."""
    evaluation_epsilon: float = 0.001
    """Share of random actions in evaluation."""
    clip_rewards: bool = True
    """See only the sign of rewards in training (where the protocol allows)."""
    life_loss_ends: bool = True
    """See a lost life as an end in training (where the protocol allows)."""
    compile: bool = True
    """On a GPU, replay the update as one CUDA graph."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)


RANGES = {
    "num_envs": Range(1),
    "hidden": Range(1),
    "noise": Range(0),
    "atoms": Range(2),
    "support": Range(0, above=True),
    "n_step": Range(1),
    "discount": Range(0, 1),
    "learning_rate": Range(0),
    "adam_epsilon": Range(0, above=True),
    "max_gradient_norm": Range(0, above=True),
    "batch": Range(1),
    "capacity": Range(1),
    "priority_exponent": Range(0, 1),
    "beta": Range(0, 1),
    "start": Range(0),
    "update_every": Range(1),
    "target_every": Range(1),
    "evaluation_epsilon": Range(0, 1),
}
"""Values with which an update is what it says."""

FULL = RainbowConfig()
EFFICIENT = replace(
    FULL,
    encoder="data_efficient",
    hidden=256,
    n_step=10,
    learning_rate=1e-4,
    capacity=102_400,  # a run's 100,000 steps and what its games' first stacks show
    start=1_600,
    update_every=1,
)
KAIXHIN = replace(EFFICIENT, n_step=20, noise=0.1)

OURS: dict[str, dict[str, Any]] = {
    "procgen": {"support": 20.0},
    "toy": {
        "hidden": 128,
        "support": 1.5,
        "n_step": 3,
        "learning_rate": 1e-3,
        "start": 200,
        "update_every": 1,
        "target_every": 200,
        "clip_rewards": False,
        "life_loss_ends": False,
    },
}
"""What is other than on Atari, by simulator."""
