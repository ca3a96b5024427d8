"""PPO's hyper-parameters, and which suite is played with which."""

from dataclasses import dataclass, replace
from typing import Literal

from baselines.parts.ranges import Range, check_ranges


@dataclass(frozen=True)
class PPOConfig:
    """Hyper-parameters; the defaults are Procgen's."""

    num_envs: int = 64
    """Training sub-environments."""
    rollout_steps: int = 256
    """Steps of each sub-environment between updates."""
    epochs: int = 3
    """Passes over a rollout."""
    minibatches: int = 8
    """Parts of a pass; with a core, of the sub-environments."""
    learning_rate: float = 5e-4
    """Of Adam, with epsilon 1e-5."""
    anneal: bool = False
    """Lower the learning rate to 0 along the budget."""
    discount: float = 0.999
    """gamma."""
    gae_lambda: float = 0.95
    """lambda of the generalised advantages."""
    clip: float = 0.2
    """Of the probability ratio, and of the value's change where clip_value is set."""
    clip_value: bool = True
    """Clip the value's change as the ratio."""
    entropy_bonus: float = 0.01
    """Weight of the policy's entropy."""
    value_weight: float = 0.5
    """Weight of half the squared error of the value."""
    max_gradient_norm: float = 0.5
    """Gradients are scaled down to it."""
    reward_discount: float | None = 0.99
    """Scale rewards by the return's standard deviation under this discount."""
    normalise_observations: bool = False
    """State vectors to running mean 0 and variance 1."""
    clip_rewards: bool = False
    """See only the sign of rewards in training (Atari)."""
    life_loss_ends: bool = False
    """See a lost life as an end in training (Atari)."""
    impala_channels: tuple[int, ...] = (16, 32, 32)
    """Residual stacks for 64x64 frames."""
    features: int = 256
    """Size of the vector that pixels are encoded to (512 for Atari)."""
    hidden: tuple[int, ...] = (64, 64)
    """Tanh layers for state vectors, of the policy and of the value each."""
    core: Literal["none", "lstm", "gru"] = "none"
    """What carries memory along an episode, with the last action and reward as inputs;
    a state vector is then encoded once."""
    core_size: int = 256
    """Units of the core."""
    sample_in_evaluation: bool = True
    """Evaluate the sampling policy; False plays the mean or the likeliest action."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        if self.core != "none" and self.minibatches > self.num_envs:
            raise ValueError(
                "with a core, a minibatch is one whole sub-environment or more: "
                f"minibatches must be 1 .. num_envs = {self.num_envs} (got "
                f"{self.minibatches}); set it too, as in --set minibatches=2"
            )
        rows = self.num_envs * self.rollout_steps
        part = -(-rows // self.minibatches)
        if part < 2 or rows % part == 1:
            raise ValueError(
                f"minibatches must leave each part 2 rows or more of num_envs x "
                f"rollout_steps = {rows} (got {self.minibatches}): advantages are "
                "divided by their standard deviation"
            )


RANGES = {
    "num_envs": Range(1),
    "rollout_steps": Range(1),
    "epochs": Range(1),
    "minibatches": Range(1),
    "learning_rate": Range(0),
    "discount": Range(0, 1),
    "gae_lambda": Range(0, 1),
    "clip": Range(0, above=True),
    "entropy_bonus": Range(0),
    "value_weight": Range(0),
    "max_gradient_norm": Range(0, above=True),
    "reward_discount": Range(0, 1),
    "impala_channels": Range(1),
    "features": Range(1),
    "hidden": Range(1),
    "core_size": Range(1),
}
"""Values with which an update is what it says."""


ATARI = PPOConfig(
    num_envs=8,
    rollout_steps=128,
    epochs=4,
    minibatches=4,
    learning_rate=2.5e-4,
    anneal=True,
    discount=0.99,
    clip=0.1,
    reward_discount=None,
    clip_rewards=True,
    life_loss_ends=True,
    features=512,
)
DMC = PPOConfig(
    num_envs=8,
    rollout_steps=256,
    epochs=10,
    minibatches=32,
    learning_rate=3e-4,
    anneal=True,
    discount=0.99,
    entropy_bonus=0.0,
    normalise_observations=True,
    sample_in_evaluation=False,
)
PRESETS = {
    "atari": ATARI,
    "dmc": DMC,
    "procgen": PPOConfig(),
    "memory_maze": PPOConfig(
        num_envs=8,
        minibatches=4,
        learning_rate=2e-4,
        discount=0.99,
        entropy_bonus=0.001,
        core="lstm",
    ),
    "toy-memory": PPOConfig(
        num_envs=32,
        rollout_steps=64,
        epochs=4,
        minibatches=4,
        learning_rate=1e-3,
        discount=0.99,
        reward_discount=None,
        hidden=(64,),
        core="lstm",
        core_size=64,
    ),
    "toy": PPOConfig(
        num_envs=8,
        rollout_steps=16,
        epochs=4,
        minibatches=2,
        learning_rate=3e-3,
        discount=0.95,
        reward_discount=None,
    ),
}
"""Settings by suite or else by simulator."""

PRACTICE = {
    "atari": replace(ATARI, rollout_steps=32, learning_rate=5e-4, features=256),
    "dmc": replace(DMC, rollout_steps=128, minibatches=16, learning_rate=1e-3),
    "procgen": PPOConfig(
        num_envs=16,
        rollout_steps=32,
        minibatches=2,
        impala_channels=(8, 16, 16),
        features=128,
    ),
    "memory_maze": PPOConfig(
        num_envs=1,
        rollout_steps=100,
        minibatches=1,
        impala_channels=(8, 16, 16),
        features=128,
        core="lstm",
        core_size=128,
    ),
}
"""Settings by simulator for the practice suite: smaller networks, more updates."""
