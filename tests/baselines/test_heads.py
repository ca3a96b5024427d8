"""Noisy layers, the dueling sum and C51's projection against their definitions."""

import math

import numpy as np
import pytest
import torch

from baselines.parts.encoders import (
    DATA_EFFICIENT_LAYERS,
    NATURE_LAYERS,
    Convolutions,
)
from baselines.parts.exploration import epsilon_greedy
from baselines.parts.heads import NoisyLinear, dueling, project
from baselines.parts.schedule import along


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noisy(inputs=5, outputs=3, noise=0.5):
    return NoisyLinear(inputs, outputs, generator(), noise=noise)


def test_noise_is_drawn_a_weight_and_a_bias_as_a_product_of_two():
    layer, x = noisy(), torch.randn(4, 5, generator=generator(1))
    drawn = torch.randn(8, generator=generator(2)).tolist()
    f = [math.copysign(math.sqrt(abs(e)), e) for e in drawn]
    expected = torch.zeros(4, 3)
    for b in range(4):
        for o in range(3):
            total = layer.bias[o] + layer.bias_noise[o] * f[o]
            for i in range(5):
                spread = layer.weight_noise[o, i] * f[o] * f[3 + i]
                total = total + (layer.weight[o, i] + spread) * x[b, i]
            expected[b, o] = total
    assert torch.allclose(layer(x, generator(2)), expected, atol=1e-6)


def test_every_pass_draws_noise_of_its_own_and_none_is_the_mean():
    layer, x = noisy(), torch.ones(2, 5)
    source = generator()
    assert not torch.equal(layer(x, source), layer(x, source))
    before = torch.get_rng_state()
    assert torch.equal(layer(x, None), x @ layer.weight.T + layer.bias)
    assert torch.equal(torch.get_rng_state(), before)
    many = torch.stack([layer(x, source) for _ in range(20_000)]).mean(0)
    assert torch.allclose(many, layer(x, None), atol=0.02)


def test_noise_begins_at_sigma_over_the_root_of_the_inputs():
    layer = noisy(inputs=16, noise=0.5)
    assert layer.weight_noise.unique().tolist() == [0.125]
    assert layer.bias_noise.unique().tolist() == [0.125]
    assert layer.weight.abs().max() <= 0.25
    assert torch.equal(layer.weight, noisy(inputs=16).weight)


def test_the_dueling_sum_has_the_value_as_its_mean():
    value, advantage = torch.randn(2, 1, 7), torch.randn(2, 4, 7)
    q = dueling(value, advantage)
    assert torch.allclose(q.mean(1, keepdim=True), value, atol=1e-6)
    assert torch.allclose(
        q[:, 1] - q[:, 0], advantage[:, 1] - advantage[:, 0], atol=1e-6
    )


def slow_projection(probabilities, reward, discount, atoms):
    """Algorithm 1 of Bellemare et al. 2017, atom by atom."""
    low, spacing = atoms[0], atoms[1] - atoms[0]
    found = np.zeros_like(probabilities)
    for b in range(len(probabilities)):
        for j, atom in enumerate(atoms):
            moved = min(max(reward[b] + discount[b] * atom, low), atoms[-1])
            place = (moved - low) / spacing
            below, above = math.floor(place), math.ceil(place)
            if below == above:
                found[b, below] += probabilities[b, j]
            else:
                found[b, below] += probabilities[b, j] * (above - place)
                found[b, above] += probabilities[b, j] * (place - below)
    return found


@pytest.mark.parametrize("support", [1.5, 10.0])
def test_the_projection_is_that_of_the_paper(support):
    rng = np.random.default_rng(0)
    atoms = np.linspace(-support, support, 51)
    probabilities = rng.dirichlet(np.full(51, 0.3), size=60)
    # Also far outside of the support, and onto atoms exactly.
    reward = np.concatenate([rng.normal(0, support, 40), rng.integers(-1, 2, 20)])
    discount = rng.choice([0.0, 0.99, 0.9**3, 1.0], size=60)
    ours = project(
        *(torch.tensor(a).float() for a in (probabilities, reward, discount, atoms))
    )
    slow = slow_projection(probabilities, reward, discount, atoms)
    assert ours.numpy() == pytest.approx(slow, abs=1e-5)
    assert ours.sum(1).numpy() == pytest.approx(1.0, abs=1e-5)
    inside = (np.abs(reward) + discount * support) <= support
    mean = reward + discount * (probabilities @ atoms)
    assert (ours.numpy() @ atoms)[inside] == pytest.approx(mean[inside], abs=1e-4)


@pytest.mark.parametrize(
    ("layers", "side", "size"),
    [
        (NATURE_LAYERS, 84, 3136),
        (DATA_EFFICIENT_LAYERS, 84, 576),
        (NATURE_LAYERS, 64, 1024),
        (DATA_EFFICIENT_LAYERS, 64, 256),
    ],
)
def test_convolutions_have_the_papers_sizes(layers, side, size):
    before = torch.get_rng_state()
    one, two = (Convolutions((4, side, side), layers, generator()) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.rand(2, 4, side, side)
    assert one.size == size
    assert one(x).shape == (2, size)
    assert torch.equal(one(x), two(x))
    first = one.layers[0]
    limit = 1 / math.sqrt(first.weight[0].numel())
    assert 0.9 * limit < first.weight.abs().max() <= limit


def test_epsilon_is_the_chance_of_any_action():
    rng, best = np.random.default_rng(0), np.full(40_000, 2)
    assert (epsilon_greedy(best, 0.0, 4, rng) == 2).all()
    action = epsilon_greedy(best, 0.4, 4, rng)
    shares = np.bincount(action, minlength=4) / len(best)
    assert shares == pytest.approx([0.1, 0.1, 0.7, 0.1], abs=0.01)


def test_a_schedule_goes_straight_and_stays():
    assert [along(1.0, 0.2, p) for p in (-1, 0, 0.5, 1, 3)] == pytest.approx(
        [1.0, 1.0, 0.6, 0.2, 0.2]
    )
