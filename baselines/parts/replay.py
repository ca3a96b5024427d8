"""Replay of transitions: frames are stored once, stacks and returns made when sampled.

Rows lie in one ring a sub-environment. Beside the steps there are rows that only show a
frame: what an episode's first stack holds before its first frame, and the last frame of
an episode that was cut, from which its value is estimated. So the stack of any step is
the rows before it, and what follows n steps later is a row too.

A replay is resumed exactly. With a folder its rows lie in memory-mapped files there; a
checkpoint flushes and names them, and rows that it counts on are not overwritten before
another one is due (`checkpoint_due`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from harness.agent import Step, TaskInfo

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

FRAME, STEP, TERMINAL, CUT, LOST = range(5)
"""What a row is: a frame only, a step, one that ended its episode, one that was cut
(the frame it led to follows), one that was cut and nobody can say where it led."""

MARGIN = 32
"""A mapped ring is longer by a MARGIN-th of its capacity: so many rows may be written
until a checkpoint is due."""


class Batch(NamedTuple):
    """Sampled transitions over up to n steps, B of them."""

    obs: NDArray[Any]
    """[B, *observation]"""
    action: NDArray[Any]
    """[B, *action]"""
    reward: Floats
    """[B]; discounted sum of the rewards until n steps or the episode's end."""
    next_obs: NDArray[Any]
    """[B, *observation] after those steps; meaningless where `discount` is 0."""
    discount: Floats
    """[B]; of the value of `next_obs`: gamma^steps, or 0 after an end."""
    weight: Floats
    """[B]; importance weights, the largest of the batch 1; all 1 when uniform."""
    rows: Ints
    """[B]; for `set_priorities`."""


class Sequences(NamedTuple):
    """What B sampled transitions begin, L steps long; an episode's end cuts it off."""

    obs: NDArray[Any]
    """[B, L + 1, *observation]; meaningless where not `shown`."""
    action: NDArray[Any]
    """[B, L, *action]; this and the next two are meaningless where not `taken`."""
    reward: Floats
    """[B, L]"""
    terminated: Bools
    """[B, L]; True where the step ended its episode."""
    taken: Bools
    """[B, L]; steps of the episode that the first belongs to."""
    shown: Bools
    """[B, L + 1]; observations of that episode: also the one that a cut led to."""


@dataclass(frozen=True)
class Sizes:
    """What a replay holds."""

    capacity: int
    """Rows of all sub-environments together."""
    num_envs: int
    observation: tuple[int, ...]
    """Shape of an observation, the stack in front where `stack` is above 1."""
    observation_dtype: str
    action: tuple[int, ...]
    action_dtype: str
    stack: int = 1

    @classmethod
    def of(cls, task: TaskInfo, capacity: int) -> Self:
        """Those of a task: its spaces, its frame stack, its sub-environments."""
        observations, actions = task.observation_space, task.action_space
        return cls(
            capacity=capacity,
            num_envs=task.options.num_envs,
            observation=observations.shape or (),
            observation_dtype=str(observations.dtype),
            action=actions.shape or (),
            action_dtype=str(actions.dtype),
            stack=task.options.stack or 1,
        )


class Replay:
    """A ring of transitions, sampled uniformly or by priority.

    Source: Mnih et al. 2015; Schaul et al. 2016 (arXiv:1511.05952), proportional
    variant, stratified.
    """

    def __init__(
        self,
        sizes: Sizes,
        *,
        n_step: int,
        discount: float,
        priority_exponent: float = 0.0,
        folder: Path | None = None,
    ) -> None:
        """Args:
        n_step: steps of a return.
        discount: gamma.
        priority_exponent: alpha; 0 samples uniformly.
        folder: where the rows are kept as memory-mapped files; None in memory.

        Raises:
            ValueError: the capacity does not hold one transition.
            OSError: the disk has no room for the files.
        """
        self._window = sizes.capacity // sizes.num_envs
        if self._window <= n_step + sizes.stack:
            raise ValueError(
                f"capacity={sizes.capacity} for {sizes.num_envs} sub-environments "
                f"holds no transition of {n_step} steps with {sizes.stack} frames"
            )
        margin = 0 if folder is None else -(-self._window // MARGIN)
        self._slots = self._window + margin
        self._num_envs, self._stack = sizes.num_envs, sizes.stack
        self._n_step, self._exponent = n_step, priority_exponent
        frame = sizes.observation[1:] if sizes.stack > 1 else sizes.observation
        rows = (sizes.num_envs * self._slots,)

        def allocate(name: str, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
            if folder is None:
                return np.zeros(rows + shape, dtype)
            return _mapped(folder / f"{name}.bin", rows + shape, dtype)

        self._rows = {
            "frame": allocate("frame", frame, sizes.observation_dtype),
            "action": allocate("action", sizes.action, sizes.action_dtype),
            "reward": allocate("reward", (), "float32"),
            "kind": allocate("kind", (), "uint8"),
            "number": allocate("number", (), "int64"),
        }
        self._powers = (discount ** np.arange(n_step + 1)).astype(np.float32)
        # What changes behind a checkpoint's back is small and copied into it.
        self._written = np.zeros(sizes.num_envs, dtype=np.int64)
        self._pending = np.zeros(sizes.num_envs, dtype=np.int64)
        self._priority = np.zeros(rows, dtype=np.float64)
        self._highest = 1.0
        self._saved_at = np.zeros(sizes.num_envs, dtype=np.int64)

    def __len__(self) -> int:
        """Transitions that can be sampled."""
        return int(np.count_nonzero(self._priority))

    @property
    def checkpoint_due(self) -> bool:
        """True once half the margin of a mapped ring is used."""
        margin = self._slots - self._window
        return margin > 0 and bool(
            (self._written - self._saved_at).max() * 2 >= max(margin, 2)
            and self._written.max() >= self._slots - margin
        )

    def checkpoint_written(self) -> None:
        """A checkpoint counts on the rows that are there now."""
        self._saved_at = self._written.copy()

    def add(self, step: Step) -> None:
        """Stores a vector step."""
        frames = step.obs[:, -1] if self._stack > 1 else step.obs
        last = step.next_obs[:, -1] if self._stack > 1 else step.next_obs
        for env in range(self._num_envs):
            if step.first[env]:
                self._begin_episode(env, step.obs[env])
            kind = STEP
            if step.terminated[env]:
                kind = TERMINAL
            elif step.truncated[env]:
                kind = CUT if step.next_obs_valid[env] else LOST
            self._write(env, frames[env], kind, step.action[env], step.reward[env])
            if kind == CUT:
                self._write(env, last[env], FRAME)
            self._mature(env, kind)

    def sample(
        self, size: int, rng: np.random.Generator, *, beta: float = 0.0
    ) -> Batch:
        """Draws transitions.

        Args:
            beta: exponent of the importance weights.

        Raises:
            ValueError: there is none yet.
        """
        if self._exponent:
            rows, weight = self._by_priority(size, rng, beta)
        else:
            rows, weight = self._uniformly(size, rng), np.ones(size, dtype=np.float32)
        ahead = self._at(rows[:, None], np.arange(self._n_step))  # [B, n]
        kinds = self._rows["kind"][ahead]
        ends = kinds != STEP
        # A step counts if nothing ended before it.
        counts = np.cumsum(ends, axis=1) - ends == 0
        steps = counts.sum(axis=1)
        reward = (self._rows["reward"][ahead] * counts * self._powers[:-1]).sum(axis=1)
        terminal = kinds[np.arange(size), steps - 1] == TERMINAL
        shown = self._observations(np.concatenate([rows, self._at(rows, steps)]))
        return Batch(
            obs=shown[:size],
            action=self._rows["action"][rows],
            reward=reward.astype(np.float32),
            next_obs=shown[size:],
            discount=np.where(terminal, np.float32(0), self._powers[steps]),
            weight=weight,
            rows=rows,
        )

    def sequences(self, rows: Ints, length: int) -> Sequences:
        """The steps that follow sampled transitions one by one.

        Args:
            rows: [B], from a sampled batch.
            length: L, steps; 1 or more.
        """
        ahead = self._at(rows[:, None], np.arange(length + 1))  # [B, L + 1]
        kinds = self._rows["kind"][ahead]
        # Before the write head lie the rows that were written one after the other.
        number = self._rows["number"][ahead]
        written = number == number[:, :1] + np.arange(length + 1)
        leads = (kinds == STEP) | (kinds == CUT)
        shown = written.copy()
        shown[:, 1:] &= np.logical_and.accumulate(leads[:, :-1], axis=1)
        taken = shown & (kinds != FRAME)
        steps = ahead[:, :-1]
        return Sequences(
            obs=self._observations(ahead),
            action=self._rows["action"][steps],
            reward=self._rows["reward"][steps],
            terminated=taken[:, :-1] & (kinds[:, :-1] == TERMINAL),
            taken=taken[:, :-1],
            shown=shown,
        )

    def set_priorities(self, rows: Ints, priority: NDArray[Any]) -> None:
        """Takes the priorities of sampled transitions, [B], at least 0."""
        # One of 0 would never be drawn again.
        raised = np.maximum(priority, 1e-8).astype(np.float64) ** self._exponent
        self._priority[rows] = raised
        self._highest = max(self._highest, float(raised.max()))

    def state_dict(self) -> dict[str, Any]:
        """All that the replay goes on from; mapped rows are named, not copied."""
        return {
            "rows": dict(self._rows),
            "written": self._written,
            "pending": self._pending,
            "priority": self._priority,
            "highest": self._highest,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave; mapped files go on being written.

        Raises:
            ValueError: another size, or rows were overwritten since.
        """
        for name, rows in self._rows.items():
            saved = state["rows"][name]
            if saved.shape != rows.shape or saved.dtype != rows.dtype:
                raise ValueError(
                    f"the replay's {name} is {rows.dtype} {rows.shape}, the saved one "
                    f"{saved.dtype} {saved.shape}"
                )
            self._rows[name] = saved
        for name in ("written", "pending", "priority"):
            setattr(self, f"_{name}", np.array(state[name]))
        self._highest = float(state["highest"])
        self._saved_at = self._written.copy()
        self._check_rows()

    def _begin_episode(self, env: int, obs: NDArray[Any]) -> None:
        """Rows for what the first stack shows before its first frame."""
        if self._pending[env] < self._written[env]:  # an episode that nobody ended
            self._rows["kind"][self._row(env, self._written[env] - 1)] = LOST
            self._pending[env] = self._written[env]
        before = self._stack - 1
        newest = self._written[env] - before + np.arange(before)
        shown = self._rows["frame"][self._row(env, newest)]
        if before and (newest[0] < 0 or not np.array_equal(shown, obs[:-1])):
            for frame in obs[:-1]:
                self._write(env, frame, FRAME)
        self._pending[env] = self._written[env]

    def _write(
        self, env: int, frame: Any, kind: int, action: Any = 0, reward: float = 0.0
    ) -> None:
        number = self._written[env]
        row = self._row(env, number)
        for name, value in (
            ("frame", frame),
            ("action", action),
            ("reward", reward),
            ("kind", kind),
            ("number", number),
        ):
            self._rows[name][row] = value
        self._priority[row] = 0.0
        # The oldest loses the stack before it, as the window moves on.
        self._priority[self._row(env, number - self._window + self._stack - 1)] = 0.0
        self._written[env] = number + 1
        if (number + 1) % self._slots == 0:
            self._highest = max(float(self._priority.max()), 1e-8)

    def _mature(self, env: int, kind: int) -> None:
        """Lets those be sampled of which it is known now where they lead."""
        newest = self._written[env] - 1
        ready = newest - self._n_step + 1  # exclusive; its n-th successor is there
        if kind in (TERMINAL, CUT):
            ready = newest + (kind == TERMINAL)
        numbers = np.arange(self._pending[env], ready)
        self._priority[self._row(env, numbers)] = self._highest
        self._pending[env] = max(self._pending[env], ready)
        if kind != STEP:
            self._pending[env] = newest + 1

    def _uniformly(self, size: int, rng: np.random.Generator) -> Ints:
        chosen = np.empty(0, dtype=np.int64)
        longest = max(1, min(int(self._written.max()), self._window))
        while chosen.size < size:
            env = rng.integers(self._num_envs, size=2 * size)
            number = self._written[env] - 1 - rng.integers(longest, size=2 * size)
            rows = self._row(env, number)[number >= 0]
            chosen = np.concatenate([chosen, rows[self._priority[rows] > 0]])
            if chosen.size == 0 and len(self) == 0:
                raise ValueError("nothing can be sampled yet")
        return chosen[:size]

    def _by_priority(
        self, size: int, rng: np.random.Generator, beta: float
    ) -> tuple[Ints, Floats]:
        """Rows, one from each of `size` equal parts of the mass, and their weights."""
        total = np.cumsum(self._priority)
        if total[-1] <= 0:
            raise ValueError("nothing can be sampled yet")
        drawn = (np.arange(size) + rng.random(size)) / size * total[-1]
        rows = np.searchsorted(total, drawn, side="right")
        weight = self._priority[rows] ** -beta
        return rows, (weight / weight.max()).astype(np.float32)

    def _observations(self, rows: Ints) -> NDArray[Any]:
        """[*rows, *observation]"""
        if self._stack == 1:
            return np.asarray(self._rows["frame"][rows])
        stacks = self._at(rows[..., None], np.arange(1 - self._stack, 1))
        return np.asarray(self._rows["frame"][stacks])

    def _row(self, env: Any, number: Any) -> Any:
        """Where the rows of these numbers of a sub-environment lie."""
        return env * self._slots + number % self._slots

    def _at(self, rows: Ints, offset: Any) -> Ints:
        """Rows so many places later in the same ring."""
        start = rows // self._slots * self._slots
        return np.asarray(start + (rows - start + offset) % self._slots)

    def _check_rows(self) -> None:
        for env in range(self._num_envs):
            numbers = np.arange(self._written[env])[-self._window :]
            if not np.array_equal(
                self._rows["number"][self._row(env, numbers)], numbers
            ):
                raise ValueError(
                    "rows of the replay were overwritten after this checkpoint; later "
                    "ones could not be written (a full disk?). Remove the run's "
                    "checkpoint/ folder to start over"
                )


def _mapped(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """A file as an array. Its room on the disk is taken at once: a page that finds none
    later would end the process without a word. One of that size is used as it is, for a
    checkpoint may name it."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.stat().st_size != size:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    return np.memmap(path, dtype=dtype, mode="r+", shape=shape)
