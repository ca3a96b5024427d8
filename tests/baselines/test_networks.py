"""Policy and ensemble networks against slow definitions."""

import numpy as np
import pytest
import torch
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform
from torch.nn import functional as F

from baselines.parts.ensemble import (
    EnsembleLinear,
    EnsembleMlp,
    EnsembleNorm,
    EnsembleResidual,
    EnsembleSimba,
    EnsembleSpectral,
)
from baselines.parts.gaussian import SquashedGaussian
from baselines.parts.soft_networks import Actor, Critics, Temperature


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def randn(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=generator(seed), dtype=dtype)


def test_log_probabilities_are_those_of_torch_distributions():
    policy = SquashedGaussian(randn(50, 3), 0.3 * randn(50, 3, seed=1) - 1)
    noise = randn(50, 3, seed=2)
    action, log_prob = policy.sample(noise)
    normal = Independent(Normal(policy.mean, policy.log_std.exp()), 1)
    theirs = TransformedDistribution(normal, [TanhTransform(cache_size=1)])
    u = policy.mean + policy.log_std.exp() * noise
    assert torch.equal(action, u.tanh())
    torch.testing.assert_close(log_prob, theirs.log_prob(action), rtol=0, atol=1e-8)
    torch.testing.assert_close(policy.log_prob(u), log_prob, rtol=0, atol=1e-8)


@pytest.mark.parametrize("u", [-200.0, -20.0, 20.0, 200.0])
def test_at_the_borders_log_probabilities_and_gradients_are_finite(u):
    mean = torch.full((1, 2), u, requires_grad=True)
    log_std = torch.full((1, 2), -5.0, requires_grad=True)
    action, log_prob = SquashedGaussian(mean, log_std).sample(torch.ones(1, 2))
    assert action.abs().eq(1.0).all()
    log_prob.sum().backward()
    for values in (log_prob, mean.grad, log_std.grad):
        assert values.isfinite().all()
    # By hand: a normal density, over the slope 4 exp(-2|u|) of tanh far out.
    far = np.abs(u + np.exp(-5.0) * np.sign(u) ** 2)
    expected = 2 * (-0.5 + 5.0 - 0.5 * np.log(2 * np.pi) - np.log(4) + 2 * far)
    assert log_prob.item() == pytest.approx(expected, rel=1e-5)


def test_log_standard_deviations_lie_between_their_ends():
    features = torch.tensor([[0.5, 0.5, -1e9, 1e9], [0.5, 0.5, 0.0, 0.0]])
    policy = SquashedGaussian.from_features(features, -5.0, 2.0)
    assert policy.log_std.tolist() == [[-5.0, 2.0], [-1.5, -1.5]]
    assert policy.likeliest.tolist() == policy.mean.tanh().tolist()
    assert (policy.mean == 0.5).all()


@pytest.mark.parametrize("members", [1, 3])
def test_a_member_is_a_network_of_its_own(members):
    trunk = EnsembleMlp(members, 5, width=8, depth=2, generator=generator())
    x = randn(7, 5, dtype=torch.float32)
    for member, features in enumerate(trunk(x)):
        h = x
        for layer in trunk.layers:
            h = F.relu(h @ layer.weight[member] + layer.bias[member])
        torch.testing.assert_close(features, h)
    if members > 1:
        assert not torch.equal(trunk(x)[0], trunk(x)[1])


def test_simba_carries_its_input_around_normalised_blocks():
    trunk = EnsembleSimba(2, 5, width=8, depth=2, generator=generator())
    with torch.no_grad():
        for parameter in trunk.parameters():  # no bias of 0, no scale of 1
            parameter.add_(0.1 * randn(*parameter.shape, dtype=torch.float32))
    x = randn(7, 5, dtype=torch.float32)
    for member, features in enumerate(trunk(x)):

        def normal(norm, h, member=member):
            weight, bias = norm.weight[member, 0], norm.bias[member, 0]
            return F.layer_norm(h, (8,), weight, bias, eps=1e-6)

        h = x @ trunk.embed.weight[member] + trunk.embed.bias[member]
        for block in trunk.blocks:
            inner = normal(block.norm, h) @ block.widen.weight[member]
            inner = F.relu(inner + block.widen.bias[member])
            h = h + inner @ block.narrow.weight[member] + block.narrow.bias[member]
        torch.testing.assert_close(features, normal(trunk.norm, h))
    assert trunk.blocks[0].widen.weight.shape == (2, 8, 32)


def test_weights_are_orthogonal_or_he_normal_and_of_the_generator_alone():
    before = torch.get_rng_state()
    square = EnsembleLinear(2, 16, 16, generator())
    wide = EnsembleLinear(2, 128, 512, generator(), he_normal=True)
    assert torch.equal(torch.get_rng_state(), before)
    for weight in square.weight:
        torch.testing.assert_close(weight @ weight.T, torch.eye(16), atol=1e-5, rtol=0)
    assert wide.weight.std().item() == pytest.approx((2 / 128) ** 0.5, rel=0.02)
    assert torch.equal(square.weight, EnsembleLinear(2, 16, 16, generator()).weight)


def test_a_norm_starts_as_plain_normalisation():
    x = 5 + 3 * randn(2, 6, 10, dtype=torch.float32)
    normal = EnsembleNorm(2, 10)(x)
    torch.testing.assert_close(normal, F.layer_norm(x, (10,), eps=1e-6))


def test_policy_and_critics_have_the_shapes_that_they_say():
    trunk = EnsembleMlp(1, 5, width=8, depth=1, generator=generator())
    policy = Actor(trunk, 2, (-5.0, 2.0), generator())(torch.ones(7, 5))
    assert policy.mean.shape == policy.log_std.shape == (7, 2)
    trunk = EnsembleMlp(3, 7, width=8, depth=1, generator=generator())
    critics = Critics(trunk, generator())
    assert critics(torch.ones(7, 5), torch.ones(7, 2)).shape == (3, 7)
    assert Temperature(0.25)().item() == pytest.approx(0.25)


def test_a_spectral_layer_divides_each_member_by_its_largest_singular_value():
    layer = EnsembleSpectral(3, 6, 9, generator())
    with torch.no_grad():
        layer.linear.weight.copy_(
            randn(3, 6, 9) * torch.tensor([1, 5, 0.1])[:, None, None]
        )
        layer.linear.bias.fill_(0.5)
        weight = layer.linear.weight.clone()
        x = randn(3, 4, 6, seed=1).float()
        for _ in range(100):
            found = layer(x)
    norm = torch.linalg.svdvals(weight)[:, :1, None]
    torch.testing.assert_close(found, x @ (weight / norm) + 0.5)
    assert torch.equal(layer.linear.weight, weight)


def test_two_forward_passes_of_a_spectral_layer_may_come_before_the_gradients():
    layer = EnsembleSpectral(2, 6, 9, generator())
    x = randn(2, 4, 6).float()
    (layer(x) - layer(2 * x)).square().sum().backward()
    assert layer.linear.weight.grad.isfinite().all()


def test_a_residual_ensemble_is_its_members_one_by_one():
    trunk = EnsembleResidual(2, 5, width=8, depth=1, generator=generator())
    block, x = trunk.blocks[0], randn(4, 5).float()
    with torch.no_grad():
        for _ in range(100):  # until the power iteration has found the norms
            found = trunk(x)
    for member in range(2):

        def spectral(layer, value, member=member):
            weight = layer.linear.weight[member]
            return value @ weight / torch.linalg.matrix_norm(weight, 2)

        embedded = (x @ trunk.embed.weight[member]).relu()
        change = F.layer_norm(embedded, (8,), eps=1e-6)
        change = spectral(block.second, spectral(block.first, change).relu())
        torch.testing.assert_close(found[member], embedded + change)
