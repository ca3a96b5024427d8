"""The policy of bounded continuous actions: a Gaussian squashed by tanh."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


class SquashedGaussian(NamedTuple):
    """Actions tanh(u), u normal with independent components.

    Source: Haarnoja et al. 2018 (arXiv:1812.05905), appendix C. Held equal to
    torch.distributions in tests/baselines/test_networks.py.
    """

    mean: Tensor
    """[..., n] of u."""
    log_std: Tensor
    """[..., n] of u."""

    @classmethod
    def from_features(
        cls, features: Tensor, low: float, high: float
    ) -> "SquashedGaussian":
        """The distribution that a network's last layer gives.

        Args:
            features: [..., 2n]; means, then what becomes the log standard deviations.
            low, high: between which tanh puts the log standard deviations.
        """
        mean, log_std = features.chunk(2, dim=-1)
        return cls(mean, low + 0.5 * (high - low) * (log_std.tanh() + 1.0))

    @property
    def likeliest(self) -> Tensor:
        """[..., n] the action of the mean."""
        return self.mean.tanh()

    def sample(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Actions [..., n] and their log-probabilities [...], both with gradients.

        Args:
            noise: [..., n] standard normal.
        """
        u = self.mean + self.log_std.exp() * noise
        return u.tanh(), self._log_prob(u, noise)

    def log_prob(self, u: Tensor) -> Tensor:
        """[...] log-density of the action tanh(u), u [..., n]."""
        return self._log_prob(u, (u - self.mean) * torch.exp(-self.log_std))

    def _log_prob(self, u: Tensor, noise: Tensor) -> Tensor:
        density = -0.5 * noise.square() - self.log_std - HALF_LOG_TWO_PI
        # log(1 - tanh(u)^2) without the 1 - 1 that a large u would make of it.
        slope = 2.0 * (math.log(2.0) - u - F.softplus(-2.0 * u))
        return (density - slope).sum(-1)
