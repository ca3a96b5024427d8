"""What an agent may choose about its environment, and what a protocol allows."""

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from suites.messages import unknown_name

Autoreset = Literal["same_step", "next_step"]
T = TypeVar("T")


@dataclass(frozen=True)
class EnvOptions:
    """An agent's choice for its environments; None takes the protocol's default."""

    num_envs: int = 1
    """Training sub-environments; all their steps count against one budget."""
    autoreset: Autoreset = "same_step"
    """`next_step` for loops written for gymnasium's default: the ignored reset
    steps are then not counted."""
    resolution: int | None = None
    """Side of the square frame in pixels, in training and evaluation."""
    grayscale: bool | None = None
    stack: int | None = None
    """Frames stacked into one observation."""
    life_loss_ends: bool = False
    """Training only: the agent sees a termination when a life is lost; the game
    goes on and its whole return is what counts."""
    clip_rewards: bool = False
    """Training only: the agent sees the sign of a reward; returns stay raw."""


@dataclass(frozen=True)
class AllowedOptions:
    """The choices that a protocol leaves to the agent; the first is the default."""

    resolution: tuple[int, ...] = ()
    grayscale: tuple[bool, ...] = ()
    stack: tuple[int, ...] = ()
    life_loss_ends: bool = False
    clip_rewards: bool = False
    max_envs: int = 1024


def resolve_options(options: EnvOptions, allowed: AllowedOptions) -> EnvOptions:
    """Fills in the protocol's defaults and refuses what it does not allow.

    Raises:
        ValueError: an option that this protocol fixes, or a value outside it.
    """
    if not isinstance(options, EnvOptions):
        raise ValueError(f"environment() must return EnvOptions (got {options!r})")
    whole = type(options.num_envs) is int
    if not whole or not 1 <= options.num_envs <= allowed.max_envs:
        raise ValueError(
            f"num_envs must be 1 .. {allowed.max_envs} (got {options.num_envs!r})"
        )
    if options.autoreset not in ("same_step", "next_step"):
        raise ValueError(
            unknown_name(
                "autoreset", str(options.autoreset), ("same_step", "next_step")
            )
        )
    if options.autoreset == "next_step" and options.life_loss_ends:
        raise ValueError("life_loss_ends goes with autoreset='same_step' only")
    for name in ("life_loss_ends", "clip_rewards"):
        if getattr(options, name) and not getattr(allowed, name):
            raise ValueError(f"this protocol does not allow {name}")
    return replace(
        options,
        resolution=_choose("resolution", options.resolution, allowed.resolution),
        grayscale=_choose("grayscale", options.grayscale, allowed.grayscale),
        stack=_choose("stack", options.stack, allowed.stack),
    )


def _choose(name: str, value: T | None, allowed: tuple[T, ...]) -> T | None:
    if value is None:
        return allowed[0] if allowed else None
    if value not in allowed:
        choices = ", ".join(map(str, allowed)) or "nothing to choose"
        raise ValueError(f"{name}={value} is not allowed here (allowed: {choices})")
    return value
