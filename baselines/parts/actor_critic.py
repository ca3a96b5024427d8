"""One network that acts and values: encoder, policy head, value head."""

from collections.abc import Callable
from typing import NamedTuple

import gymnasium
import torch
from gymnasium.spaces import Discrete
from torch import Tensor, nn

from baselines.parts.encoders import Encoder, linear


class Output(NamedTuple):
    """What the network says of a batch of observations."""

    policy: Tensor
    """[B, actions] log-probabilities, or [B, n] means."""
    value: Tensor
    """[B]"""


class ActorCritic(nn.Module):
    """Categorical policy for discrete actions, else a Gaussian whose standard deviation
    is a parameter; separate encoders of policy and value for state vectors."""

    def __init__(
        self,
        observations: gymnasium.Space[object],
        actions: gymnasium.Space[object],
        make_encoder: Callable[[], Encoder],
        generator: torch.Generator,
    ) -> None:
        """Args:
        observations, actions: spaces of one sub-environment.
        make_encoder: makes an encoder of the observations.
        generator: draws the weights of the heads.
        """
        super().__init__()
        self.discrete = isinstance(actions, Discrete)
        outputs = int(actions.n) if isinstance(actions, Discrete) else _size(actions)
        self.policy_encoder = make_encoder()
        # Frames are encoded once for both heads, a state vector for each.
        vector = len(observations.shape or ()) == 1
        self.value_encoder = make_encoder() if vector else None
        size = self.policy_encoder.size
        self.policy_head = linear(size, outputs, generator, gain=0.01)
        self.value_head = linear(size, 1, generator, gain=1.0)
        self.log_std = None if self.discrete else nn.Parameter(torch.zeros(outputs))

    def forward(self, obs: Tensor) -> Output:
        """[B, *observation] float32 -> log-probabilities or means, and values."""
        features = self.policy_encoder(obs)
        policy = self.policy_head(features)
        if self.value_encoder is not None:
            features = self.value_encoder(obs)
        value = self.value_head(features).squeeze(1)
        return Output(policy.log_softmax(1) if self.discrete else policy, value)

    def sample(self, policy: Tensor, generator: torch.Generator) -> Tensor:
        """[B] or [B, n] actions drawn from the policy."""
        if self.log_std is None:
            return torch.multinomial(policy.exp(), 1, generator=generator).squeeze(1)
        noise = torch.randn(policy.shape, generator=generator, device=policy.device)
        return policy + self.log_std.exp() * noise

    def likeliest(self, policy: Tensor) -> Tensor:
        """[B] or [B, n] actions of highest probability."""
        return policy.argmax(1) if self.log_std is None else policy

    def log_prob(self, policy: Tensor, action: Tensor) -> Tensor:
        """[B] log-probability (density) of actions."""
        if self.log_std is None:
            return policy.gather(1, action[:, None]).squeeze(1)
        density: Tensor = self._normal(policy).log_prob(action)  # type: ignore[no-untyped-call]
        return density.sum(1)

    def entropy(self, policy: Tensor) -> Tensor:
        """[B] entropy in nats."""
        if self.log_std is None:
            return -(policy.exp() * policy).sum(1)
        entropy: Tensor = self._normal(policy).entropy()  # type: ignore[no-untyped-call]
        return entropy.sum(1)

    def _normal(self, mean: Tensor) -> torch.distributions.Normal:
        assert self.log_std is not None
        # The parameters are finite by construction; their check is a sync on a GPU.
        return torch.distributions.Normal(
            mean, self.log_std.exp().expand_as(mean), validate_args=False
        )


def _size(actions: gymnasium.Space[object]) -> int:
    assert actions.shape is not None
    return actions.shape[0]
