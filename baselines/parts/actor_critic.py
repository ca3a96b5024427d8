"""One network that acts and values: encoder, perhaps a core, policy and value head."""

from collections.abc import Callable
from typing import NamedTuple

import gymnasium
import torch
from gymnasium.spaces import Discrete
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.parts.cores import Core
from baselines.parts.encoders import Encoder, linear


class Output(NamedTuple):
    """What the network says of a batch of observations."""

    policy: Tensor
    """[B, actions] log-probabilities, or [B, n] means."""
    value: Tensor
    """[B]"""


class ActorCritic(nn.Module):
    """Categorical policy for discrete actions, else a Gaussian whose standard deviation
    is a parameter; separate encoders of policy and value for state vectors.

    With a core, one encoder feeds the core, with the last action and the last reward
    (within +-1, as IMPALA does), and the core feeds both heads.
    """

    def __init__(
        self,
        observations: gymnasium.Space[object],
        actions: gymnasium.Space[object],
        make_encoder: Callable[[], Encoder],
        generator: torch.Generator,
        make_core: Callable[[int], Core] | None = None,
    ) -> None:
        """Args:
        observations, actions: spaces of one sub-environment.
        make_encoder: makes an encoder of the observations.
        generator: draws the weights of the heads.
        make_core: makes a core of so many inputs.
        """
        super().__init__()
        self.discrete = isinstance(actions, Discrete)
        self.outputs = outputs = (
            int(actions.n) if isinstance(actions, Discrete) else _size(actions)
        )
        self.policy_encoder = make_encoder()
        size = self.policy_encoder.size
        self.core = None if make_core is None else make_core(size + outputs + 1)
        # Frames are encoded once for both heads, a state vector for each.
        vector = len(observations.shape or ()) == 1
        self.value_encoder = make_encoder() if vector and self.core is None else None
        size = size if self.core is None else self.core.size
        self.policy_head = linear(size, outputs, generator, gain=0.01)
        self.value_head = linear(size, 1, generator, gain=1.0)
        self.log_std = None if self.discrete else nn.Parameter(torch.zeros(outputs))

    def forward(self, obs: Tensor) -> Output:
        """[B, *observation] float32 -> log-probabilities or means, and values.

        Without a core; with one, see `unroll`.
        """
        features = self.policy_encoder(obs)
        if self.value_encoder is None:
            return self._heads(features, features)
        return self._heads(features, self.value_encoder(obs))

    def unroll(
        self,
        obs: Tensor,
        *,
        first: Tensor,
        last_action: Tensor,
        last_reward: Tensor,
        state: Tensor,
    ) -> tuple[Output, Tensor]:
        """With a core: walks through T steps of n sub-environments.

        Args:
            obs: [T * n, *observation] float32; the rows of one time stand together.
            first: [T * n] bool, on the CPU; where it is True there was no last step.
            last_action: [T * n] or [T * n, actions].
            last_reward: [T * n] float32, what that action brought.
            state: [n, core.state_size], of the core before the first step.

        Returns:
            the output of T * n rows, and the core's state after the last step.
        """
        assert self.core is not None
        reward = last_reward.clamp(-1, 1)[:, None]
        if self.discrete:
            last_action = F.one_hot(last_action, self.outputs)
        last = torch.cat([last_action.to(reward), reward], 1)
        last = last * (~first).to(last, non_blocking=True)[:, None]
        x = torch.cat([self.policy_encoder(obs), last], 1)  # [T * n, inputs]
        n = len(state)
        y, state = self.core.unroll(x.view(-1, n, x.shape[1]), first.view(-1, n), state)
        features = y.flatten(0, 1)
        return self._heads(features, features), state

    def _heads(self, for_policy: Tensor, for_value: Tensor) -> Output:
        policy = self.policy_head(for_policy)
        value = self.value_head(for_value).squeeze(1)
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
