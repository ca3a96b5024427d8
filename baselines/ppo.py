"""PPO: proximal policy optimisation with clipped ratios, for every suite.

Paper: Schulman et al. 2017, "Proximal Policy Optimization Algorithms"
    (arXiv:1707.06347); details of implementation after Huang et al. 2022, "The 37
    Implementation Details of PPO".
Reference code: openai/baselines (ppo2), openai/train-procgen, vwxyzjn/cleanrl (ppo_*).
Differences: rewards of Procgen are scaled with the discount .99 while .999 discounts
    the return, as train-procgen does. An episode that a time limit cuts is bootstrapped
    from its last observation where the simulator shows it; the reference codes treat
    the cut as an end. DMC steps eight environments for 256 steps instead of one for
    2048. Memory Maze has no recurrent core yet. The settings for the practice and toy
    suites are ours, chosen to learn in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.parts.actor_critic import ActorCritic
from baselines.parts.encoders import (
    Encoder,
    Impala,
    Mlp,
    Nature,
    frames_first,
    pixels_to_input,
)
from baselines.parts.normalise import RewardScale, RunningMoments
from baselines.parts.ranges import Range, check_ranges
from baselines.parts.returns import generalised_advantages
from baselines.parts.rollout import Rollout
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo


@dataclass(frozen=True)
class PPOConfig:
    """Hyper-parameters; the defaults are Procgen's."""

    num_envs: int = 64
    """Training sub-environments."""
    rollout_steps: int = 256
    """Steps of each sub-environment between updates."""
    epochs: int = 3
    """Passes over a rollout."""
    minibatches: int = 8
    """Parts of a pass."""
    learning_rate: float = 5e-4
    """Of Adam, with epsilon 1e-5."""
    anneal: bool = False
    """Lower the learning rate to 0 along the budget."""
    discount: float = 0.999
    """gamma."""
    gae_lambda: float = 0.95
    """lambda of the generalised advantages."""
    clip: float = 0.2
    """Of the probability ratio, and of the value's change where clip_value is set."""
    clip_value: bool = True
    """Clip the value's change as the ratio."""
    entropy_bonus: float = 0.01
    """Weight of the policy's entropy."""
    value_weight: float = 0.5
    """Weight of half the squared error of the value."""
    max_gradient_norm: float = 0.5
    """Gradients are scaled down to it."""
    reward_discount: float | None = 0.99
    """Scale rewards by the return's standard deviation under this discount."""
    normalise_observations: bool = False
    """State vectors to running mean 0 and variance 1."""
    clip_rewards: bool = False
    """See only the sign of rewards in training (Atari)."""
    life_loss_ends: bool = False
    """See a lost life as an end in training (Atari)."""
    impala_channels: tuple[int, ...] = (16, 32, 32)
    """Residual stacks for 64x64 frames."""
    features: int = 256
    """Size of the vector that pixels are encoded to (512 for Atari)."""
    hidden: tuple[int, ...] = (64, 64)
    """Tanh layers for state vectors, of the policy and of the value each."""
    sample_in_evaluation: bool = True
    """Evaluate the sampling policy; False plays the mean or the likeliest action."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        rows = self.num_envs * self.rollout_steps
        part = -(-rows // self.minibatches)
        if part < 2 or rows % part == 1:
            raise ValueError(
                f"minibatches must leave each part 2 rows or more of num_envs x "
                f"rollout_steps = {rows} (got {self.minibatches}): advantages are "
                "divided by their standard deviation"
            )


RANGES = {
    "num_envs": Range(1),
    "rollout_steps": Range(1),
    "epochs": Range(1),
    "minibatches": Range(1),
    "learning_rate": Range(0),
    "discount": Range(0, 1),
    "gae_lambda": Range(0, 1),
    "clip": Range(0, above=True),
    "entropy_bonus": Range(0),
    "value_weight": Range(0),
    "max_gradient_norm": Range(0, above=True),
    "reward_discount": Range(0, 1),
    "impala_channels": Range(1),
    "features": Range(1),
    "hidden": Range(1),
}
"""Values with which an update is what it says."""


ATARI = PPOConfig(
    num_envs=8,
    rollout_steps=128,
    epochs=4,
    minibatches=4,
    learning_rate=2.5e-4,
    anneal=True,
    discount=0.99,
    clip=0.1,
    reward_discount=None,
    clip_rewards=True,
    life_loss_ends=True,
    features=512,
)
DMC = PPOConfig(
    num_envs=8,
    rollout_steps=256,
    epochs=10,
    minibatches=32,
    learning_rate=3e-4,
    anneal=True,
    discount=0.99,
    entropy_bonus=0.0,
    normalise_observations=True,
    sample_in_evaluation=False,
)
PRESETS = {
    "atari": ATARI,
    "dmc": DMC,
    "procgen": PPOConfig(),
    "memory_maze": PPOConfig(num_envs=4, discount=0.99, learning_rate=2e-4),
    "toy": PPOConfig(
        num_envs=8,
        rollout_steps=16,
        epochs=4,
        minibatches=2,
        learning_rate=3e-3,
        discount=0.95,
        reward_discount=None,
    ),
}
"""Settings by simulator."""

PRACTICE = {
    "atari": replace(ATARI, rollout_steps=32, learning_rate=5e-4, features=256),
    "dmc": replace(DMC, rollout_steps=128, minibatches=16, learning_rate=1e-3),
    "procgen": PPOConfig(
        num_envs=16,
        rollout_steps=32,
        minibatches=2,
        impala_channels=(8, 16, 16),
        features=128,
    ),
    "memory_maze": PPOConfig(
        num_envs=1,
        rollout_steps=100,
        minibatches=2,
        impala_channels=(8, 16, 16),
        features=128,
    ),
}
"""Settings by simulator for the practice suite: smaller networks, more updates."""


def _encoder(
    shape: tuple[int, ...], config: PPOConfig, generator: torch.Generator
) -> Encoder:
    """Layers for state vectors, Nature for Atari's frames, IMPALA for smaller ones."""
    if len(shape) == 1:
        return Mlp(shape[0], config.hidden, generator)
    frames = frames_first(shape)
    if frames[1] >= 80:
        return Nature(frames, config.features, generator)
    return Impala(frames, config.impala_channels, config.features, generator)


class PPO(StepAgent):
    """Collects a rollout, then improves policy and value on it for some epochs."""

    Config: ClassVar[type] = PPOConfig
    tuning: ClassVar[str] = "per-suite"
    learned = ("network", "moments")
    resumed = ("optimiser", "generator", "shuffler", "reward_scale", "rollout", "steps")

    @classmethod
    def default_config(cls, task: TaskInfo) -> PPOConfig:
        presets = PRACTICE if task.suite == "practice" else PRESETS
        preset = presets[task.simulator]
        allowed = task.allowed.life_loss_ends
        return replace(preset, life_loss_ends=preset.life_loss_ends and allowed)

    @classmethod
    def environment(cls, task: TaskInfo, config: PPOConfig) -> EnvOptions:
        return EnvOptions(
            num_envs=config.num_envs,
            clip_rewards=config.clip_rewards,
            life_loss_ends=config.life_loss_ends,
        )

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: PPOConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.config: PPOConfig = config
        self.torch_device = torch.device(device)
        # Weights are drawn on the CPU, so a GPU run starts from the same ones.
        weights = torch.Generator().manual_seed(seed)
        self.network = self.make_network(weights).to(self.torch_device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = self.make_optimiser()
        self.generator = torch.Generator(self.torch_device).manual_seed(seed)
        self.shuffler = torch.Generator().manual_seed(seed)
        self.moments = RunningMoments(task.observation_space.shape or ())
        self.reward_scale = RewardScale(config.num_envs, config.reward_discount or 0.0)
        self.rollout = Rollout(config.rollout_steps, config.num_envs)
        self.steps = 0

    def make_network(self, weights: torch.Generator) -> ActorCritic:
        """The network, on the CPU; `weights` draws its weights."""
        observations, actions = self.task.observation_space, self.task.action_space
        shape = observations.shape or ()
        make_encoder = partial(_encoder, shape, self.config, weights)
        return ActorCritic(observations, actions, make_encoder, weights)

    def make_optimiser(self) -> torch.optim.Optimizer:
        """Of the network's parameters, which are on the device."""
        return torch.optim.Adam(
            self.network.parameters(), lr=self.config.learning_rate, eps=1e-5
        )

    def act(
        self, obs: Any, first: Any, state: Any, *, explore: bool
    ) -> tuple[Any, Any, Any]:
        if explore and self.config.normalise_observations:
            self.moments.update(obs)
        with torch.no_grad():
            output = self.network(self._input(obs))
            if explore or self.config.sample_in_evaluation:
                action = self.network.sample(output.policy, self.generator)
            else:
                action = self.network.likeliest(output.policy)
            log_prob = self.network.log_prob(output.policy, action)
        extras = log_prob.cpu().numpy(), output.value.cpu().numpy()
        return action.cpu().numpy(), state, extras

    def record(self, step: Step, extras: Any) -> None:
        log_prob, value = extras
        ended = step.terminated | step.truncated
        reward = step.reward
        if self.config.reward_discount is not None:
            reward = self.reward_scale(reward, ended)
        cut = step.truncated & step.next_obs_valid
        if cut.any():
            # What a cut episode would still have brought is worth its last value.
            reward = reward.copy()
            reward[cut] += self.config.discount * self._values(step.next_obs[cut])
        self.rollout.add(
            obs=self._stored(step.obs),
            action=step.action,
            reward=reward.astype(np.float32),
            ended=ended,
            log_prob=log_prob,
            value=value,
        )
        self.following = step.next_obs
        self.steps += len(reward)

    def learn(self) -> Mapping[str, float] | None:
        if not self.rollout.full:
            return None
        if self.config.anneal:
            before = self.steps - self.rollout["reward"].size
            left = 1.0 - before / self.task.budget_agent_steps
            for group in self.optimiser.param_groups:
                group["lr"] = self.config.learning_rate * max(left, 0.0)
        batch = self._batch()
        size = len(batch["obs"])
        metrics: list[Tensor] = []
        for _ in range(self.config.epochs):
            order = torch.randperm(size, generator=self.shuffler)
            for rows in order.chunk(self.config.minibatches):
                part = {name: values[rows] for name, values in batch.items()}
                metrics.append(self._update(part))
        self.rollout.clear()
        names = ("policy_loss", "value_loss", "entropy", "approximate_kl")
        means = torch.stack(metrics).mean(0).tolist()
        return dict(zip(names, means, strict=True))

    def _batch(self) -> dict[str, Tensor]:
        """The rollout with advantages and value targets, flat: [T * B, ...]."""
        config, rollout = self.config, self.rollout
        advantages = generalised_advantages(
            torch.from_numpy(rollout["reward"]),
            torch.from_numpy(rollout["value"]),
            torch.from_numpy(self._values(self.following)),
            torch.from_numpy(rollout["ended"]),
            discount=config.discount,
            lambda_=config.gae_lambda,
        ).flatten()
        columns = {
            name: torch.from_numpy(rollout.flat(name))
            for name in ("obs", "action", "log_prob", "value")
        }
        targets = advantages + columns["value"]
        batch = {**columns, "advantage": advantages, "target": targets}
        return {name: values.to(self.torch_device) for name, values in batch.items()}

    def _update(self, part: dict[str, Tensor]) -> Tensor:
        """One step of gradient descent on a minibatch; returns metrics [4]."""
        config, network = self.config, self.network
        output = network(self._stored_to_input(part["obs"]))

        # Policy loss: the clipped ratio times the advantage, normalised in the part.
        advantage = part["advantage"]
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        log_ratio = network.log_prob(output.policy, part["action"]) - part["log_prob"]
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - config.clip, 1 + config.clip)
        policy_loss = -torch.minimum(ratio * advantage, clipped * advantage).mean()

        # Value loss: half the squared error, of the clipped value if that is worse.
        error = (output.value - part["target"]).square()
        if config.clip_value:
            change = (output.value - part["value"]).clamp(-config.clip, config.clip)
            error = torch.maximum(
                error, (part["value"] + change - part["target"]).square()
            )
        value_loss = 0.5 * error.mean()

        entropy = network.entropy(output.policy).mean()
        loss = (
            policy_loss
            + config.value_weight * value_loss
            - config.entropy_bonus * entropy
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), config.max_gradient_norm)
        self.optimiser.step()

        divergence = (ratio - 1 - log_ratio).mean()
        return torch.stack([policy_loss, value_loss, entropy, divergence]).detach()

    def _values(self, obs: Any) -> Any:
        """[B] float32 values of raw observations."""
        with torch.no_grad():
            return self.network(self._input(obs)).value.cpu().numpy()

    def _stored(self, obs: Any) -> Any:
        """Frames as they are; state vectors as the network saw them."""
        if obs.dtype == np.uint8 or not self.config.normalise_observations:
            return obs
        return self.moments.normalise(obs)

    def _input(self, obs: Any) -> Tensor:
        return self._stored_to_input(torch.from_numpy(self._stored(obs)))

    def _stored_to_input(self, obs: Tensor) -> Tensor:
        if obs.dtype == torch.uint8:
            return pixels_to_input(obs, self.torch_device)
        return obs.to(self.torch_device)
