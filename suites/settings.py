"""How each simulator is set up: the constants that an adapter needs, as frozen data.

Every field is part of the measurement hash. `simulator` names the adapter
(suites/envs/make.py).
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class AtariSettings:
    """The Arcade Learning Environment, through ale_py's vector engine."""

    simulator: ClassVar[str] = "atari"

    rom: str
    """ROM name in lower snake case, e.g. `ms_pacman`."""
    frame_skip: int = 4
    sticky_probability: float = 0.0
    """Chance that a frame repeats the frame before's action."""
    full_action_space: bool = False
    """All 18 actions instead of those that the game uses."""
    max_no_ops: int = 30
    """Episodes start after 0 .. max_no_ops - 1 frames without action, drawn from
    the episode's seed (the vector engine's rule); 0 for none."""
    max_frames: int = 108_000
    """Frames after which an episode is cut (a truncation); no-ops not counted."""
    max_pool: bool = True
    """Pixelwise maximum of the last two frames of a repeat."""


@dataclass(frozen=True)
class DmcSettings:
    """A task of dm_control's suite, observed from state."""

    simulator: ClassVar[str] = "dmc"

    domain: str
    task: str
    action_repeat: int = 2
    """Control steps a decision; their rewards are summed."""


@dataclass(frozen=True)
class DmcPixelSettings:
    """A task of dm_control's suite, observed through a camera."""

    simulator: ClassVar[str] = "dmc"

    domain: str
    task: str
    camera: int
    """Index of the model's camera."""
    action_repeat: int = 2
    """Control steps a decision; their rewards are summed."""


@dataclass(frozen=True)
class ProcgenSettings:
    """A Procgen game, through its own vectorised engine."""

    simulator: ClassVar[str] = "procgen"

    game: str
    distribution_mode: str
    """`easy` or `hard`."""
    train_levels: int
    """Training levels are the level seeds 0 .. train_levels - 1."""
    time_limit: int
    """Steps after which the game itself ends an episode (a truncation)."""


@dataclass(frozen=True)
class MemoryMazeSettings:
    """Memory Maze, from memory_maze.tasks."""

    simulator: ClassVar[str] = "memory_maze"

    size: str
    """`9x9`, `11x11`, `13x13` or `15x15`."""
    episode_agent_steps: int
    """Decisions an episode; its end is a truncation."""


@dataclass(frozen=True)
class ToySettings:
    """A toy of suites/envs/toy.py: for tests and first steps, never for claims."""

    simulator: ClassVar[str] = "toy"

    game: str


Settings = (
    AtariSettings
    | DmcSettings
    | DmcPixelSettings
    | ProcgenSettings
    | MemoryMazeSettings
    | ToySettings
)
