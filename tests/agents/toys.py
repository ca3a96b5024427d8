"""Toy agents: one that learns, and one for every way to go wrong."""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass

import numpy as np

from harness.agent import BudgetSpent, EnvOptions, StepAgent


@dataclass(frozen=True)
class Config:
    """Knobs of every type that --set understands."""

    num_envs: int = 2
    rate: float = 0.5
    greedy: bool = False
    label: str = "plain"
    sizes: tuple[int, ...] = (8, 8)
    limit: int | None = None


class Learner(StepAgent):
    """Counts rewards by action and prefers the best: a bandit with memory."""

    Config = Config
    learned = ("totals", "counts")
    resumed = ("rng",)

    @classmethod
    def environment(cls, task, config):
        return EnvOptions(num_envs=config.num_envs)

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        self.totals = np.zeros(16)
        self.counts = np.zeros(16)

    def act(self, obs, first, state, *, explore):
        space = self.task.action_space
        if not hasattr(space, "n"):
            shape = (len(obs), *space.shape)
            return self.rng.uniform(-1, 1, shape).astype(np.float32), state, None
        best = (self.totals / np.maximum(self.counts, 1))[: space.n].argmax()
        random = self.rng.integers(space.n, size=len(obs))
        mix = self.rng.random(len(obs)) < self.config.rate
        return np.where(mix if explore else False, random, best), state, None

    def record(self, step, extras):
        if step.action.ndim == 1:
            np.add.at(self.totals, step.action, step.reward)
            np.add.at(self.counts, step.action, 1)


class Crashes(Learner):
    """Raises in the middle of training."""

    def learn(self):
        if self.counts.sum() > 100:
            raise RuntimeError("the reactor is \x1b[31mtoo hot\x1b[0m")


class WrongShape(Learner):
    def act(self, obs, first, state, *, explore):
        return np.zeros(len(obs) + 1, dtype=int), state, None


class WrongType(Learner):
    def act(self, obs, first, state, *, explore):
        return np.zeros(len(obs)), state, None


class NotANumber(Learner):
    def act(self, obs, first, state, *, explore):
        return np.full((len(obs), 2), np.nan, dtype=np.float32), state, None


class Sleeps(Learner):
    def learn(self):
        time.sleep(3600)


class KillsItself(Learner):
    def learn(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Segfaults(Learner):
    def learn(self):
        os.kill(os.getpid(), signal.SIGSEGV)


class Exits(Learner):
    def learn(self):
        os._exit(0)


class Leaves(Learner):
    def learn(self):
        sys.exit(3)


class Diverges(Learner):
    def learn(self):
        return {"loss": float("nan") if self.counts.sum() > 50 else 1.0}


class BadPolicy(Learner):
    """Trains, but cannot be evaluated."""

    def policy(self, *, seed):
        raise KeyError("no policy")


class Greedy(Learner):
    """Steps on after the budget is spent, as often as it can."""

    def train(self, env):
        env.reset()
        self.refused = 0
        while self.refused < 5:
            try:
                env.step(np.zeros(env.num_envs, dtype=int))
            except BudgetSpent:
                self.refused += 1


class Forgetful(Learner):
    """Learns, but does not say what."""

    learned = ()


class Impure(Learner):
    """Its policy shares the generator of the training."""

    def policy(self, *, seed):
        agent = self

        class Policy:
            def act(self, obs, first):
                return agent.act(obs, first, (), explore=True)[0]

        return Policy()


class Unseeded(Learner):
    """Draws from a generator that nobody seeded."""

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        self.rng = np.random.default_rng()


class Amnesiac(Learner):
    """Draws from a generator that is not saved."""

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        self.own = np.random.default_rng(self.seed)

    def act(self, obs, first, state, *, explore):
        return self.own.integers(self.task.action_space.n, size=len(obs)), state, None


class OnlyDiscrete(Learner):
    @classmethod
    def supports(cls, task):
        return None if hasattr(task.action_space, "n") else "needs discrete actions"


class Slow(Learner):
    """Takes a while, so that tests can interrupt it."""

    def learn(self):
        time.sleep(0.01)


class Unsaveable(Learner):
    """Learns something that no file can hold."""

    learned = (*Learner.learned, "seen")

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        self.seen = {1, 2}


class Wanders(Learner):
    """Changes its working directory."""

    def learn(self):
        os.chdir("/")


class Lingers(Learner):
    """Leaves a thread behind that never ends."""

    def __init__(self, task, **arguments):
        super().__init__(task, **arguments)
        threading.Thread(target=time.sleep, args=(3600,)).start()


class NoAgent:
    """Not an agent at all."""
