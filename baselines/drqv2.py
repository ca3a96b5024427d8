"""DrQ-v2: DDPG from pixels with random shifts, n-step returns and decaying noise.

Paper: Yarats et al. 2021, "Mastering Visual Continuous Control: Improved
    Data-Augmented Reinforcement Learning" (arXiv:2107.09645).
Reference code: facebookresearch/drqv2.
Differences: Transitions are drawn uniformly, not an episode first, and episodes are
    learnt from while they last, to their very end. Shifts are of whole pixels, as in
    the code; the paper's text averages four neighbours. The noise falls over 100,000
    decisions on the tasks that the paper calls easy and over 500,000 on medium ones,
    and walker and quadruped_run have settings of their own, as in the code: tuned by
    task. No suite has its hard tasks. Where the budget is shorter than the schedule,
    the noise falls along the budget; that, several sub-environments, the toy's settings
    and the reduced profile are ours.
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.drqv2_settings import (
    BY_TASK,
    EASY,
    EASY_NOISE_STEPS,
    FULL,
    REDUCED,
    DrQv2Config,
)
from baselines.parts.augment import random_shift
from baselines.parts.compiled import Compiled
from baselines.parts.device_replay import make_replay
from baselines.parts.encoders import conv, frames_first, linear, pixels_to_input
from baselines.parts.ensemble import EnsembleMlp
from baselines.parts.replay import Batch, Replay, Sizes
from baselines.parts.schedule import along
from baselines.parts.soft_networks import Critics
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo

LOG_EVERY = 100
"""Updates between two metrics."""


SMALLEST = 15
"""Side of the smallest frame of which the convolutions leave something."""


class Encoder(nn.Module):
    """Frames to a flat map: four 3x3 convolutions with ReLU, the first of stride 2."""

    def __init__(
        self, shape: tuple[int, int, int], filters: int, weights: torch.Generator
    ) -> None:
        """Args:
        shape: channels, height, width.

        Raises:
            ValueError: the frames are too small.
        """
        super().__init__()
        channels, height, width = shape
        if min(height, width) < SMALLEST:
            raise ValueError(
                f"frames of {height}x{width} are too small for four convolutions: "
                f"{SMALLEST}x{SMALLEST} at least; choose a lower shrink"
            )
        made: list[nn.Module] = []
        for inputs, stride in ((channels, 2), *[(filters, 1)] * 3):
            made += [conv(inputs, filters, 3, weights, stride=stride), nn.ReLU()]
            height, width = ((side - 3) // stride + 1 for side in (height, width))
        self.layers = nn.Sequential(*made)
        self.size = filters * height * width

    def forward(self, obs: Tensor) -> Tensor:
        """[B, C, H, W] float32 in [-.5, .5] -> [B, size]"""
        flat: Tensor = self.layers(obs).flatten(1)
        return flat


def bottleneck(inputs: int, features: int, weights: torch.Generator) -> nn.Module:
    """[B, inputs] -> [B, features] in [-1, 1]"""
    narrow = linear(inputs, features, weights, gain=1.0)
    return nn.Sequential(narrow, nn.LayerNorm(features), nn.Tanh())


class Policy(nn.Module):
    """The encoder's map to the middle of the actions."""

    def __init__(
        self, inputs: int, actions: int, config: DrQv2Config, weights: torch.Generator
    ) -> None:
        super().__init__()
        width = config.hidden
        self.layers = nn.Sequential(
            bottleneck(inputs, config.features, weights),
            *(linear(config.features, width, weights, gain=1.0), nn.ReLU()),
            *(linear(width, width, weights, gain=1.0), nn.ReLU()),
            *(linear(width, actions, weights, gain=1.0), nn.Tanh()),
        )

    def forward(self, features: Tensor) -> Tensor:
        """[B, inputs] -> [B, actions] in [-1, 1]"""
        mean: Tensor = self.layers(features)
        return mean


class Critic(nn.Module):
    """The encoder's map and an action to two values."""

    def __init__(
        self, inputs: int, actions: int, config: DrQv2Config, weights: torch.Generator
    ) -> None:
        super().__init__()
        self.bottleneck = bottleneck(inputs, config.features, weights)
        size = config.features + actions
        trunk = EnsembleMlp(*(2, size), width=config.hidden, depth=2, generator=weights)
        self.values = Critics(trunk, weights)

    def forward(self, features: Tensor, action: Tensor) -> Tensor:
        """[B, inputs], [B, actions] -> [2, B]"""
        values: Tensor = self.values(self.bottleneck(features), action)
        return values


class DrQv2(StepAgent):
    """Acts with noise that decays; learns from shifted frames at every second step."""

    Config: ClassVar[type] = DrQv2Config
    tuning: ClassVar[str] = "per-task"
    settings: ClassVar[DrQv2Config] = FULL
    """On a medium task."""
    by_task: ClassVar[Mapping[str, Mapping[str, Any]]] = BY_TASK
    learned: tuple[str, ...] = ("encoder", "actor")
    resumed: tuple[str, ...] = (
        *("critic", "target", "critic_optimiser", "actor_optimiser"),
        *("generator", "replay", "steps", "updates"),
    )

    replay: Replay

    @classmethod
    def default_config(cls, task: TaskInfo) -> DrQv2Config:
        config, budget = cls.settings, task.budget_agent_steps
        steps = EASY_NOISE_STEPS if task.task in EASY else config.noise_steps
        config = replace(config, noise_steps=min(steps, budget))
        config = replace(config, **cls.by_task.get(task.task, {}))
        # Beside its steps, a run stores some frames where an episode begins and ends.
        return replace(config, capacity=min(config.capacity, budget * 21 // 20))

    @classmethod
    def environment(cls, task: TaskInfo, config: DrQv2Config) -> EnvOptions:
        return EnvOptions(num_envs=config.num_envs)

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        if task.action_space.dtype is None or task.action_space.dtype.kind != "f":
            return "needs continuous actions (this task's are discrete)"
        if len(task.observation_space.shape or ()) != 4:
            return "needs stacks of colour frames (this task shows state vectors)"
        return None

    def __init__(
        self, task: TaskInfo, *, seed: int, device: str, config: DrQv2Config
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        self.config: DrQv2Config = config
        self.torch_device = torch.device(device)
        self.generator = torch.Generator(self.torch_device).manual_seed(seed)
        stack, *frame, colours = task.observation_space.shape or ()
        height, width = (side // config.shrink for side in frame)
        self.observation = (stack, height, width, colours)
        (self.actions,) = task.action_space.shape or ()
        # Weights are drawn on the CPU, so a GPU run starts from the same ones.
        self.make_networks(torch.Generator().manual_seed(seed))
        rates = config.learning_rate, config.actor_learning_rate
        self.critic_optimiser = self._adam(rates[0], self.encoder, self.critic)
        self.actor_optimiser = self._adam(rates[1], self.actor)
        self.steps = self.updates = 0
        self.learning_sigma = torch.zeros((), device=self.torch_device)
        self.compiled = Compiled(
            self._step,
            self.torch_device,
            generators=[self.generator],
            host=[self.rng],
            enabled=config.compile,
        )

    def make_networks(self, weights: torch.Generator) -> None:
        """Encoder, policy, critics and target critics, on the device."""
        config = self.config
        self.encoder = Encoder(frames_first(self.observation), config.filters, weights)
        self.actor = Policy(self.encoder.size, self.actions, config, weights)
        self.critic = Critic(self.encoder.size, self.actions, config, weights)
        for network in (self.encoder, self.actor, self.critic):
            network.to(self.torch_device)
        self.target = deepcopy(self.critic).requires_grad_(False)

    def _adam(self, rate: float, *networks: nn.Module) -> torch.optim.Optimizer:
        # Fused steps go by raw memory, and a checkpoint keeps no memory format: frames
        # are channels last, weights are not.
        weights = [weight for network in networks for weight in network.parameters()]
        return torch.optim.Adam(
            weights,
            lr=rate,
            fused=True,
            capturable=self.torch_device.type == "cuda",
        )

    def prepare(self, folder: Path | None) -> None:
        sizes = Sizes.of(self.task, self.config.capacity)
        self.replay = make_replay(
            replace(sizes, observation=self.observation),
            self.torch_device,
            n_step=self.config.n_step,
            discount=self.config.discount,
            folder=folder,
        )

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.compiled.restart()

    def checkpoint_due(self) -> bool:
        return self.replay.checkpoint_due

    def checkpoint_written(self) -> None:
        self.replay.checkpoint_written()

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise on actions at this step."""
        return along(*self.config.noise, self.steps / self.config.noise_steps)

    def act(
        self, obs: Any, first: Any, state: Any, *, explore: bool
    ) -> tuple[Any, Any, Any]:
        if explore and self.steps < self.config.start_steps:
            random = self.rng.uniform(-1, 1, (len(obs), self.actions))
            return random.astype("float32"), state, None
        with torch.no_grad():
            action = self.actor(self.encoder(self._input(self._shrunk(obs))))
            if explore:
                action = self._noisy(action, self.sigma, clip=math.inf)
        return action.cpu().numpy(), state, None

    def record(self, step: Step, extras: Any) -> None:
        obs, next_obs = self._shrunk(step.obs), self._shrunk(step.next_obs)
        self.replay.add(step._replace(obs=obs, next_obs=next_obs))
        self.steps += len(step.reward)

    def learn(self) -> Mapping[str, float] | None:
        config = self.config
        due = max(0, self.steps - config.start_steps) // config.update_every
        if self.updates == 0 and (due == 0 or len(self.replay) == 0):
            return None
        metrics = None
        while self.updates < due:
            # Read at once, though it waits for a GPU: a diverged policy must not act.
            losses = self._update(self.replay.sample(config.batch, self.rng)).tolist()
            self.updates += 1
            diverged = not all(map(math.isfinite, losses))
            if diverged or self.updates % LOG_EVERY == 0:
                metrics = dict(zip(("critic_loss", "actor_loss"), losses, strict=True))
                metrics["sigma"] = self.sigma
            if diverged:
                break
        return metrics

    def _update(self, batch: Batch) -> Tensor:
        """A step of critics and encoder, then one of the policy; their losses, [2]."""
        self.learning_sigma.fill_(self.sigma)
        return self.compiled(batch)

    def _step(self, batch: Batch) -> Tensor:
        """What a GPU replays."""
        action, reward, discount = (
            torch.as_tensor(column, device=self.torch_device)
            for column in (batch.action, batch.reward, batch.discount)
        )
        obs = self.encoded(self._input(batch.obs))
        with torch.no_grad():
            next_obs = self.encoded(self._input(batch.next_obs))
            target = self.target_value(next_obs, reward, discount)  # [B]

        # Critics: the squared error of each; the encoder learns from them alone.
        error = self.critic(obs, action) - target  # [2, B]
        critic_loss = error.square().mean(1).sum()
        self._descend(self.critic_optimiser, critic_loss)

        # Policy: actions of high value.
        actor_loss = self.actor_loss(obs.detach())
        self._descend(self.actor_optimiser, actor_loss)

        # Target critics: a step towards the critics.
        with torch.no_grad():
            pairs = zip(self.target.parameters(), self.critic.parameters(), strict=True)
            for slow, fast in pairs:
                slow.lerp_(fast, self.config.target_rate)
        return torch.stack([critic_loss, actor_loss]).detach()

    def encoded(self, frames: Tensor) -> Tensor:
        """[B, C, H, W] -> [B, size], as updates see them: shifted at random."""
        encoded: Tensor = self.encoder(self.shifted(frames))
        return encoded

    def shifted(self, frames: Tensor) -> Tensor:
        """[B, C, H, W] moved at random."""
        pad = self.config.shift
        return random_shift(frames, pad, self.generator) if pad else frames

    def target_value(
        self, next_obs: Tensor, reward: Tensor, discount: Tensor
    ) -> Tensor:
        """[B] that the critics learn; next_obs [B, size], the others [B]."""
        action = self._learning_noise(self.actor(next_obs))
        value: Tensor = self.target(next_obs, action).amin(0)
        return reward + discount * value

    def actor_loss(self, obs: Tensor) -> Tensor:
        """[] to descend; obs [B, size]."""
        action = self._learning_noise(self.actor(obs))
        value: Tensor = self.critic(obs, action).amin(0)
        return -value.mean()

    def _learning_noise(self, mean: Tensor) -> Tensor:
        """Actions with an update's noise."""
        return self._noisy(mean, self.learning_sigma, clip=self.config.noise_clip)

    def _noisy(self, mean: Tensor, sigma: float | Tensor, clip: float) -> Tensor:
        """Actions with clipped noise, in [-1, 1]; gradients pass to `mean` as if
        nothing were cut."""
        noise = torch.randn(
            mean.shape, generator=self.generator, device=self.torch_device
        )
        action = mean.detach() + (noise * sigma).clamp(-clip, clip)
        return mean + (action.clamp(-1.0, 1.0) - mean).detach()

    def _descend(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        """One step down; no other network gets gradients."""
        optimiser.zero_grad(set_to_none=True)
        weights = [w for group in optimiser.param_groups for w in group["params"]]
        torch.autograd.backward(loss, inputs=weights)
        optimiser.step()

    def _input(self, obs: Any) -> Tensor:
        """Shrunk frames as the networks see them, [B, C, H, W] in [-.5, .5]."""
        return pixels_to_input(torch.as_tensor(obs), self.torch_device).sub_(0.5)

    def _shrunk(self, obs: Any) -> Any:
        """[B, stack, H, W, 3] uint8 -> [B, stack, H / shrink, W / shrink, 3] uint8"""
        side = self.config.shrink
        if side == 1:
            return obs
        height, width = (size // side for size in obs.shape[2:4])
        obs = obs[:, :, : height * side, : width * side]
        squares = obs.reshape(*obs.shape[:2], height, side, width, side, 3)
        return squares.mean((3, 5), dtype="float32").round().astype("uint8")


class ReducedDrQv2(DrQv2):
    """DrQ-v2 for a CPU: frames of 42x42, 16 filters, 256 units, batches of 64."""

    settings: ClassVar[DrQv2Config] = REDUCED
    by_task: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
