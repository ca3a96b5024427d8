"""PPO: proximal policy optimisation with clipped ratios, for every suite.

Paper: Schulman et al. 2017, "Proximal Policy Optimization Algorithms"
    (arXiv:1707.06347); details of implementation after Huang et al. 2022, "The 37
    Implementation Details of PPO". The core and its inputs: Espeholt et al. 2018,
    "IMPALA" (arXiv:1802.01561).
Reference code: openai/baselines (ppo2), openai/train-procgen, vwxyzjn/cleanrl (ppo_*).
Differences: rewards of Procgen are scaled with the discount .99 while .999 discounts
    the return, as train-procgen does. An episode that a time limit cuts is bootstrapped
    from its last observation where the simulator shows it; the reference codes treat
    the cut as an end. DMC steps eight environments for 256 steps instead of one for
    2048. On Memory Maze, core, discount, learning rate and entropy bonus are those of
    IMPALA as its paper trains it; PPO's update with them is our setting, and eight
    sub-environments, since each takes more than 1 GB. With a core a minibatch is the
    whole rollout of some sub-environments, walked through anew from the state in which
    each began it. The settings for the practice and toy suites are ours, chosen to
    learn in seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from baselines.parts.actor_critic import ActorCritic, Output
from baselines.parts.cores import CORES
from baselines.parts.encoders import (
    Encoder,
    Impala,
    Mlp,
    Nature,
    frames_first,
    network_input,
)
from baselines.parts.normalise import RewardScale, RunningMoments
from baselines.parts.returns import generalised_advantages
from baselines.parts.rollout import Rollout
from baselines.ppo_settings import PRACTICE, PRESETS, PPOConfig
from harness.agent import EnvOptions, Step, StepAgent, TaskInfo

State = dict[str, Any]
"""With a core its state, the last action and the last reward, one row each sub-
environment; empty without."""
Rows = Mapping[str, Tensor]


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


def _tensors(first: Any, state: Any) -> Rows:
    """What a core gets besides observations."""
    return {k: torch.from_numpy(v) for k, v in {"first": first, **dict(state)}.items()}


class PPO(StepAgent):
    """Collects a rollout, then improves policy and value on it for some epochs."""

    Config: ClassVar[type] = PPOConfig
    tuning: ClassVar[str] = "per-suite"
    learned = ("network", "moments")
    resumed = ("optimiser", "generator", "shuffler", "reward_scale", "rollout", "steps")

    @classmethod
    def default_config(cls, task: TaskInfo) -> PPOConfig:
        presets = PRACTICE if task.suite == "practice" else PRESETS
        preset = presets.get(task.suite) or presets[task.simulator]
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

    def initial_state(self, n: int) -> State:
        if self.network.core is None:
            return {}
        actions = self.task.action_space
        return {
            "last_action": np.zeros((n, *(actions.shape or ())), actions.dtype),
            "last_reward": np.zeros(n, np.float32),
            "state": np.zeros((n, self.network.core.state_size), np.float32),
        }

    def make_network(self, weights: torch.Generator) -> ActorCritic:
        """The network, on the CPU; `weights` draws its weights."""
        observations, actions = self.task.observation_space, self.task.action_space
        shape = observations.shape or ()
        make_encoder = partial(_encoder, shape, self.config, weights)
        make_core = None
        if self.config.core != "none":
            core = CORES[self.config.core]
            make_core = partial(core, size=self.config.core_size, generator=weights)
        return ActorCritic(observations, actions, make_encoder, weights, make_core)

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
            output, memory = self._output(self._input(obs), _tensors(first, state))
            if explore or self.config.sample_in_evaluation:
                action = self.network.sample(output.policy, self.generator)
            else:
                action = self.network.likeliest(output.policy)
            log_prob = self.network.log_prob(output.policy, action)
        actions, following = action.cpu().numpy(), state
        if memory is not None:
            following = {**state, "last_action": actions, "state": memory.cpu().numpy()}
        extras = log_prob.cpu().numpy(), output.value.cpu().numpy(), state, following
        return actions, following, extras

    def rewarded(self, state: Any, reward: Any) -> Any:
        if self.network.core is None:
            return state
        return {**state, "last_reward": reward.astype(np.float32)}

    def record(self, step: Step, extras: Any) -> None:
        log_prob, value, state, following = extras
        following = self.rewarded(following, step.reward)
        ended = step.terminated | step.truncated
        reward = step.reward
        if self.config.reward_discount is not None:
            reward = self.reward_scale(reward, ended)
        cut = step.truncated & step.next_obs_valid
        if cut.any():
            # What a cut episode would still have brought is worth its last value.
            reward = reward.copy()
            rows = {name: values[cut] for name, values in dict(following).items()}
            rest = self._values(step.next_obs[cut], rows)
            reward[cut] += self.config.discount * rest
        self.rollout.add(
            obs=self._stored(step.obs),
            action=step.action,
            reward=reward.astype(np.float32),
            ended=ended,
            log_prob=log_prob,
            value=value,
            first=step.first,
            **dict(state),
        )
        self.following = step.next_obs, following
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
        metrics = [
            self._update(part)
            for _ in range(self.config.epochs)
            for part in self._minibatches(batch)
        ]
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
            torch.from_numpy(self._values(*self.following)),
            torch.from_numpy(rollout["ended"]),
            discount=config.discount,
            lambda_=config.gae_lambda,
        ).flatten()
        columns = {name: torch.from_numpy(rollout.flat(name)) for name in rollout.names}
        targets = advantages + columns["value"]
        batch = {**columns, "advantage": advantages, "target": targets}
        device = self.torch_device  # `first` cuts sequences: on the CPU
        return {k: v if k == "first" else v.to(device) for k, v in batch.items()}

    def _minibatches(self, batch: Rows) -> Iterator[Rows]:
        """Shuffled steps; with a core, all steps of shuffled sub-environments."""
        steps, envs = self.config.rollout_steps, self.config.num_envs
        whole = self.network.core is not None
        order = torch.randperm(
            envs if whole else len(batch["obs"]), generator=self.shuffler
        )
        for rows in order.chunk(self.config.minibatches):
            if not whole:
                yield {name: values[rows] for name, values in batch.items()}
                continue
            steps_of = (envs * torch.arange(steps)[:, None] + rows).flatten()  # [T * n]
            part = {name: values[steps_of] for name, values in batch.items()}
            yield {**part, "state": part["state"][: len(rows)]}

    def _update(self, part: Rows) -> Tensor:
        """One step of gradient descent on a minibatch; returns metrics [4]."""
        config, network = self.config, self.network
        output, _ = self._output(self._stored_to_input(part["obs"]), part)

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
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), config.max_gradient_norm)
        self.optimiser.step()

        divergence = (ratio - 1 - log_ratio).mean()
        return torch.stack([policy_loss, value_loss, entropy, divergence]).detach()

    def _output(self, obs: Tensor, rows: Rows) -> tuple[Output, Tensor | None]:
        """What the network says, and with a core its state after the rows."""
        if self.network.core is None:
            return self.network(obs), None
        device = self.torch_device
        return self.network.unroll(
            obs,
            first=rows["first"],
            last_action=rows["last_action"].to(device),
            last_reward=rows["last_reward"].to(device),
            state=rows["state"].to(device),
        )

    def _values(self, obs: Any, state: Any = ()) -> Any:
        """[B] float32 values of raw observations that go on from a state."""
        goes_on = np.zeros(len(obs), dtype=bool)
        with torch.no_grad():
            output, _ = self._output(self._input(obs), _tensors(goes_on, state))
            return output.value.cpu().numpy()

    def _stored(self, obs: Any) -> Any:
        """Frames as they are; state vectors as the network saw them."""
        if obs.dtype == np.uint8 or not self.config.normalise_observations:
            return obs
        return self.moments.normalise(obs)

    def _input(self, obs: Any) -> Tensor:
        return self._stored_to_input(torch.from_numpy(self._stored(obs)))

    def _stored_to_input(self, obs: Tensor) -> Tensor:
        return network_input(obs, self.torch_device)
