"""DQN: Q-learning with a replay and a target network.

Paper: Mnih et al. 2013, "Playing Atari with Deep Reinforcement Learning"
    (arXiv:1312.5602); Mnih et al. 2015, "Human-level control through deep
    reinforcement learning" (Nature 518) for the network and the target network.
Reference code: google/dopamine, vwxyzjn/cleanrl (dqn_atari).
Differences: Adam with Rainbow's learning rate and epsilon instead of RMSProp, and
    Rainbow's period of the target network. Evaluation has epsilon 0.001 instead of
    0.05. Double Q-learning (van Hasselt et al. 2016, arXiv:1509.06461) is a setting.
    Atari 57's protocol shows no lost lives. Atari 100k (an update a step, exploring
    for a tenth of the budget) and all other suites have settings of ours.
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from gymnasium.spaces import Discrete
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.parts.compiled import Compiled
from baselines.parts.device_replay import make_replay
from baselines.parts.encoders import (
    Encoder,
    Mlp,
    Nature,
    frames_first,
    linear,
    network_input,
)
from baselines.parts.exploration import epsilon_greedy
from baselines.parts.ranges import Range, check_ranges
from baselines.parts.replay import Batch, Replay, Sizes
from baselines.parts.schedule import along
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo

LOG_EVERY = 100
"""Updates between two metrics."""


@dataclass(frozen=True)
class DQNConfig:
    """Hyper-parameters; the defaults are those of 50 million steps of Atari."""

    num_envs: int = 1
    """Training sub-environments."""
    features: int = 512
    """Size of the last hidden layer."""
    n_step: int = 1
    """Steps of a return."""
    double: bool = False
    """The network chooses the next action and the target network judges it."""
    discount: float = 0.99
    """gamma."""
    learning_rate: float = 6.25e-5
    """Of Adam."""
    adam_epsilon: float = 1.5e-4
    """Of Adam."""
    batch: int = 32
    """Transitions of an update."""
    capacity: int = 1_000_000
    """Rows of the replay, of all sub-environments together."""
    start: int = 50_000
    """Steps before the first update; all actions are random until then."""
    update_every: int = 4
    """Steps between updates."""
    target_every: int = 2_000
    """Updates between copies to the target network."""
    epsilon: float = 0.1
    """Share of random actions in training, once it has fallen from 1."""
    epsilon_steps: int = 1_000_000
    """Steps until then."""
    evaluation_epsilon: float = 0.001
    """Share of random actions in evaluation."""
    clip_rewards: bool = True
    """See only the sign of rewards in training (where the protocol allows)."""
    life_loss_ends: bool = True
    """See a lost life as an end in training (where the protocol allows)."""
    compile: bool = True
    """On a GPU, replay the update as one CUDA graph."""

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)


RANGES = {
    "num_envs": Range(1),
    "features": Range(1),
    "n_step": Range(1),
    "discount": Range(0, 1),
    "learning_rate": Range(0),
    "adam_epsilon": Range(0, above=True),
    "batch": Range(1),
    "capacity": Range(1),
    "start": Range(0),
    "update_every": Range(1),
    "target_every": Range(1),
    "epsilon": Range(0, 1),
    "epsilon_steps": Range(1),
    "evaluation_epsilon": Range(0, 1),
}
"""Values with which an update is what it says."""

FULL = DQNConfig()
SHORT_BUDGET = 1_000_000
"""Steps below which an update follows every step."""


def _short(budget: int) -> DQNConfig:
    """For a short budget: a start like DER's, then an update a step."""
    return replace(
        FULL,
        learning_rate=1e-4,
        capacity=min(102_400, budget * 5 // 4),
        start=min(1_600, budget // 10),
        update_every=1,
        epsilon=0.01,
        epsilon_steps=max(budget // 10, 1),
    )


TOY = {
    "features": 64,
    "learning_rate": 1e-3,
    "target_every": 200,
    "clip_rewards": False,
    "life_loss_ends": False,
}


class QNetwork(nn.Module):
    """Observations to action values."""

    def __init__(
        self, encoder: Encoder, actions: int, weights: torch.Generator
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = linear(encoder.size, actions, weights, gain=1.0)

    def forward(self, obs: Tensor) -> Tensor:
        """[B, *observation] float32 -> [B, actions]."""
        values: Tensor = self.head(self.encoder(obs))
        return values


class DQN(StepAgent):
    """Acts epsilon-greedily; learns action values from a uniform replay."""

    Config: ClassVar[type] = DQNConfig
    tuning: ClassVar[str] = "per-suite"
    learned = ("network",)
    resumed = ("target", "optimiser", "replay", "steps", "updates")

    replay: Replay

    @classmethod
    def default_config(cls, task: TaskInfo) -> DQNConfig:
        budget = task.budget_agent_steps
        config = FULL if budget >= SHORT_BUDGET else _short(budget)
        if task.simulator == "toy":
            config = replace(config, **TOY)  # type: ignore[arg-type]
        return replace(
            config,
            clip_rewards=config.clip_rewards and task.allowed.clip_rewards,
            life_loss_ends=config.life_loss_ends and task.allowed.life_loss_ends,
        )

    @classmethod
    def environment(cls, task: TaskInfo, config: DQNConfig) -> EnvOptions:
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
        self, task: TaskInfo, *, seed: int, device: str, config: DQNConfig
    ) -> None:
        super().__init__(task, seed=seed, device=device, config=config)
        assert isinstance(task.action_space, Discrete)
        self.config: DQNConfig = config
        self.torch_device = torch.device(device)
        self.actions = int(task.action_space.n)
        # Weights are drawn on the CPU, so a GPU run starts from the same ones.
        weights = torch.Generator().manual_seed(seed)
        shape = task.observation_space.shape or ()
        encoder = (
            Mlp(shape[0], (config.features,) * 2, weights)
            if len(shape) == 1
            else Nature(frames_first(shape), config.features, weights)
        )
        self.network = QNetwork(encoder, self.actions, weights).to(self.torch_device)
        self.target = deepcopy(self.network).requires_grad_(False)
        # Fused steps go by raw memory, and a checkpoint keeps no memory format: frames
        # are channels last, weights are not.
        self.optimiser = torch.optim.Adam(
            self.network.parameters(),
            lr=config.learning_rate,
            eps=config.adam_epsilon,
            fused=True,
            capturable=self.torch_device.type == "cuda",
        )
        self.compiled = Compiled(self._step, self.torch_device, enabled=config.compile)
        self.steps = 0
        self.updates = 0

    def prepare(self, folder: Path | None) -> None:
        self.replay = make_replay(
            Sizes.of(self.task, self.config.capacity),
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

    def act(
        self, obs: Any, first: Any, state: Any, *, explore: bool
    ) -> tuple[Any, Any, Any]:
        with torch.no_grad():
            best = self.network(self._input(obs)).argmax(1).cpu().numpy()
        epsilon = self._epsilon() if explore else self.config.evaluation_epsilon
        action = epsilon_greedy(best, epsilon, self.actions, self.rng)
        return action, state, None

    def _epsilon(self) -> float:
        """1 until learning starts, then falling."""
        config = self.config
        if self.steps < config.start:
            return 1.0
        return along(1.0, config.epsilon, self.steps / config.epsilon_steps)

    def record(self, step: Step, extras: Any) -> None:
        self.replay.add(step)
        self.steps += len(step.reward)

    def learn(self) -> Mapping[str, float] | None:
        config = self.config
        due = max(0, self.steps - config.start) // config.update_every
        if self.updates == 0 and (due == 0 or len(self.replay) == 0):
            return None
        metrics = None
        while self.updates < due:
            if self.updates % config.target_every == 0:
                self.target.load_state_dict(self.network.state_dict())
            loss = self._update()
            self.updates += 1
            if self.updates % LOG_EVERY == 0:
                metrics = {"loss": float(loss)}
                if not math.isfinite(metrics["loss"]):
                    break
        return metrics

    def _update(self) -> Tensor:
        """One step of gradient descent; returns the loss."""
        return self.compiled(self.replay.sample(self.config.batch, self.rng))

    def _step(self, batch: Batch) -> Tensor:
        """What a GPU replays."""
        reward, discount, action = (
            torch.as_tensor(column, device=self.torch_device)
            for column in (batch.reward, batch.discount, batch.action)
        )

        # What the next observation is worth.
        with torch.no_grad():
            next_obs = self._input(batch.next_obs)
            following = self.target(next_obs)  # [B, actions]
            chooser = self.network(next_obs) if self.config.double else following
            best = chooser.argmax(1, keepdim=True)  # [B, 1]
            goal = reward + discount * following.gather(1, best).squeeze(1)

        # Huber's loss: errors above 1 are clipped in the gradient.
        value = self.network(self._input(batch.obs)).gather(1, action[:, None])
        loss = F.smooth_l1_loss(value.squeeze(1), goal)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return loss.detach()

    def _input(self, obs: Any) -> Tensor:
        return network_input(obs, self.torch_device)
