"""Ensembles of equal networks as one batched network; E members, each with weights of
its own. A single network is an ensemble of one."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class EnsembleLinear(nn.Module):
    """A linear layer a member: orthogonal or He's normal weights, zero bias."""

    def __init__(
        self,
        members: int,
        inputs: int,
        outputs: int,
        generator: torch.Generator,
        *,
        he_normal: bool = False,
    ) -> None:
        super().__init__()
        weight = torch.empty(members, inputs, outputs)
        for member in weight:
            if he_normal:
                nn.init.normal_(member, 0.0, math.sqrt(2 / inputs), generator)
            else:
                nn.init.orthogonal_(member, generator=generator)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(members, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """[E, B, inputs] -> [E, B, outputs]"""
        return torch.baddbmm(self.bias, x, self.weight)


class EnsembleNorm(nn.Module):
    """Layer normalisation with a scale and a shift a member."""

    def __init__(self, members: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(members, 1, size))
        self.bias = nn.Parameter(torch.zeros(members, 1, size))

    def forward(self, x: Tensor) -> Tensor:
        """[E, B, size] -> [E, B, size]"""
        normal = F.layer_norm(x, x.shape[-1:], eps=1e-6)
        return torch.addcmul(self.bias, normal, self.weight)


class EnsembleMlp(nn.Module):
    """ReLU layers."""

    def __init__(
        self,
        members: int,
        inputs: int,
        *,
        width: int,
        depth: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        sizes = (inputs, *[width] * depth)
        self.layers = nn.ModuleList(
            EnsembleLinear(members, *pair, generator) for pair in pairwise(sizes)
        )
        self.members, self.size = members, sizes[-1]

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs], the same for all members -> [E, B, size]"""
        x = x.expand(self.members, *x.shape)
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class EnsembleSimba(nn.Module):
    """SimBa's residual network; its normalised inputs are the caller's task.

    Source: Lee et al. 2025 (arXiv:2410.09754), section 4.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        *,
        width: int,
        depth: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.embed = EnsembleLinear(members, inputs, width, generator)
        self.blocks = nn.Sequential(
            *(_Block(members, width, generator) for _ in range(depth))
        )
        self.norm = EnsembleNorm(members, width)
        self.members, self.size = members, width

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs], the same for all members -> [E, B, size]"""
        x = self.embed(x.expand(self.members, *x.shape))
        normal: Tensor = self.norm(self.blocks(x))
        return normal


class _Block(nn.Module):
    """Two layers, four times as wide between, around which the input is carried."""

    def __init__(self, members: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = EnsembleNorm(members, width)
        self.widen = EnsembleLinear(
            members, width, 4 * width, generator, he_normal=True
        )
        self.narrow = EnsembleLinear(
            members, 4 * width, width, generator, he_normal=True
        )

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.narrow(F.relu(self.widen(self.norm(x))))
        return x + change


class EnsembleSpectral(nn.Module):
    """A linear layer a member whose weights are divided by their spectral norm, so that
    it makes no difference of inputs longer.

    Source: Miyato et al. 2018 (arXiv:1802.05957), algorithm 1: the norm is found by
    one step of the power iteration in every forward pass.
    """

    right: Tensor
    """[E, outputs]; right singular vectors, approximately."""

    def __init__(
        self, members: int, inputs: int, outputs: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.linear = EnsembleLinear(members, inputs, outputs, generator)
        right = torch.randn(members, outputs, generator=generator)
        self.register_buffer("right", F.normalize(right, dim=1))

    def forward(self, x: Tensor) -> Tensor:
        """[E, B, inputs] -> [E, B, outputs]"""
        weight = self.linear.weight
        with torch.no_grad():
            left = torch.einsum("eio,eo->ei", weight, self.right)
            left = F.normalize(left, dim=1)
            right = torch.einsum("eio,ei->eo", weight, left)
            right = F.normalize(right, dim=1)
            self.right.copy_(right)
        norm = torch.einsum("eio,ei,eo->e", weight, left, right)
        return torch.baddbmm(self.linear.bias, x, weight / norm[:, None, None])


class EnsembleResidual(nn.Module):
    """A ReLU layer, then residual blocks that spectral normalisation keeps smooth.

    Source: Bjorck et al. 2021 (arXiv:2106.01151), section 4.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        *,
        width: int,
        depth: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.embed = EnsembleLinear(members, inputs, width, generator)
        self.blocks = nn.Sequential(
            *(_SpectralBlock(members, width, generator) for _ in range(depth))
        )
        self.members, self.size = members, width

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs], the same for all members -> [E, B, size]"""
        features: Tensor = self.blocks(
            F.relu(self.embed(x.expand(self.members, *x.shape)))
        )
        return features


class _SpectralBlock(nn.Module):
    """Two layers of spectral norm 1, around which the input is carried."""

    def __init__(self, members: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = EnsembleNorm(members, width)
        self.first = EnsembleSpectral(members, width, width, generator)
        self.second = EnsembleSpectral(members, width, width, generator)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.second(F.relu(self.first(self.norm(x))))
        return x + change


Trunk = EnsembleMlp | EnsembleSimba | EnsembleResidual
"""An ensemble with a `size`: how many features each member gives."""
