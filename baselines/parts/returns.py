"""Returns and advantages along time."""

import torch
from torch import Tensor


def generalised_advantages(
    rewards: Tensor,
    values: Tensor,
    last_value: Tensor,
    ended: Tensor,
    *,
    discount: float,
    lambda_: float,
) -> Tensor:
    """[T, B] generalised advantage estimates.

    Args:
        rewards: [T, B]; what a cut episode would still have brought is already in its
            last reward.
        values: [T, B], of the observations acted on.
        last_value: [B], of the observations after the last step.
        ended: [T, B] bool; nothing flows back over an end.

    Source: Schulman et al. 2016 (arXiv:1506.02438), equation 16. Held equal to the
    double sum in tests/baselines/test_parts.py.
    """
    advantages = torch.empty_like(rewards)
    following_value = last_value  # [B]
    advantage = torch.zeros_like(last_value)  # [B]
    goes_on = (~ended).to(rewards.dtype)  # [T, B]
    for t in range(len(rewards) - 1, -1, -1):
        target = rewards[t] + discount * goes_on[t] * following_value
        advantage = target - values[t] + discount * lambda_ * goes_on[t] * advantage
        advantages[t] = advantage
        following_value = values[t]
    return advantages
