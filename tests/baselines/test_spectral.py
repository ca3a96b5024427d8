"""Spectral normalisation against the singular values that torch finds."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from baselines.parts.encoders import Convolutions, Impala, conv, linear
from baselines.parts.heads import NoisyLinear
from baselines.parts.spectral import SpectralNorm, spectrally_normalised


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


LAYERS = {
    "linear": lambda g: linear(40, 20, g, gain=5.0),
    "convolution": lambda g: conv(4, 16, 3, g),
    "noisy": lambda g: NoisyLinear(40, 20, g, noise=0.5),
}


def norm(layer):
    return torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2).item()


def stir(layer, step):
    """What an update does: other weights."""
    with torch.no_grad():
        weight = layer.parametrizations.weight.original
        weight += 0.01 * torch.randn(weight.shape, generator=generator(step))


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_the_largest_singular_value_is_one_and_stays_so(make):
    layer = make(generator())
    with torch.no_grad():
        layer.weight.mul_(7.0)
    spectrally_normalised(layer, generator(1))
    with torch.no_grad():
        assert norm(layer) == pytest.approx(1.0, abs=0.05)
    for step in range(50):
        stir(layer, step)
        assert layer.weight.requires_grad  # one power iteration
    with torch.no_grad():
        assert norm(layer) == pytest.approx(1.0, abs=0.05)


def test_without_gradients_nothing_moves():
    layer = spectrally_normalised(linear(40, 20, generator()), generator(1))
    stir(layer, 0)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    with torch.no_grad():
        one, two = layer(torch.ones(1, 40)), layer(torch.ones(1, 40))
    assert torch.equal(one, two)
    assert all(torch.equal(before[k], v) for k, v in layer.state_dict().items())
    layer(torch.ones(1, 40))
    after = layer.state_dict()
    assert {k for k in before if not torch.equal(before[k], after[k])} == {
        "parametrizations.weight.0.left",
        "parametrizations.weight.0.right",
    }


def test_the_gradient_is_that_of_the_divided_weight():
    """The vectors are constants of the gradient: d(W / u'Wv)."""
    weight = torch.randn(6, 5, generator=generator(), dtype=torch.float64)
    layer = SpectralNorm(weight.float(), generator(1)).double()
    weight.requires_grad_()
    layer(weight).pow(3).sum().backward()
    u, v, w = layer.left, layer.right, weight.detach().requires_grad_()
    (w / (u @ w @ v)).pow(3).sum().backward()
    torch.testing.assert_close(weight.grad, w.grad)


def test_two_passes_before_one_gradient_are_allowed():
    layer = spectrally_normalised(linear(40, 20, generator()), generator(1))
    (layer(torch.ones(1, 40)) + layer(torch.zeros(1, 40))).sum().backward()
    assert layer.parametrizations.weight.original.grad.isfinite().all()


@pytest.mark.parametrize(
    "make",
    [
        lambda g: Impala((3, 16, 16), (4, 8), 6, g),
        lambda g: Convolutions((4, 84, 84), ((32, 5, 5), (64, 5, 5)), g),
    ],
    ids=["impala", "convolutions"],
)
def test_all_layers_of_an_encoder_are_normalised_and_seeded(make):
    before = torch.get_rng_state()
    encoder = spectrally_normalised(make(generator()), generator(1))
    again = spectrally_normalised(make(generator()), generator(1))
    assert torch.equal(torch.get_rng_state(), before)
    state = again.state_dict()
    assert all(torch.equal(state[k], v) for k, v in encoder.state_dict().items())
    layers = [m for m in encoder.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert len(layers) >= 2
    with torch.no_grad():
        assert all(norm(m) == pytest.approx(1.0, abs=0.05) for m in layers)


def test_a_copy_takes_the_vectors_along():
    layer = spectrally_normalised(linear(40, 20, generator()), generator(1))
    copy = deepcopy(layer)
    stir(layer, 0)
    layer(torch.ones(1, 40))
    copy.load_state_dict(layer.state_dict())
    with torch.no_grad():
        assert torch.equal(copy.weight, layer.weight)
