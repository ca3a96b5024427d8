"""Stable-Baselines3's PPO and DQN on any suite of theirs, trained by model.learn().

podium check-agent examples/sb3_agents.py:Sb3PPO
podium submit examples/sb3_agents.py:Sb3DQN --suite toy --tasks catch
"""

from stable_baselines3 import DQN, PPO

from harness.adapters.sb3 import Sb3Policy, Sb3VecEnv
from harness.agent import EnvOptions


class Sb3PPO:
    """PPO with SB3's defaults and 4 environments."""

    @classmethod
    def environment(cls, task, config):
        return EnvOptions(num_envs=4)

    def __init__(self, task, *, seed, device, config):
        self.pixels = len(task.observation_space.shape) > 1
        self.seed, self.device = seed, device

    def train(self, env):
        policy = "CnnPolicy" if self.pixels else "MlpPolicy"
        vec_env = Sb3VecEnv(env)  # the one line that differs from SB3's documentation
        self.model = self.make_model(policy, vec_env)
        self.model.learn(total_timesteps=env.budget_agent_steps)

    def make_model(self, policy, vec_env):
        return PPO(policy, vec_env, n_steps=128, seed=self.seed, device=self.device)

    def policy(self, *, seed):
        return Sb3Policy(self.model)


class Sb3DQN(Sb3PPO):
    """DQN with one environment and a short exploration phase."""

    @classmethod
    def environment(cls, task, config):
        return EnvOptions(num_envs=1)

    @classmethod
    def supports(cls, task):
        return None if hasattr(task.action_space, "n") else "needs discrete actions"

    def make_model(self, policy, vec_env):
        return DQN(
            policy,
            vec_env,
            learning_starts=200,
            buffer_size=20_000,
            seed=self.seed,
            device=self.device,
        )
