"""Rainbow: six extensions of DQN in one agent, and its data-efficient setting (DER).

Paper: Hessel et al. 2018, "Rainbow: Combining Improvements in Deep Reinforcement
    Learning" (arXiv:1710.02298); van Hasselt et al. 2019, "When to use parametric
    models in reinforcement learning?" (arXiv:1906.05243) for DER.
Reference code: Kaixhin/Rainbow, google/dopamine (labs/atari_100k), mila-iqia/spr.
Differences: DER's returns are of 10 steps, as in Dopamine and SPR, and sigma_0 is 0.5,
    as in Rainbow and SPR (Dopamine: 0.1); KaixhinDER has the 20 steps of the paper and
    0.1. Priorities are the cross-entropy instead of the KL divergence (as Kaixhin).
    Every forward pass draws its own noise. Stacks are padded with zeros at the start of
    a game and go on over a lost life. Evaluation plays the mean network with epsilon
    0.001. beta reaches 1 at the end of the budget. Atari 57's protocol shows no lost
    lives. The settings for Procgen, Memory Maze and for the practice and toy suites are
    ours.
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from gymnasium.spaces import Discrete
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.parts.compiled import Compiled
from baselines.parts.device_replay import make_replay
from baselines.parts.encoders import (
    DATA_EFFICIENT_LAYERS,
    NATURE_LAYERS,
    Convolutions,
    Encoder,
    Mlp,
    frames_first,
    network_input,
)
from baselines.parts.exploration import epsilon_greedy
from baselines.parts.heads import NoisyLinear, dueling, project
from baselines.parts.replay import Batch, Replay, Sizes
from baselines.parts.schedule import along
from baselines.rainbow_settings import (
    EFFICIENT,
    FULL,
    KAIXHIN,
    OURS,
    RainbowConfig,
)
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo

LOG_EVERY = 100
"""Updates between two metrics."""


class RainbowNetwork(nn.Module):
    """Frames to distributions of returns: convolutions, then two noisy streams."""

    encoder: nn.Module
    atoms: Tensor

    def __init__(
        self,
        encoder: Encoder,
        actions: int,
        config: RainbowConfig,
        weights: torch.Generator,
    ) -> None:
        super().__init__()

        def noisy(inputs: int, outputs: int) -> NoisyLinear:
            return NoisyLinear(inputs, outputs, weights, noise=config.noise)

        self.encoder = encoder
        self.value_hidden = noisy(encoder.size, config.hidden)
        self.value = noisy(config.hidden, config.atoms)
        self.advantage_hidden = noisy(encoder.size, config.hidden)
        self.advantage = noisy(config.hidden, actions * config.atoms)
        atoms = torch.linspace(-config.support, config.support, config.atoms)
        self.register_buffer("atoms", atoms)

    def forward(self, obs: Tensor, noise: torch.Generator | None) -> Tensor:
        """[B, *observation] float32 -> [B, actions, atoms] log-probabilities."""
        return self.head(self.encoder(obs), noise)

    def head(self, features: Tensor, noise: torch.Generator | None) -> Tensor:
        """[B, features] -> [B, actions, atoms] log-probabilities."""
        value = self.value(F.relu(self.value_hidden(features, noise)), noise)
        hidden = F.relu(self.advantage_hidden(features, noise))
        advantage = self.advantage(hidden, noise)
        shape = (len(features), -1, len(self.atoms))
        return dueling(value.view(shape), advantage.view(shape)).log_softmax(2)

    def values(self, obs: Tensor, noise: torch.Generator | None) -> Tensor:
        """[B, actions] expected returns."""
        expected: Tensor = self(obs, noise).exp() @ self.atoms
        return expected


class Rainbow(StepAgent):
    """Acts with noisy values; learns distributions of returns by priority."""

    Config: ClassVar[type] = RainbowConfig
    tuning: ClassVar[str] = "per-suite"
    settings: ClassVar[RainbowConfig] = FULL
    """On Atari."""
    made_of: ClassVar[type[RainbowNetwork]] = RainbowNetwork
    """The network, which takes an encoder."""
    learned = ("network",)
    resumed: tuple[str, ...] = (
        *("target", "optimiser", "generator"),
        *("replay", "steps", "updates"),
    )

    replay: Replay

    @classmethod
    def default_config(cls, task: TaskInfo) -> RainbowConfig:
        config, budget = cls.settings, task.budget_agent_steps
        config = replace(config, **OURS.get(task.simulator, {}))
        if task.suite == "practice":
            config = replace(
                config, start=budget // 10, update_every=1, target_every=500
            )
        return replace(
            config,
            capacity=min(config.capacity, budget * 5 // 4),
            clip_rewards=config.clip_rewards and task.allowed.clip_rewards,
            life_loss_ends=config.life_loss_ends and task.allowed.life_loss_ends,
        )

    @classmethod
    def environment(cls, task: TaskInfo, config: RainbowConfig) -> EnvOptions:
        return EnvOptions(
            num_envs=config.num_envs,
            clip_rewards=config.clip_rewards,
            life_loss_ends=config.life_loss_ends,
        )

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        discrete = isinstance(task.action_space, Discrete)
        return None if discrete else "needs discrete actions"

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: RainbowConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        assert isinstance(task.action_space, Discrete)
        self.config: RainbowConfig = config
        self.torch_device = torch.device(device)
        self.actions = int(task.action_space.n)
        # Weights are drawn on the CPU, so a GPU run starts from the same ones.
        self.network = self.make_network(torch.Generator().manual_seed(seed))
        self.network.to(self.torch_device)
        self.target = deepcopy(self.network).requires_grad_(False)
        self.optimiser = self.make_optimiser()
        self.generator = torch.Generator(self.torch_device).manual_seed(seed)
        self.compiled = Compiled(
            self._step,
            self.torch_device,
            generators=[self.generator],
            host=[self.rng],
            enabled=config.compile,
        )
        self.steps = 0
        self.updates = 0

    def make_network(self, weights: torch.Generator) -> RainbowNetwork:
        """The network, its weights drawn on the CPU."""
        encoder = self.make_encoder(weights)
        return self.made_of(encoder, self.actions, self.config, weights)

    def make_encoder(self, weights: torch.Generator) -> Encoder:
        """The network's encoder, as the configuration names it."""
        shape, config = self.task.observation_space.shape or (), self.config
        if len(shape) == 1:
            return Mlp(shape[0], (config.hidden,), weights)
        nature = config.encoder == "nature"
        layers = NATURE_LAYERS if nature else DATA_EFFICIENT_LAYERS
        return Convolutions(frames_first(shape), layers, weights)

    def make_optimiser(self) -> torch.optim.Optimizer:
        """Of the network's parameters, which are on the device."""
        # Fused steps go by raw memory, and a checkpoint keeps no memory format: frames
        # are channels last, weights are not.
        return torch.optim.Adam(
            self.network.parameters(),
            lr=self.config.learning_rate,
            eps=self.config.adam_epsilon,
            fused=True,
            capturable=self.torch_device.type == "cuda",
        )

    def prepare(self, folder: Path | None) -> None:
        self.replay = make_replay(
            Sizes.of(self.task, self.config.capacity),
            self.torch_device,
            n_step=self.config.n_step,
            discount=self.config.discount,
            priority_exponent=self.config.priority_exponent,
            folder=folder,
        )

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.compiled.restart()

    def checkpoint_due(self) -> bool:
        return self.replay.checkpoint_due

    def checkpoint_written(self) -> None:
        self.replay.checkpoint_written()

    def act(
        self, obs: Any, first: Any, state: Any, *, explore: bool
    ) -> tuple[Any, Any, Any]:
        with torch.no_grad():
            noise = self.generator if explore else None
            best = self.network.values(self._input(obs), noise).argmax(1)
        epsilon = 0.0 if explore else self.config.evaluation_epsilon
        action = epsilon_greedy(best.cpu().numpy(), epsilon, self.actions, self.rng)
        return action, state, None

    def record(self, step: Step, extras: Any) -> None:
        self.replay.add(step)
        self.steps += len(step.reward)

    def learn(self) -> Mapping[str, float] | None:
        due = self.updates_due()
        if self.updates == 0 and (due == 0 or len(self.replay) == 0):
            return None
        metrics = None
        while self.updates < due:
            if self.updates % self.config.target_every == 0:
                self.target.load_state_dict(self.network.state_dict())
            error = self._update()
            self.updates += 1
            if self.updates % LOG_EVERY == 0 or not math.isfinite(error):
                metrics = {"cross_entropy": error}
            if not math.isfinite(error):
                break
        return metrics

    def updates_due(self) -> int:
        """Updates that the steps so far are worth."""
        return max(0, self.steps - self.config.start) // self.config.update_every

    def _update(self) -> float:
        """One step of gradient descent; returns the mean cross-entropy."""
        batch = self.sample()
        # The one wait for a GPU; acting would wait next.
        priority = self.compiled(batch).cpu().numpy()
        error = float(priority.mean())
        if math.isfinite(error):
            self.replay.set_priorities(batch.rows, priority)
        return error

    def _step(self, batch: Batch) -> Tensor:
        """What a GPU replays: descends, and returns the cross-entropies [B]."""
        loss, cross_entropy = self.losses(batch)
        self.descend(loss)
        return cross_entropy.detach()

    def sample(self) -> Batch:
        """What an update learns from."""
        beta = along(self.config.beta, 1.0, self.steps / self.task.budget_agent_steps)
        return self.replay.sample(self.config.batch, self.rng, beta=beta)

    def losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """What is descended, and the cross-entropies [B] that become priorities."""
        features = self.encoded(self.network, self.training_input(batch.obs))
        return self.value_loss(batch, features)

    def value_loss(self, batch: Batch, features: Tensor) -> tuple[Tensor, Tensor]:
        """`losses` of a batch that the encoder has seen: [B, features]."""
        config, noise = self.config, self.generator
        reward, discount, weight, action = (
            torch.as_tensor(column, device=self.torch_device)
            for column in (batch.reward, batch.discount, batch.weight, batch.action)
        )
        rows = torch.arange(config.batch, device=self.torch_device)

        # Double Q-learning: the network chooses, the target network judges.
        with torch.no_grad():
            next_obs = self.training_input(batch.next_obs)
            chooser, judge = (  # [B, actions, atoms]
                network.head(self.encoded(network, next_obs), noise).exp()
                for network in (self.network, self.target)
            )
            best = (chooser @ self.network.atoms).argmax(1)  # [B]
            following = judge[rows, best]  # [B, atoms]
            goal = project(following, reward, discount, self.network.atoms)

        # Cross-entropy of the projected distribution, weighted for the priorities.
        log_probs = self.network.head(features, noise)[rows, action]
        cross_entropy = -(goal * log_probs).sum(1)  # [B]
        return (weight * cross_entropy).mean(), cross_entropy

    def descend(self, loss: Tensor) -> None:
        """One step of the optimiser."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        limit = self.config.max_gradient_norm
        nn.utils.clip_grad_norm_(self.network.parameters(), limit)
        self.optimiser.step()

    def training_input(self, obs: Any) -> Tensor:
        """[B, *observation] as an update sees it."""
        return self._input(obs)

    def encoded(self, network: RainbowNetwork, obs: Tensor) -> Tensor:
        """[B, features] of an update's [B, *observation]; acting has no say in it."""
        features: Tensor = network.encoder(obs)
        return features

    def _input(self, obs: Any) -> Tensor:
        return network_input(obs, self.torch_device)


class DER(Rainbow):
    """Data-efficient Rainbow for 100,000 steps: smaller, and an update a step."""

    settings: ClassVar[RainbowConfig] = EFFICIENT


class KaixhinDER(Rainbow):
    """DER with the settings of Kaixhin/Rainbow: returns of 20 steps, less noise."""

    settings: ClassVar[RainbowConfig] = KAIXHIN
