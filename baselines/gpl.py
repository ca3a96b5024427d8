"""GPL: generalised pessimism learning, SAC with a learnt penalty on uncertain values.

Paper: Cetin and Celiktutan 2023, "Learning Pessimism for Reinforcement Learning"
    (arXiv:2110.03375).
Reference code: none is public for GPL itself; Aladoro/markov-chain-reasoning has its
    critics with a penalty that can be learnt (GPSAC, DrQSAC) and their settings.
Differences: spectral normalisation divides the weights in every pass, as published, and
    does not overwrite them; the critics' last layer begins as large as the others; the
    policy's gradients are not clipped, and its actions are judged with the beta of the
    targets (no pessimism annealing). From pixels it is SAC on DrQ-v2's encoder, with
    its shifts, its returns of 3 steps and its rhythm of updates: what explores is the
    learnt temperature of a tanh-squashed Gaussian, with a constant target entropy;
    that code has a truncated Gaussian and a target that falls. Two critics and a beta
    of .5 are clipped double Q-learning, from which it departs. All else is as in the
    files of SAC and DrQ-v2, without DrQ-v2's settings by task. The settings of the
    practice and toy suites are ours: five critics of plain layers, an update a decision
    and a faster beta, for a CPU.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from gymnasium.spaces import Box
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.drqv2 import Encoder, bottleneck
from baselines.parts.augment import random_shift
from baselines.parts.compiled import Compiled
from baselines.parts.device_replay import make_replay
from baselines.parts.encoders import frames_first, pixels_to_input
from baselines.parts.ensemble import EnsembleResidual
from baselines.parts.pessimism import Pessimism
from baselines.parts.ranges import Range, check_ranges
from baselines.parts.replay import Batch, Replay, Sizes
from baselines.parts.soft_networks import Critics
from baselines.sac import SAC
from baselines.sac_settings import SACConfig
from harness.agent import TaskInfo


@dataclass(frozen=True)
class GPLConfig(SACConfig):
    """Hyper-parameters; the defaults are those from state vectors."""

    critics: int = 10
    """Two at least, for their values are compared."""
    residual: bool = True
    """Critics have residual blocks with spectral normalisation, not the network's."""
    critic_depth: int | None = 1
    """Their blocks, or their layers."""
    initial_beta: float = 0.5
    """Weight of the critics' disagreement at the start."""
    beta_learning_rate: float = 1e-4
    """Of Adam, for beta."""
    beta_every: int = 20
    """Updates of the critics from one of beta to the next."""
    updates_per_decision: int | None = 20
    """Updates of the critics for each decision that is followed by updates."""
    update_every: int = 1
    """Decisions from one that is followed by updates to the next."""
    policy_every: int = 20
    """Updates of the critics from one of policy and temperature to the next."""
    n_step: int = 1
    """Steps of a return."""
    target_every: int | None = 1
    """Updates from one move of the target networks to the next."""
    initial_temperature: float | None = 1.0
    """alpha at the start."""
    shrink: int = 1
    """Squares of so many pixels a side are averaged into one before all else."""
    shift: int = 4
    """Pixels by which sampled frames move at random, at most."""
    filters: int = 32
    """Of each of the four convolutions for frames."""
    features: int = 50
    """Size of what policy and critics each make of the convolutions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, RANGES)


RANGES = {
    "critics": Range(2),
    "initial_beta": Range(-100, 100),
    "beta_learning_rate": Range(0),
    "beta_every": Range(1),
    "update_every": Range(1),
    "policy_every": Range(1),
    "n_step": Range(1),
    "shrink": Range(1),
    "shift": Range(0),
    "filters": Range(1),
    "features": Range(1),
}
"""Values with which an update is what it says, beside SAC's."""

PIXELS = GPLConfig(
    network="1024x2",
    critics=2,
    residual=False,
    critic_depth=2,
    start_steps=2_000,
    updates_per_decision=1,
    update_every=2,
    policy_every=1,
    batch_size=256,
    learning_rate=1e-4,
    target_rate=0.01,
    n_step=3,
    initial_temperature=0.1,
)
"""From pixels: DrQ-v2's settings of a medium task."""

PRACTICE = GPLConfig(
    critics=5,
    residual=False,
    critic_depth=2,
    start_steps=1_000,
    updates_per_decision=1,
    policy_every=1,
    learning_rate=1e-3,
    initial_temperature=0.1,
    beta_learning_rate=1e-2,
)
"""For the small budget of the practice suite, on a CPU."""

TOY = replace(
    PRACTICE,
    start_steps=200,
    batch_size=64,
    discount=0.95,
    actor_width=64,
    critic_width=64,
)
"""For the toy suite."""


class Narrowed(nn.Module):
    """A network on few features of the encoder's many, which it learns for itself."""

    def __init__(self, narrow: nn.Module, network: nn.Module) -> None:
        super().__init__()
        self.narrow, self.network = narrow, network

    def forward(self, encoded: Tensor, *others: Tensor) -> Any:
        """[B, encoder.size] and what else the network takes -> what it gives."""
        return self.network(self.narrow(encoded), *others)


class GPL(SAC):
    """SAC whose values are lowered by beta times what its critics disagree on."""

    Config: ClassVar[type] = GPLConfig
    config: GPLConfig
    learned = ("encoder", *SAC.learned)
    resumed = (*SAC.resumed, "pessimism", "beta_optimiser", "policy_metrics")
    metrics = (*SAC.metrics, "beta")

    @classmethod
    def default_config(cls, task: TaskInfo) -> GPLConfig:
        if _shows_pixels(task):
            capacity = min(PIXELS.capacity, task.budget_agent_steps * 5 // 4)
            return replace(PIXELS, capacity=capacity)
        presets = {"practice": PRACTICE, "toy": TOY}
        return presets.get(task.suite, GPLConfig())

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        if _shows_pixels(task) and isinstance(task.action_space, Box):
            return None
        return super().supports(task)

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: GPLConfig
    ) -> None:
        self.pixels = _shows_pixels(task)
        self.n_step = config.n_step
        super().__init__(task, seed=seed, device=device, config=config)
        if self.pixels and self.settings.normalise_observations:
            raise ValueError(
                f"network={config.network!r} needs state vectors; from pixels take "
                "'1024x2' or '256x2'"
            )
        self.pessimism = Pessimism(config.initial_beta).to(self.torch_device)
        self.beta_optimiser = torch.optim.Adam(
            self.pessimism.parameters(),
            lr=config.beta_learning_rate,
            betas=(0.5, 0.999),
        )
        self.policy_metrics = torch.zeros(2, device=self.torch_device)
        self.critics_alone = self._compiled()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.policy_metrics = self.policy_metrics.to(self.torch_device)
        self.critics_alone.restart()

    def _make_networks(self, weights: torch.Generator) -> None:
        self.encoder: nn.Module = nn.Identity()
        if self.pixels:
            config = self.config
            channels, *frame = frames_first(self.task.observation_space.shape or ())
            height, width = (side // config.shrink for side in frame)
            self.encoder = Encoder((channels, height, width), config.filters, weights)
        self.encoder.to(self.torch_device)
        super()._make_networks(weights)

    def _make_actor(self, inputs: int, weights: torch.Generator) -> nn.Module:
        return self._narrowed(super()._make_actor, inputs, weights)

    def _make_critics(self, inputs: int, weights: torch.Generator) -> nn.Module:
        make = self._residual_critics if self.config.residual else super()._make_critics
        return self._narrowed(make, inputs, weights)

    def _residual_critics(self, inputs: int, weights: torch.Generator) -> nn.Module:
        own = self.settings
        trunk = EnsembleResidual(
            *(own.critics, inputs + self.actions),
            width=own.critic_width,
            depth=own.critic_depth,
            generator=weights,
        )
        return Critics(trunk, weights)

    def _narrowed(
        self,
        make: Callable[[int, torch.Generator], nn.Module],
        inputs: int,
        weights: torch.Generator,
    ) -> nn.Module:
        """A network on state vectors, or on few features of the encoder's."""
        if not isinstance(self.encoder, Encoder):
            return make(inputs, weights)
        features = self.config.features
        narrow = bottleneck(self.encoder.size, features, weights)
        return Narrowed(narrow, make(features, weights))

    def _with_critics(self) -> nn.Module:
        return nn.ModuleList([self.encoder, self.critics])

    def _update(self, batch: Batch) -> Tensor:
        beta_due = self.updates % self.config.beta_every == 0
        beta = self.pessimism.beta.detach()
        metrics = torch.cat([super()._update(batch), beta[None]])
        if beta_due:
            self._descend(self.beta_optimiser, self.pessimism.loss())
        return metrics

    def _value(self, values: Tensor) -> Tensor:
        lowered: Tensor = self.pessimism(values)
        return lowered

    def _update_critics(self, obs: Tensor, action: Tensor, target: Tensor) -> Tensor:
        error = super()._update_critics(obs, action, target)
        self.pessimism.observe(error)
        return error

    def _update_policy(self, obs: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
        if self._policy_is_due():
            found = super()._update_policy(obs, alpha)
            self.policy_metrics.copy_(torch.stack(found))
        loss, entropy = self.policy_metrics
        return loss, entropy

    def _policy_is_due(self) -> bool:
        return self.updates % self.config.policy_every == 0

    def _graph(self) -> Compiled[Batch]:
        return self.compiled if self._policy_is_due() else self.critics_alone

    def _decisions_due(self) -> int:
        every, before = self.config.update_every, self.steps - self.config.num_envs
        return self.steps // every - before // every

    def _make_replay(self, sizes: Sizes, **arguments: Any) -> Replay:
        if not self.pixels:
            return super()._make_replay(sizes, **arguments)
        return make_replay(sizes, self.torch_device, **arguments)

    def _sampled(self, obs: Any) -> Tensor:
        if not self.pixels:
            return super()._sampled(obs)
        moved = random_shift(self._frames(obs), self.config.shift, self.generator)
        encoded: Tensor = self.encoder(moved)
        return encoded

    def _input(self, obs: Any) -> Tensor:
        if not self.pixels:
            return super()._input(obs)
        encoded: Tensor = self.encoder(self._frames(obs))
        return encoded

    def _frames(self, obs: Any) -> Tensor:
        """[B, C, H, W] in [-.5, .5]"""
        frames = pixels_to_input(torch.as_tensor(obs), self.torch_device) - 0.5
        if self.config.shrink > 1:
            frames = F.avg_pool2d(frames, self.config.shrink)
        return frames


def _shows_pixels(task: TaskInfo) -> bool:
    return len(task.observation_space.shape or ()) >= 3
