"""A toy that learns from a replay: linear action values, n-step, by priority."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from baselines.parts.replay import Replay, Sizes
from harness.agent import EnvOptions, StepAgent


@dataclass(frozen=True)
class Config:
    num_envs: int = 2
    capacity: int = 4_000
    n_step: int = 3
    rate: float = 0.02


class Replays(StepAgent):
    """Q-learning with a linear function of the observation."""

    Config = Config
    learned = ("weights",)
    resumed = ("replay", "steps")

    @classmethod
    def environment(cls, task, config):
        return EnvOptions(num_envs=config.num_envs)

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        space = task.observation_space
        size = int(np.prod(space.shape))
        self.weights = np.zeros((size + 1, task.action_space.n))
        stacked = len(space.shape) > 1
        self.make_replay = partial(
            Replay,
            Sizes(
                capacity=self.config.capacity,
                num_envs=self.config.num_envs,
                observation=space.shape,
                observation_dtype=str(space.dtype),
                action=(),
                action_dtype="int64",
                stack=space.shape[0] if stacked else 1,
            ),
            n_step=self.config.n_step,
            discount=0.9,
            priority_exponent=0.6,
        )
        self.replay = None
        self.steps = 0

    def prepare(self, folder):
        self.replay = self.make_replay(folder=folder)

    def checkpoint_due(self):
        return self.replay.checkpoint_due

    def checkpoint_written(self):
        self.replay.checkpoint_written()

    def values(self, obs):
        flat = obs.reshape(len(obs), -1) / (255.0 if obs.dtype == np.uint8 else 1.0)
        return np.concatenate([flat, np.ones((len(obs), 1))], axis=1)

    def act(self, obs, first, state, *, explore):
        best = (self.values(obs) @ self.weights).argmax(axis=1)
        # Also in evaluation: a policy that waits for ever makes games of half an hour.
        random = self.rng.integers(self.weights.shape[1], size=len(obs))
        mix = self.rng.random(len(obs)) < 0.5
        return np.where(mix, random, best), state, None

    def record(self, step, extras):
        self.replay.add(step)

    def learn(self):
        self.steps += 1
        if self.steps % 4 or len(self.replay) < 32:
            return None
        batch = self.replay.sample(16, self.rng, beta=0.5)
        features, rows = self.values(batch.obs), np.arange(16)
        following = (self.values(batch.next_obs) @ self.weights).max(axis=1)
        error = batch.reward + batch.discount * following
        error -= (features @ self.weights)[rows, batch.action]
        scale = self.config.rate / features.shape[1] * batch.weight * error
        np.add.at(self.weights.T, batch.action, scale[:, None] * features)
        self.replay.set_priorities(batch.rows, np.abs(error))
        return {"error": float(np.abs(error).mean())}
