"""DrQ-v2's hyper-parameters, and which task is learnt with which."""

from dataclasses import dataclass, replace
from typing import Any

from baselines.parts.ranges import Range, check_ranges


@dataclass(frozen=True)
class DrQv2Config:
    """Hyper-parameters; the defaults are those of a medium task."""

    num_envs: int = 1
    """Training sub-environments."""
    shrink: int = 1
    """Squares of so many pixels a side are averaged into one before all else."""
    shift: int = 4
    """Pixels by which frames move at random, at most."""
    filters: int = 32
    """Of each of the four convolutions."""
    features: int = 50
    """Size of what policy and critics make of the convolutions."""
    hidden: int = 1024
    """Units of their two layers."""
    start_steps: int = 2_000
    """Decisions with random actions before learning begins."""
    update_every: int = 2
    """Decisions between updates."""
    batch: int = 256
    """Transitions of an update."""
    capacity: int = 1_000_000
    """Rows of the replay, of all sub-environments together."""
    n_step: int = 3
    """Steps of a return."""
    discount: float = 0.99
    """gamma."""
    learning_rate: float = 1e-4
    """Of Adam, for convolutions and critics."""
    actor_learning_rate: float = 1e-4
    """Of Adam, for the policy."""
    target_rate: float = 0.01
    """tau: how far the target critics move towards the critics in an update."""
    noise: tuple[float, float] = (1.0, 0.1)
    """sigma: standard deviation of the noise on actions, first and last."""
    noise_steps: int = 500_000
    """Decisions from the first to the last."""
    noise_clip: float = 0.3
    """Bound of the noise on actions in updates."""
    compile: bool = True
    """On a GPU, replay the update as one CUDA graph."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)


RANGES = {
    "num_envs": Range(1),
    "shrink": Range(1),
    "shift": Range(0),
    "filters": Range(1),
    "features": Range(1),
    "hidden": Range(1),
    "start_steps": Range(0),
    "update_every": Range(1),
    "batch": Range(1),
    "capacity": Range(2),
    "n_step": Range(1),
    "discount": Range(0, 1),
    "learning_rate": Range(0),
    "actor_learning_rate": Range(0),
    "target_rate": Range(0, 1),
    "noise": Range(0),
    "noise_steps": Range(1),
    "noise_clip": Range(0),
}
"""Values with which an update is what it says."""

FULL = DrQv2Config()
REDUCED = replace(
    FULL,
    shrink=2,
    shift=2,
    filters=16,
    hidden=256,
    start_steps=400,
    update_every=1,
    batch=64,
    # A policy that is faster than its critics ends at a border of the actions.
    learning_rate=1e-3,
    actor_learning_rate=1e-4,
    target_rate=0.05,
)
"""Frames of 42x42 and small networks: minutes on a CPU."""

EASY_NOISE_STEPS = 100_000
EASY = frozenset(
    {
        *("ball_in_cup_catch", "cartpole_balance", "cartpole_balance_sparse"),
        *("cartpole_swingup", "finger_spin", "hopper_stand", "pendulum_swingup"),
        *("walker_stand", "walker_walk"),
    }
)
"""Tasks on which the noise falls faster."""

WALKER: dict[str, Any] = {"n_step": 1, "batch": 512}
BY_TASK: dict[str, dict[str, Any]] = {
    "walker_run": WALKER,
    "walker_stand": WALKER,
    "walker_walk": WALKER,
    "quadruped_run": {"capacity": 100_000},
}
"""What else differs on some tasks."""
