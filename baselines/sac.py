"""SAC: soft actor-critic with a learnt temperature, for continuous control from state.

Paper: Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications"
    (arXiv:1812.05905); the network `simba`: Lee et al. 2025, "SimBa: Simplicity Bias
    for Scaling Up Parameters in Deep Reinforcement Learning" (arXiv:2410.09754).
Reference code: denisyarats/pytorch_sac (the network `1024x2` has its settings),
    SonyResearch/simba.
Differences: the target networks move at every second update, log standard deviations
    lie in [-5, 2] and the temperature begins at .1, as in pytorch_sac; the paper has 1,
    a clip to [-20, 2] and 1. An episode that a time limit cuts is bootstrapped from
    its last observation. The default network `256x2`, with batches of 256 and a
    learning rate of 3e-4, is the paper's size with pytorch_sac's other settings: a CPU
    trains it. `simba` has one critic, as its code where episodes do not terminate; its
    discount by rule, .99 for episodes of 500 decisions, is the default of all; its
    statistics take in the observations that are acted on. Actions are random for 5000
    decisions with all networks. Action repeats are the suite's. The settings for the
    practice and toy suites are ours, chosen to learn in minutes and seconds.
"""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.parts.compiled import Compiled
from baselines.parts.normalise import RunningMoments
from baselines.parts.replay import Batch, Replay, Sizes
from baselines.parts.soft_networks import Actor, Critics, Temperature
from baselines.sac_settings import (
    PRACTICE,
    TOY,
    SACConfig,
    settings,
)
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo


class SAC(StepAgent):
    """Learns from a replay after every decision: critics, policy, temperature."""

    Config: ClassVar[type] = SACConfig
    tuning: ClassVar[str] = "per-suite"
    learned: tuple[str, ...] = ("actor", "moments")
    resumed: tuple[str, ...] = (
        *("critics", "targets", "temperature", "generator", "replay"),
        *("actor_optimiser", "critic_optimiser", "temperature_optimiser"),
        *("steps", "updates"),
    )
    metrics: tuple[str, ...] = ("critic_loss", "actor_loss", "entropy", "temperature")
    """Of an update, in the order in which it returns them."""
    n_step: int = 1
    """Steps of a return."""

    @classmethod
    def default_config(cls, task: TaskInfo) -> SACConfig:
        presets = {"practice": PRACTICE, "toy": TOY}
        return presets.get(task.suite, SACConfig())

    @classmethod
    def environment(cls, task: TaskInfo, config: SACConfig) -> EnvOptions:
        return EnvOptions(num_envs=config.num_envs)

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        if task.action_space.dtype is None or task.action_space.dtype.kind != "f":
            return "needs continuous actions (this task's are discrete)"
        if len(task.observation_space.shape or ()) != 1:
            return "needs state vectors (this task shows pixels)"
        return None

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: SACConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.config: SACConfig = config
        self.settings = settings(config)
        self.torch_device = torch.device(device)
        # Weights are drawn on the CPU, so a GPU run starts from the same ones.
        self._make_networks(torch.Generator().manual_seed(seed))
        self._make_optimisers()
        self.generator = torch.Generator(self.torch_device).manual_seed(seed)
        self.steps = self.updates = 0
        self.compiled = self._compiled()

    def _compiled(self) -> Compiled[Batch]:
        return Compiled(
            self._step,
            self.torch_device,
            generators=[self.generator],
            host=[self.rng],
            enabled=self.config.compile,
        )

    def _make_networks(self, weights: torch.Generator) -> None:
        shape = self.task.observation_space.shape or ()
        (self.actions,) = self.task.action_space.shape or ()
        self.actor = self._make_actor(shape[0], weights)
        self.critics = self._make_critics(shape[0], weights)
        self.temperature = Temperature(self.settings.initial_temperature)
        for network in (self.actor, self.critics, self.temperature):
            network.to(self.torch_device)
        self.targets = deepcopy(self.critics).requires_grad_(False)
        self.moments = RunningMoments(shape)

    def _make_actor(self, inputs: int, weights: torch.Generator) -> nn.Module:
        """From [B, inputs] to the distribution of [B, actions]."""
        own = self.settings
        trunk = own.trunk(
            *(1, inputs),
            width=own.actor_width,
            depth=own.actor_depth,
            generator=weights,
        )
        return Actor(trunk, self.actions, own.log_std, weights)

    def _make_critics(self, inputs: int, weights: torch.Generator) -> nn.Module:
        """From [B, inputs] and [B, actions] to values [E, B]."""
        own = self.settings
        trunk = own.trunk(
            *(own.critics, inputs + self.actions),
            width=own.critic_width,
            depth=own.critic_depth,
            generator=weights,
        )
        return Critics(trunk, weights)

    def _make_optimisers(self) -> None:
        def adam(network: nn.Module, weight_decay: float) -> torch.optim.Optimizer:
            return torch.optim.AdamW(
                network.parameters(),
                lr=self.settings.learning_rate,
                weight_decay=weight_decay,
                fused=True,
                capturable=self.torch_device.type == "cuda",
            )

        self.critic_optimiser = adam(self._with_critics(), self.settings.weight_decay)
        self.actor_optimiser = adam(self.actor, self.settings.weight_decay)
        self.temperature_optimiser = adam(self.temperature, 0.0)

    def _with_critics(self) -> nn.Module:
        """What the critics' loss trains."""
        return self.critics

    def prepare(self, folder: Path | None) -> None:
        config = self.config
        # A decision takes two rows at most: the step, and where its episode was cut.
        needed = 2 * self.task.budget_agent_steps
        capacity = max(min(config.capacity, needed), 2 * config.num_envs)
        self.replay = self._make_replay(
            Sizes.of(self.task, capacity),
            n_step=self.n_step,
            discount=config.discount,
            folder=folder,
        )

    def _make_replay(self, sizes: Sizes, **arguments: Any) -> Replay:
        return Replay(sizes, **arguments)

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
        shape = (len(obs), self.actions)
        if explore and self.settings.normalise_observations:
            self.moments.update(obs)
        if explore and self.steps < self.config.start_steps:
            return self.rng.uniform(-1, 1, shape).astype(np.float32), state, None
        with torch.no_grad():
            policy = self.actor(self._input(obs))
            action = policy.likeliest
            if explore:
                action, _ = policy.sample(self._noise(len(obs)))
        return action.cpu().numpy(), state, None

    def record(self, step: Step, extras: Any) -> None:
        self.replay.add(step)
        self.steps += len(step.reward)

    def learn(self) -> Mapping[str, float] | None:
        # Where the first n steps led is known with the next.
        first = (1 + self.n_step) * self.config.num_envs
        due = self._decisions_due() * self.settings.updates_per_decision
        if due == 0 or self.steps < max(self.config.start_steps, first):
            return None
        metrics = [
            self._update(self.replay.sample(self.settings.batch_size, self.rng))
            for _ in range(due)
        ]
        # Read at once, though it waits for a GPU: a diverged policy must not act.
        means = torch.stack(metrics).mean(0).tolist()
        return dict(zip(self.metrics, means, strict=True))

    def _decisions_due(self) -> int:
        """Decisions of the last vector step that updates follow."""
        return self.config.num_envs

    def _update(self, batch: Batch) -> Tensor:
        """One step of gradient descent for each network; returns its metrics."""
        batch = batch._replace(
            obs=self._normalised(batch.obs), next_obs=self._normalised(batch.next_obs)
        )
        metrics = self._graph()(batch)

        # Target networks: a step towards the critics.
        self.updates += 1
        if self.updates % self.settings.target_every == 0:
            self._move_targets()
        return metrics

    def _graph(self) -> Compiled[Batch]:
        """Of the step that is due."""
        return self.compiled

    def _step(self, batch: Batch) -> Tensor:
        """What a GPU replays: all of an update but the target networks'."""
        obs = self._sampled(batch.obs)
        action, reward, discount = (
            torch.as_tensor(values, device=self.torch_device)
            for values in (batch.action, batch.reward, batch.discount)
        )
        alpha = self.temperature().detach()  # []

        # Critics: the squared error from the soft value of where the action led.
        with torch.no_grad():
            next_obs = self._sampled(batch.next_obs)
            noise = self._noise(len(next_obs))
            next_action, log_prob = self.actor(next_obs).sample(noise)
            value = self._value(self.targets(next_obs, next_action)) - alpha * log_prob
            target = reward + discount * value  # [B]
        error = self._update_critics(obs, action, target)
        critic_loss = error.square().mean(1).sum()

        policy_metrics = self._update_policy(obs.detach(), alpha)
        return torch.stack([critic_loss, *policy_metrics, alpha])

    def _update_critics(self, obs: Tensor, action: Tensor, target: Tensor) -> Tensor:
        """A step of the critics towards targets [B]; returns their errors [E, B]."""
        error: Tensor = self.critics(obs, action) - target
        self._descend(self.critic_optimiser, error.square().mean(1).sum())
        return error.detach()

    def _update_policy(self, obs: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor]:
        """A step of the policy and of the temperature; the policy's loss, entropy."""
        # Policy: high values and high entropy.
        action, log_prob = self.actor(obs).sample(self._noise(len(obs)))
        value = self._value(self.critics(obs, action))
        actor_loss = (alpha * log_prob - value).mean()
        self._descend(self.actor_optimiser, actor_loss)

        # Temperature: it rises while the entropy is below its target.
        entropy = -log_prob.detach().mean()
        target_entropy = self.settings.target_entropy * self.actions
        self._descend(
            self.temperature_optimiser, self.temperature() * (entropy - target_entropy)
        )
        return actor_loss.detach(), entropy

    def _value(self, values: Tensor) -> Tensor:
        """[E, B] -> [B]; what an action is worth, by what the critics say."""
        return values.amin(0)

    def _descend(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        """One step down; no other network gets gradients."""
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss, inputs=optimiser.param_groups[0]["params"])
        optimiser.step()

    @torch.no_grad()
    def _move_targets(self) -> None:
        pairs = zip(self.targets.parameters(), self.critics.parameters(), strict=True)
        for target, critic in pairs:
            target.lerp_(critic, self.config.target_rate)

    def _noise(self, rows: int) -> Tensor:
        return torch.randn(
            *(rows, self.actions), generator=self.generator, device=self.torch_device
        )

    def _sampled(self, obs: Any) -> Tensor:
        """Normalised observations of a batch as the networks see them in an update."""
        return torch.as_tensor(obs, device=self.torch_device)

    def _input(self, obs: Any) -> Tensor:
        """Raw observations as the networks see them."""
        return torch.as_tensor(self._normalised(obs), device=self.torch_device)

    def _normalised(self, obs: Any) -> Any:
        if not self.settings.normalise_observations:
            return obs
        return self.moments.normalise(obs, clip=np.inf)
