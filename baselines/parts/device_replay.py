"""A replay whose frames lie on a GPU too, where batches are put together from them.

Rows are chosen on the CPU as ever; only the frames' copy is on the device, so that a
batch of stacks, far the most of what an update reads, crosses no bus. The arrays on the
CPU stay the source of checkpoints; a resumed replay fills the copy from them.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.parts.replay import Ints, Replay, Sizes

CHUNK = 4_096
"""Frames that are copied at a time."""


class DeviceReplay(Replay):
    """A replay whose batches show observations as tensors on a device."""

    def __init__(self, sizes: Sizes, *, device: torch.device, **arguments: Any) -> None:
        """Args:
        device: of the copy of the frames.
        arguments: Replay's.
        """
        super().__init__(sizes, **arguments)
        frames = self._rows["frame"]
        self._copy = torch.zeros(
            frames.shape, dtype=torch.from_numpy(frames[:1]).dtype, device=device
        )
        self._behind: list[int] = []  # rows written since the copy was last read

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self._behind = []
        rows = len(self._copy)
        for start in range(0, rows, CHUNK):
            self._send(np.arange(start, min(start + CHUNK, rows)))

    def _write(self, env: int, *arguments: Any) -> None:
        self._behind.append(int(self._row(env, self._written[env])))
        super()._write(env, *arguments)

    def _observations(self, rows: Ints) -> Any:
        """[*rows, *observation], a tensor on the device."""
        for start in range(0, len(self._behind), CHUNK):
            self._send(np.array(self._behind[start : start + CHUNK]))
        self._behind = []
        if self._stack > 1:
            rows = self._at(rows[..., None], np.arange(1 - self._stack, 1))
        return self._copy[self._moved(rows)]

    def _send(self, rows: Ints) -> None:
        self._copy[self._moved(rows)] = self._moved(self._rows["frame"][rows])

    def _moved(self, array: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._copy.device)


def make_replay(sizes: Sizes, device: torch.device, **arguments: Any) -> Replay:
    """A replay with its frames on the device if that is a GPU with room for them.

    Args:
        arguments: Replay's.
    """
    if device.type != "cuda":
        return Replay(sizes, **arguments)
    frame = sizes.observation[1:] if sizes.stack > 1 else sizes.observation
    row = int(np.prod(frame)) * np.dtype(sizes.observation_dtype).itemsize
    needed, (free, _) = sizes.capacity * row, torch.cuda.mem_get_info(device)
    if needed > free // 2:
        warnings.warn(
            f"the replay's frames stay on the CPU: they take {needed / 1e9:.1f} GB, "
            f"and {free / 1e9:.1f} GB of the GPU are free",
            RuntimeWarning,
            stacklevel=2,
        )
        return Replay(sizes, **arguments)
    return DeviceReplay(sizes, device=device, **arguments)
