"""Pessimism's own promises: the penalty by its definition, beta by dual TD-learning."""

from itertools import permutations

import pytest
import torch

from baselines.parts.pessimism import Pessimism, disagreement


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("critics", [2, 3, 10])
def test_disagreement_is_the_mean_distance_of_all_pairs(critics):
    values = normal(critics, 6)
    for row, found in enumerate(disagreement(values)):
        pairs = list(permutations(values[:, row].tolist(), 2))
        expected = sum(abs(one - other) for one, other in pairs) / len(pairs)
        assert found.item() == pytest.approx(expected, rel=1e-5)


def test_equal_critics_do_not_disagree_and_a_shift_changes_nothing():
    values = normal(4, 6)
    assert disagreement(values[:1].expand(4, 6)).tolist() == [0.0] * 6
    torch.testing.assert_close(disagreement(values + 7.0), disagreement(values))


def test_two_critics_and_a_beta_of_a_half_give_the_lower_value():
    values = normal(2, 6)
    torch.testing.assert_close(Pessimism(0.5)(values), values.amin(0))


def test_gradients_of_lowered_values_pass_to_the_critics_alone():
    pessimism, values = Pessimism(0.75), normal(3, 6).requires_grad_()
    lowered = pessimism(values)
    torch.testing.assert_close(lowered, values.mean(0) - 0.75 * disagreement(values))
    lowered.sum().backward()
    assert pessimism.beta.grad is None
    torch.testing.assert_close(values.grad.sum(0), torch.ones(6))


def learn_beta(value, reward, following, *, start=0.5, steps=400):
    """Beta after dual TD-learning on a bandit: critics that give `value` for the
    action, and `following` [E, B] for the next."""
    pessimism = Pessimism(start)
    optimiser = torch.optim.Adam(pessimism.parameters(), lr=1e-2, betas=(0.5, 0.999))
    for _ in range(steps):
        target = reward + 0.9 * pessimism(following)
        optimiser.zero_grad()
        pessimism.observe(value - target)
        pessimism.loss().backward()
        optimiser.step()
    return pessimism.beta.item()


@pytest.mark.parametrize("bias", [-0.8, -0.1, 0.1, 0.8])
def test_beta_falls_where_targets_are_too_low_and_rises_where_too_high(bias):
    """An action that is worth 10: reward 1, then 10 again with a discount of .9. The
    targets are right where the penalty takes off what the next values are too high."""
    noise = normal(5, 64)
    noise -= noise.mean(0)
    following = 10.0 + bias + noise
    right = bias / disagreement(noise).mean().item()
    assert learn_beta(10.0, 1.0, following, start=0.0) == pytest.approx(right, abs=0.02)
    early = learn_beta(10.0, 1.0, following, start=0.0, steps=5)
    assert (early > 0) == (bias > 0)


def test_under_estimated_targets_make_beta_negative_in_the_end():
    following = 10.0 - 0.5 + normal(5, 64)
    assert learn_beta(10.0, 1.0, following) < 0.0
