"""SAC's hyper-parameters, and what its networks decide unless told otherwise."""

from dataclasses import dataclass, fields
from typing import Literal

from baselines.parts.ensemble import EnsembleMlp, EnsembleSimba
from baselines.parts.ranges import Range, check_ranges


@dataclass(frozen=True)
class SACConfig:
    """Hyper-parameters; None is what the network's paper or code has (NETWORKS)."""

    network: Literal["256x2", "1024x2", "simba"] = "256x2"
    """Two ReLU layers of 256 or of 1024 units, or SimBa's residual blocks."""
    num_envs: int = 1
    """Training sub-environments."""
    start_steps: int = 5_000
    """Decisions with random actions before learning begins."""
    updates_per_decision: int | None = None
    """Updates of critics, policy and temperature for each decision."""
    capacity: int = 1_000_000
    """Transitions that the replay holds."""
    batch_size: int | None = None
    """Transitions of an update."""
    learning_rate: float | None = None
    """Of Adam, for critics, policy and temperature."""
    weight_decay: float | None = None
    """Of AdamW, for critics and policy."""
    discount: float = 0.99
    """gamma."""
    critics: int | None = None
    """The lowest value of so many counts."""
    target_rate: float = 0.005
    """tau: how far the target networks move towards the critics."""
    target_every: int | None = None
    """Updates from one such move to the next."""
    initial_temperature: float | None = None
    """alpha at the start."""
    target_entropy: float | None = None
    """Of the policy, in nats a component of the action."""
    actor_width: int | None = None
    """Units of the policy's layers."""
    actor_depth: int | None = None
    """Layers of the policy; of `simba`, residual blocks."""
    critic_width: int | None = None
    """Units of the critics' layers."""
    critic_depth: int | None = None
    """Layers of the critics; of `simba`, residual blocks."""
    compile: bool = True
    """On a GPU, replay the update as one CUDA graph."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)


RANGES = {
    "num_envs": Range(1),
    "start_steps": Range(0),
    "updates_per_decision": Range(1),
    "capacity": Range(2),
    "batch_size": Range(1),
    "learning_rate": Range(0),
    "weight_decay": Range(0),
    "discount": Range(0, 1),
    "critics": Range(1),
    "target_rate": Range(0, 1),
    "target_every": Range(1),
    "initial_temperature": Range(0, above=True),
    "target_entropy": Range(-100, 100),
    "actor_width": Range(1),
    "actor_depth": Range(1),
    "critic_width": Range(1),
    "critic_depth": Range(1),
}
"""Values with which an update is what it says."""


@dataclass(frozen=True)
class Settings:
    """What a network decides unless the Config does; the fields are the Config's."""

    trunk: type[EnsembleMlp] | type[EnsembleSimba]
    """Layers below the last ones."""
    normalise_observations: bool
    """To running mean 0 and variance 1."""
    log_std: tuple[float, float]
    """Ends of the policy's log standard deviations."""
    updates_per_decision: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    critics: int
    target_every: int
    initial_temperature: float
    target_entropy: float
    actor_width: int
    actor_depth: int
    critic_width: int
    critic_depth: int


def _mlp(width: int, *, batch_size: int, learning_rate: float) -> Settings:
    return Settings(
        trunk=EnsembleMlp,
        normalise_observations=False,
        log_std=(-5.0, 2.0),
        updates_per_decision=1,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=0.0,
        critics=2,
        target_every=2,
        initial_temperature=0.1,
        target_entropy=-1.0,
        actor_width=width,
        actor_depth=2,
        critic_width=width,
        critic_depth=2,
    )


NETWORKS = {
    "256x2": _mlp(256, batch_size=256, learning_rate=3e-4),
    "1024x2": _mlp(1024, batch_size=1024, learning_rate=1e-4),
    "simba": Settings(
        trunk=EnsembleSimba,
        normalise_observations=True,
        log_std=(-10.0, 2.0),
        updates_per_decision=2,
        batch_size=256,
        learning_rate=1e-4,
        weight_decay=1e-2,
        critics=1,
        target_every=1,
        initial_temperature=0.01,
        target_entropy=-0.5,
        actor_width=128,
        actor_depth=1,
        critic_width=512,
        critic_depth=2,
    ),
}
"""Settings by network."""


def settings(config: SACConfig) -> Settings:
    """The network's settings, with what the configuration says instead."""
    own = NETWORKS[config.network]
    values = {}
    for field in fields(Settings):
        said = getattr(config, field.name, None)
        values[field.name] = getattr(own, field.name) if said is None else said
    return Settings(**values)


PRACTICE = SACConfig(start_steps=1_000, learning_rate=1e-3, target_every=1)
"""For the small budget of the practice suite."""

TOY = SACConfig(
    start_steps=200,
    batch_size=64,
    learning_rate=1e-3,
    discount=0.95,
    actor_width=64,
    critic_width=64,
)
"""For the toy suite."""
