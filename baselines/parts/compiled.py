"""An update as one CUDA graph, which a GPU replays without Python in between.

Networks of reinforcement learning are small: what an update takes on a GPU is the
starting of some hundred kernels. A graph starts all at once. It holds the kernels of
the eager update in their order, noise included, so its numbers are the eager ones up to
rounding; torch.compile would fuse them, but knows no noise from a generator.

Without a GPU, and where the capture fails (a warning says so, once), updates are eager.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

WARM_UP = 3
"""Eager updates before the capture: memory that is taken once must be there."""

Batch = TypeVar("Batch", bound=tuple[Any, ...])


class Compiled(Generic[Batch]):
    """Calls an update, on a GPU by replaying its graph.

    An update fits if all that it changes are tensors: weights, gradients, the state of
    a `capturable` optimiser. What it does to Python's own objects happens once, in the
    capture; so counters and logs are the caller's task, and it may draw random numbers
    only from torch generators on the device. Nothing in it may wait for the device.

    Source: the section "CUDA Graphs" of PyTorch's notes on CUDA semantics.
    """

    def __init__(
        self,
        update: Callable[[Batch], Tensor],
        device: torch.device,
        *,
        generators: Sequence[torch.Generator] = (),
        host: Sequence[np.random.Generator] = (),
        enabled: bool = True,
    ) -> None:
        """Args:
        update: takes a named tuple of arrays or tensors of unchanging shapes (in the
            graph tensors on the device), descends, and returns what is to be known.
        device: of the update; all but CUDA is eager.
        generators: those that the update draws from.
        host: those that it must not draw from; a graph would repeat the drawn numbers.
        enabled: False is eager everywhere.
        """
        self._update = update
        self._device = device
        self._generators, self._host = tuple(generators), tuple(host)
        self._wanted = enabled and device.type == "cuda"
        self.restart()

    def restart(self) -> None:
        """Forgets the graph: the update has other tensors now, as after an optimiser
        has loaded a state."""
        self._calls = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: tuple[Tensor, ...] = ()
        self._output = torch.empty(0)

    @property
    def captured(self) -> bool:
        """Whether the next call replays a graph."""
        return self._graph is not None

    def __call__(self, batch: Batch) -> Tensor:
        """One update; a tensor of the caller's own.

        Raises:
            ValueError: the batch has not the shapes of the captured one.
        """
        if not self._wanted:
            return self._update(batch)
        if self._graph is None and self._calls < WARM_UP:
            self._calls += 1
            return self._beside(batch)
        if self._graph is None and not self._capture(batch):
            return self._update(batch)
        return self._replay(batch)

    def _beside(self, batch: Batch) -> Tensor:
        """An eager update on another stream, as a capture asks for before it."""
        stream = _stream(self._device)
        here = torch.cuda.current_stream(self._device)
        stream.wait_stream(here)
        with torch.cuda.stream(stream):
            output = self._update(_on_device(batch, self._device))
        here.wait_stream(stream)
        output.record_stream(here)
        return output

    def _capture(self, batch: Batch) -> bool:
        """Records the update without running it; whether that succeeded."""
        inputs = _on_device(batch, self._device, copied=True)
        states = [generator.clone_state() for generator in self._generators]
        drawn = [generator.bit_generator.state for generator in self._host]
        try:
            stream, graph = _stream(self._device), torch.cuda.CUDAGraph()
            for generator in self._generators:
                graph.register_generator_state(generator)
            # The outer context leaves the stream also where ending the capture fails.
            with torch.cuda.stream(stream), torch.cuda.graph(graph, stream=stream):
                output = self._update(inputs)
            if drawn != [generator.bit_generator.state for generator in self._host]:
                raise RuntimeError("the update draws random numbers on the host")
        except RuntimeError as error:
            self._wanted = False
            for generator, state in zip(self._generators, states, strict=True):
                generator.graphsafe_set_state(state)
            for numbers, before in zip(self._host, drawn, strict=True):
                numbers.bit_generator.state = before
            warnings.warn(
                f"updates are eager, for they could not be captured as a CUDA graph: "
                f"{error}",
                RuntimeWarning,
                stacklevel=4,
            )
            return False
        self._graph, self._inputs, self._output = graph, inputs, output
        return True

    def _replay(self, batch: Batch) -> Tensor:
        assert self._graph is not None
        for kept, given in zip(self._inputs, batch, strict=True):
            if kept.shape != given.shape:
                raise ValueError(
                    f"the captured update takes {tuple(kept.shape)}, got "
                    f"{tuple(given.shape)}: call restart() where shapes change"
                )
            kept.copy_(torch.as_tensor(given), non_blocking=True)
        self._graph.replay()
        return self._output.clone()


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def _on_device(batch: Batch, device: torch.device, *, copied: bool = False) -> Batch:
    """The same named tuple of tensors on the device."""
    make: Any = batch
    columns = (torch.as_tensor(column, device=device) for column in batch)
    moved: Batch = make._make(c.clone() if copied else c for c in columns)
    return moved
