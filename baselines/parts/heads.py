"""Heads of value networks: noisy layers, the dueling sum, and C51's distributions."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NoisyLinear(nn.Module):
    """A linear layer whose weights have learnt, factorised Gaussian noise.

    Source: Fortunato et al. 2018 (arXiv:1706.10295), section 3, variant (b).
    """

    def __init__(
        self, inputs: int, outputs: int, generator: torch.Generator, *, noise: float
    ) -> None:
        """Args:
        noise: sigma_0; each weight's noise begins at sigma_0 / sqrt(inputs).
        """
        super().__init__()
        bound = 1 / math.sqrt(inputs)

        def uniform(*shape: int) -> nn.Parameter:
            drawn = torch.empty(shape).uniform_(-bound, bound, generator=generator)
            return nn.Parameter(drawn)

        self.weight, self.bias = uniform(outputs, inputs), uniform(outputs)
        self.weight_noise = nn.Parameter(torch.full((outputs, inputs), noise * bound))
        self.bias_noise = nn.Parameter(torch.full((outputs,), noise * bound))

    def forward(self, x: Tensor, noise: torch.Generator | None) -> Tensor:
        """[B, inputs] -> [B, outputs].

        Args:
            noise: draws one noise for the whole batch; None is the mean network.
        """
        if noise is None:
            return F.linear(x, self.weight, self.bias)
        outputs, inputs = self.weight_noise.shape
        drawn = torch.randn(outputs + inputs, generator=noise, device=x.device)
        drawn = drawn.sign() * drawn.abs().sqrt()
        out, into = drawn[:outputs], drawn[outputs:]
        weight = torch.addcmul(self.weight, self.weight_noise, torch.outer(out, into))
        return F.linear(x, weight, torch.addcmul(self.bias, self.bias_noise, out))


def dueling(value: Tensor, advantage: Tensor) -> Tensor:
    """[B, actions, ...] from a value [B, 1, ...] and advantages [B, actions, ...].

    Source: Wang et al. 2016 (arXiv:1511.06581), equation 9.
    """
    return value + advantage - advantage.mean(1, keepdim=True)


def project(
    probabilities: Tensor, reward: Tensor, discount: Tensor, atoms: Tensor
) -> Tensor:
    """[B, atoms] distribution of reward + discount * value on the atoms of the value.

    Every shifted atom gives its mass to the two atoms beside it, the nearer the more;
    outside the support, to the last one.

    Args:
        probabilities: [B, atoms] of the value.
        reward: [B]
        discount: [B]; 0 where nothing follows.
        atoms: [atoms], evenly spaced.

    Source: Bellemare et al. 2017 (arXiv:1707.06887), equation 7. Held equal to the
    loop of its algorithm 1 in tests/baselines/test_heads.py.
    """
    shifted = reward[:, None] + discount[:, None] * atoms  # [B, from]
    shifted = shifted.clamp(atoms[0], atoms[-1])
    spacing = (atoms[-1] - atoms[0]) / (len(atoms) - 1)
    distance = (shifted[:, :, None] - atoms).abs() / spacing  # [B, from, to]
    share = (1 - distance).clamp(min=0)
    return torch.bmm(probabilities[:, None], share).squeeze(1)
