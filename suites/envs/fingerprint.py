"""Fingerprints: whether a simulator still plays as it did when its suite was fixed.

A fingerprint is a digest of a short seeded rollout of a task with random actions.
Recorded ones stand in reference/fingerprints.json; every run takes its own first and
stops where it differs.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from suites.envs.gl import renderer
from suites.envs.make import DISTRIBUTIONS, draws_with_gl, make_env
from suites.options import EnvOptions, resolve_options
from suites.spec import Discrete, Suite, Task

RECORDED = Path(__file__).parents[1] / "reference" / "fingerprints.json"

STEPS = {"atari": 100, "dmc": 40, "procgen": 100, "memory_maze": 15, "toy": 50}
"""Decisions of a rollout, by simulator."""

STATE_DECIMALS = 6
OBSERVATION_DECIMALS = 4
"""Floating-point numbers are rounded: another processor or C library changes their last
bits, another physics changes more."""

Status = Literal["same", "drifted", "unrecorded"]


@dataclass(frozen=True)
class Fingerprint:
    """What a short rollout of a task came to."""

    dynamics: str
    """Digest of rewards, ends and states (observations, where no GPU draws them)."""
    pixels: str | None = None
    """Digest of what OpenGL drew; None where it draws nothing."""
    renderer: str | None = None
    """What drew it."""


@dataclass(frozen=True)
class Check:
    """A fingerprint beside the recorded one."""

    status: Status
    found: Fingerprint
    detail: str
    """In words: what was compared, what differs, what to do."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class SimulatorDrifted(RuntimeError):
    """A task does not play as it did when its suite was fixed; `check` tells how."""

    def __init__(self, message: str, check: Check) -> None:
        super().__init__(message)
        self.check = check


def take_fingerprint(task: Task) -> Fingerprint:
    """Plays the rollout; takes from 0.05 s (Procgen) to 3 s (Memory Maze)."""
    dynamics, pixels = hashlib.sha256(), hashlib.sha256()
    drawn = draws_with_gl(task)
    splits = [s for s in task.protocol.evaluation.splits if s == "all_levels"]
    for split in (None, *splits):
        for obs, physics in _rollout(task, split):
            dynamics.update(physics)
            (pixels if drawn else dynamics).update(_rounded(obs, OBSERVATION_DECIMALS))
    return Fingerprint(
        dynamics=dynamics.hexdigest()[:16],
        pixels=pixels.hexdigest()[:16] if drawn else None,
        renderer=renderer() if drawn else None,
    )


def _rollout(task: Task, split: str | None) -> Iterator[tuple[NDArray[Any], bytes]]:
    """Observations, and everything else that a step gives, as bytes."""
    options = resolve_options(EnvOptions(), task.protocol.options)
    env = make_env(task, options, seeds=lambda row, episode: 1 + episode, split=split)
    try:
        # NumPy promises that this generator's stream never changes.
        rng = np.random.RandomState(0)
        obs, _ = env.reset()
        yield obs, b""
        for _ in range(STEPS[task.simulator]):
            obs, reward, terminated, truncated, infos = env.step(
                _random_action(task, rng)
            )
            frames = np.asarray(infos["env_frames"], dtype=np.int64)
            state = env.state()
            ends = terminated.tobytes() + truncated.tobytes() + frames.tobytes()
            physics = b"" if state is None else _rounded(state, STATE_DECIMALS)
            yield obs, _rounded(reward, STATE_DECIMALS) + ends + physics
    finally:
        env.close()


def _random_action(task: Task, rng: np.random.RandomState) -> NDArray[Any]:
    if isinstance(task.actions, Discrete):
        return rng.randint(task.actions.n, size=1)
    return rng.uniform(-1, 1, (1, task.actions.size)).astype(np.float32)


def _rounded(values: NDArray[Any], decimals: int) -> bytes:
    if values.dtype.kind != "f":
        return values.tobytes()
    # Adding zero turns -0.0 into 0.0.
    return (np.round(values.astype(np.float64), decimals) + 0.0).tobytes()


def check_fingerprint(suite: Suite, task: Task) -> Check:
    """Takes a task's fingerprint and compares it with the recorded one."""
    found = take_fingerprint(task)
    recorded = read_recorded()["tasks"].get(f"{suite.id}/{task.name}")
    if recorded is None:
        return Check("unrecorded", found, "no fingerprint is recorded for this task")
    expected = recorded["pixels"].get(found.renderer)
    if recorded["dynamics"] != found.dynamics:
        return Check("drifted", found, f"its dynamics differ: {_advice(task)}")
    if found.pixels is not None and expected is None:
        detail = f"dynamics as recorded; no pixels are recorded for {found.renderer}"
        return Check("same", found, detail)
    if found.pixels != expected:
        return Check("drifted", found, f"its pixels differ: {_advice(task)}")
    return Check("same", found, "as recorded")


def _advice(task: Task) -> str:
    """Which versions made the record, which are here."""
    made_with = read_recorded()["made_with"]
    parts = []
    for name in DISTRIBUTIONS[task.simulator]:
        here = installed(name) or "not installed"
        mark = "" if here == made_with.get(name) else f" (here {here})"
        parts.append(f"{name} {made_with.get(name)}{mark}")
    return f"recorded with {', '.join(parts)}"


def installed(distribution: str) -> str | None:
    """A distribution's version, None when it is absent."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


@cache
def read_recorded() -> dict[str, Any]:
    """`made_with`: distribution -> version; `tasks`: id -> dynamics and pixels."""
    document: dict[str, Any] = json.loads(RECORDED.read_text())
    return document
