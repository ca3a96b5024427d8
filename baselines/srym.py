"""S-RYM: hyperbolic representations, kept stable by spectral normalisation.

Paper: Cetin et al. 2023, "Hyperbolic Deep Reinforcement Learning" (arXiv:2210.01542):
    spectrally-regularised hyperbolic mappings (S-RYM). Everything before the last layer
    is spectrally normalised; its latents, divided by the root of their number, are
    mapped to the Poincare ball, and the last layer measures distances to hyperplanes.
Reference code: twitter-research/hyperbolic-rl (PPO on Procgen).
Differences: on PPO (Procgen) latents are not clipped at a norm of 60: the border of
    the ball binds long before. Power iterations go with updates, not with acting.
    Normals start with standard deviation 1, as the code draws them (by its words they
    would be small). Rewards are scaled as our PPO scales them. The code on Rainbow
    (Atari) is not public, and the settings are ours: DER with 32 latents in each stream
    instead of 256 features, without a ReLU; a hyperplane for every atom; hidden layers
    stay noisy (the mean is normalised, the noise is not), the last layer has no noise.
    So are the settings for Memory Maze, whose core is not normalised, and for the
    practice and toy suites, and ReLU layers for state vectors.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from gymnasium.spaces import Discrete
from torch import Tensor, nn

from baselines.parts.actor_critic import ActorCritic
from baselines.parts.by_task import ByTask
from baselines.parts.encoders import Encoder, Impala, Mlp, Nature
from baselines.parts.heads import dueling
from baselines.parts.hyperbolic import Gyroplanes
from baselines.parts.riemannian_adam import RiemannianAdam
from baselines.parts.spectral import spectrally_normalised
from baselines.ppo import PPO
from baselines.ppo_settings import PPOConfig
from baselines.rainbow import DER, RainbowNetwork
from baselines.rainbow_settings import RainbowConfig
from harness.agent import StepAgent, TaskInfo

LATENTS = 32
"""Dimensions of the ball."""


class HyperbolicPPO(PPO):
    """PPO whose policy and value are distances to hyperplanes."""

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        discrete = isinstance(task.action_space, Discrete)
        return None if discrete else "needs discrete actions"

    @classmethod
    def default_config(cls, task: TaskInfo) -> PPOConfig:
        config = replace(super().default_config(task), features=LATENTS)
        # Toys show short vectors, and what follows makes nothing longer.
        toy = task.simulator == "toy"
        return replace(config, learning_rate=1e-2) if toy else config

    def make_network(self, weights: torch.Generator) -> ActorCritic:
        network = super().make_network(weights)
        for encoder in (network.policy_encoder, network.value_encoder):
            if encoder is not None:
                _without_last_activation(encoder)
                _normalised(encoder, weights)
        for name in ("policy_head", "value_head"):
            flat = getattr(network, name)
            head = Gyroplanes(flat.in_features, flat.out_features, weights)
            setattr(network, name, head)
        return network

    def make_optimiser(self) -> torch.optim.Optimizer:
        rate = self.config.learning_rate
        return _optimiser(self.network, lr=rate, eps=1e-5)


class HyperbolicRainbowNetwork(RainbowNetwork):
    """Two streams of latents, each with a hyperplane for every atom (and action)."""

    def __init__(
        self,
        encoder: Encoder,
        actions: int,
        config: RainbowConfig,
        weights: torch.Generator,
    ) -> None:
        super().__init__(encoder, actions, config, weights)
        self.value = Gyroplanes(config.hidden, config.atoms, weights)  # type: ignore[assignment]
        self.advantage = Gyroplanes(config.hidden, actions * config.atoms, weights)  # type: ignore[assignment]
        for before in (self.encoder, self.value_hidden, self.advantage_hidden):
            _normalised(before, weights)

    def head(self, features: Tensor, noise: torch.Generator | None) -> Tensor:
        value = self.value(self.value_hidden(features, noise))
        advantage = self.advantage(self.advantage_hidden(features, noise))
        shape = (len(features), -1, len(self.atoms))
        return dueling(value.view(shape), advantage.view(shape)).log_softmax(2)


class HyperbolicDER(DER):
    """Data-efficient Rainbow whose distributions of returns are distances to
    hyperplanes."""

    made_of: ClassVar[type[RainbowNetwork]] = HyperbolicRainbowNetwork

    @classmethod
    def default_config(cls, task: TaskInfo) -> RainbowConfig:
        return replace(super().default_config(task), hidden=LATENTS)

    def make_optimiser(self) -> torch.optim.Optimizer:
        config = self.config
        return _optimiser(
            self.network,
            lr=config.learning_rate,
            eps=config.adam_epsilon,
            fused=True,
            capturable=self.torch_device.type == "cuda",
        )


@dataclass(frozen=True)
class SRYMConfig(RainbowConfig, PPOConfig):
    """What can be set: DER's fields on Atari, else PPO's."""

    hidden: int | tuple[int, ...] = LATENTS  # type: ignore[assignment]
    """On Atari the latents of each stream, else tanh layers for state vectors."""


class SRYM(ByTask):
    """On DER for Atari, else on PPO."""

    Config: ClassVar[type] = SRYMConfig
    tuning: ClassVar[str] = "per-suite"

    @classmethod
    def choose(cls, task: TaskInfo) -> type[StepAgent]:
        return HyperbolicDER if task.simulator == "atari" else HyperbolicPPO


def _without_last_activation(encoder: nn.Module) -> None:
    """Latents are of either sign."""
    if isinstance(encoder, Impala | Nature):
        encoder.activation = nn.Identity()
    if isinstance(encoder, Mlp) and len(encoder.layers):
        encoder.layers[-1] = nn.Identity()


def _normalised(module: nn.Module, weights: torch.Generator) -> None:
    """Spectral norms are 1. The tanh layers of state vectors become ReLU layers: where
    nothing is large, tanh is a straight line."""
    if isinstance(module, Mlp):
        for index, layer in enumerate(module.layers):
            if isinstance(layer, nn.Tanh):
                module.layers[index] = nn.ReLU()
    spectrally_normalised(module, weights)


def _optimiser(network: nn.Module, **settings: Any) -> RiemannianAdam:
    """Points of hyperplanes are moved along the ball."""
    points = [m.points for m in network.modules() if isinstance(m, Gyroplanes)]
    on_ball = set(map(id, points))
    others = [p for p in network.parameters() if id(p) not in on_ball]
    return RiemannianAdam(others, points, **settings)
