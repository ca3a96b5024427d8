"""Policy, critics and temperature of soft actor-critic methods, on given trunks."""

import math

import torch
from torch import Tensor, nn

from baselines.parts.ensemble import EnsembleLinear, Trunk
from baselines.parts.gaussian import SquashedGaussian


class Actor(nn.Module):
    """The policy: a tanh-squashed Gaussian of the observation."""

    def __init__(
        self,
        trunk: Trunk,
        actions: int,
        log_std: tuple[float, float],
        generator: torch.Generator,
    ) -> None:
        """Args:
        actions: n.
        log_std: ends of the log standard deviations.
        """
        super().__init__()
        self.trunk = trunk
        self.head = EnsembleLinear(1, trunk.size, 2 * actions, generator)
        self.log_std = log_std

    def forward(self, obs: Tensor) -> SquashedGaussian:
        """[B, observation] -> distribution of [B, actions]."""
        features = self.head(self.trunk(obs)).squeeze(0)  # [B, 2 * actions]
        return SquashedGaussian.from_features(features, *self.log_std)


class Critics(nn.Module):
    """Values of actions, by E critics."""

    def __init__(self, trunk: Trunk, generator: torch.Generator) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = EnsembleLinear(trunk.members, trunk.size, 1, generator)

    def forward(self, obs: Tensor, action: Tensor) -> Tensor:
        """[B, observation], [B, actions] -> [E, B]"""
        values: Tensor = self.head(self.trunk(torch.cat([obs, action], 1)))
        return values.squeeze(2)


class Temperature(nn.Module):
    """alpha, the weight of the entropy, positive by its logarithm."""

    def __init__(self, initial: float) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(math.log(initial)))

    def forward(self) -> Tensor:
        return self.log.exp()
