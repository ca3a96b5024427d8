"""Spectral normalisation: layers whose largest singular value is 1.

Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks"
(arXiv:1802.05957).
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from baselines.parts.heads import NoisyLinear

FIRST_ITERATIONS = 15
"""Power iterations on the initial weights."""

Module = TypeVar("Module", bound=nn.Module)


class SpectralNorm(nn.Module):
    """Divides a weight by its largest singular value, which power iteration follows:
    one iteration each time that gradients are asked for, none in acting.

    The vectors of the iteration are buffers: saved, resumed and copied to targets.
    """

    left: Tensor
    right: Tensor

    def __init__(self, weight: Tensor, generator: torch.Generator) -> None:
        """Args:
        weight: [outputs, ...], as it is now.
        generator: draws the first vector.
        """
        super().__init__()
        matrix = weight.detach().flatten(1)
        first = torch.randn(len(matrix), generator=generator)
        self.register_buffer("left", F.normalize(first, dim=0))
        self.register_buffer("right", torch.zeros(matrix.shape[1]))
        self._iterate(matrix, FIRST_ITERATIONS)

    def forward(self, weight: Tensor) -> Tensor:
        """[outputs, ...] -> the same shape."""
        matrix = weight.flatten(1)
        if torch.is_grad_enabled():
            self._iterate(matrix, 1)
        # Clones: the next forward pass changes the vectors before this one's gradient.
        norm = self.left.clone() @ (matrix @ self.right.clone())
        return weight / norm

    @torch.no_grad()
    def _iterate(self, matrix: Tensor, times: int) -> None:
        for _ in range(times):
            self.right.copy_(F.normalize(matrix.T @ self.left, dim=0))
            self.left.copy_(F.normalize(matrix @ self.right, dim=0))


def spectrally_normalised(module: Module, generator: torch.Generator) -> Module:
    """The module itself, the weight of each linear, convolutional and noisy layer in it
    normalised (of noisy ones the mean, not the noise)."""
    for layer in list(module.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d | NoisyLinear):
            norm = SpectralNorm(layer.weight, generator)
            parametrize.register_parametrization(layer, "weight", norm)
    return module
