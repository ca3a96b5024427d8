"""Recurrent cores: what a network carries from one step of an episode to the next.

A core's state is one row of numbers a sub-environment, so that whoever uses it stores,
picks and resets rows without knowing what they mean.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn


class Core(nn.Module):
    """A recurrent layer; weights orthogonal, biases zero where nothing else is said."""

    def __init__(
        self, rnn: nn.LSTM | nn.GRU, state_size: int, generator: torch.Generator
    ) -> None:
        """Args:
        rnn: one layer, time first; its weights are drawn anew from the generator.
        state_size: numbers in a row of the state.
        """
        super().__init__()
        self.rnn = rnn
        self.size = rnn.hidden_size
        self.state_size = state_size
        for name, weights in rnn.named_parameters():
            if name.startswith("bias"):
                nn.init.zeros_(weights)
            else:
                nn.init.orthogonal_(weights, generator=generator)

    def step(self, x: Tensor, first: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """`unroll` of one step: [n, inputs], [n], state -> [n, size], state."""
        y, state = self.unroll(x[None], first[None], state)
        return y[0], state

    def unroll(self, x: Tensor, first: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Walks through a sequence.

        Args:
            x: [T, n, inputs].
            first: [T, n] bool, on the CPU since it cuts the walk into stretches; True
                where a row starts an episode, with a state of zeros.
            state: [n, state_size], before the sequence.

        Returns:
            [T, n, size], and the state after the sequence. Held equal to steps of the
            textbook's equations in tests/baselines/test_cores.py.
        """
        kept = (~first).to(x, non_blocking=True)  # [T, n]
        starts = first[1:].any(1).nonzero().flatten() + 1
        pieces = []
        for begin, end in pairwise([0, *starts.tolist(), len(x)]):
            # Within a stretch no row starts: the whole of it is one call.
            state = state * kept[begin, :, None]
            y, state = self._run(x[begin:end], state)
            pieces.append(y)
        return torch.cat(pieces), state

    def _run(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError(f"{type(self).__name__} has no _run()")


class Lstm(Core):
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates); a
    row of its state is the hidden vector and the cell."""

    def __init__(self, inputs: int, size: int, generator: torch.Generator) -> None:
        rnn = nn.LSTM(inputs, size, device="meta").to_empty(device="cpu")
        super().__init__(rnn, 2 * size, generator)
        # Open forget gates (Jozefowicz et al. 2015, section 2.2; so in IMPALA's code):
        # at a bias of 0 half of the cell would be lost with every step.
        with torch.no_grad():
            rnn.get_parameter("bias_ih_l0")[size : 2 * size] = 1.0

    def _run(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, cell = (part[None].contiguous() for part in state.chunk(2, 1))
        y, (hidden, cell) = self.rnn(x, (hidden, cell))
        return y, torch.cat([hidden[0], cell[0]], 1)


class Gru(Core):
    """Gated recurrent units (Cho et al. 2014, arXiv:1406.1078, in cuDNN's form); a row
    of its state is the hidden vector."""

    def __init__(self, inputs: int, size: int, generator: torch.Generator) -> None:
        rnn = nn.GRU(inputs, size, device="meta").to_empty(device="cpu")
        super().__init__(rnn, size, generator)

    def _run(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        y, hidden = self.rnn(x, state[None].contiguous())
        return y, hidden[0]


CORES: dict[str, type[Lstm] | type[Gru]] = {"lstm": Lstm, "gru": Gru}
