"""LIX layers against slow definitions, and which way the radius goes."""

import math
from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from baselines.parts.encoders import conv
from baselines.parts.local_mixing import LocalMixing, discontinuity, mix

CPU = torch.device("cpu")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def maps(batch=4, channels=3, height=8, width=8, seed=0):
    return torch.randn(batch, channels, height, width, generator=generator(seed))


def encoder(filters=4, seed=0):
    weights = generator(seed)
    return nn.Sequential(
        *(conv(3, filters, 3, weights, stride=2), nn.ReLU()),
        *(conv(filters, filters, 3, weights), nn.ReLU()),
    )


def seen_by_hand(channel, row, column):
    """One value between pixels of a map [H, W], edges repeated."""
    height, width = channel.shape
    total = 0.0
    for y in (math.floor(row), math.floor(row) + 1):
        for x in (math.floor(column), math.floor(column) + 1):
            share = (1 - abs(row - y)) * (1 - abs(column - x))
            inside = channel[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
            total += share * inside.item()
    return total


@pytest.mark.parametrize(
    ("down", "right"), [(0.25, -0.75), (1.5, 2.5), (-2.0, 0.0), (-2.4, 9.0)]
)
def test_mixing_is_bilinear_with_repeated_edges(down, right):
    before = maps(2, 2, 5, 6)
    after = mix(before, torch.tensor(down), torch.tensor(right))
    for index in range(2 * 2 * 5 * 6):
        sample, channel, row, column = torch.unravel_index(
            torch.tensor(index), before.shape
        )
        expected = seen_by_hand(
            before[sample, channel], row.item() + down, column.item() + right
        )
        got = after[sample, channel, row, column].item()
        assert got == pytest.approx(expected, abs=1e-5)


def test_mixing_is_what_grid_sample_gives():
    """The formulation of the public code: padded maps, sampled on a moved grid."""
    before = maps(height=8, width=8)
    pad, side = 3, 8
    for seed in range(5):
        down, right = 5 * torch.rand(2, generator=generator(seed)) - 2.5
        padded = F.pad(before, [pad] * 4, mode="replicate")
        places = (torch.arange(side) + pad + 0.5) * 2 / (side + 2 * pad) - 1
        step = 2 / (side + 2 * pad)
        grid = torch.stack(
            [
                (places + right * step).expand(side, -1),
                (places + down * step)[:, None].expand(-1, side),
            ],
            dim=2,
        )
        sampled = F.grid_sample(padded, grid.expand(4, -1, -1, -1), align_corners=False)
        torch.testing.assert_close(mix(before, down, right), sampled, rtol=0, atol=2e-5)


def test_without_a_radius_layers_do_what_they_do_alone():
    mixing = LocalMixing(CPU, radius=0.0)
    layers, frames = encoder(), maps(height=20, width=20)
    mixed = mixing.encode(layers, frames, generator())
    assert torch.equal(mixed, layers(frames).flatten(1))


def test_each_layer_is_mixed_by_an_offset_within_the_radius():
    drawn = generator()
    layers, frames = encoder(), maps(height=20, width=20)
    mixing = LocalMixing(CPU, radius=0.4, longest=2.5)
    mixed = mixing.encode(layers, frames, generator())
    expected = frames
    for number, layer in enumerate(layers):
        expected = layer(expected)
        if number % 2:
            offset = 2 * torch.rand(2, generator=drawn) - 1
            expected = mix(expected, *offset * 0.4 * 2.5)
    torch.testing.assert_close(mixed, expected.flatten(1))


def test_the_score_is_its_definition_term_by_term():
    gradient = maps(3, 2, 4, 5)
    mean = gradient.mean(0)
    total = 0.0
    for channel in range(2):
        for row in range(4):
            for column in range(5):
                here, signal, noise = mean[channel, row, column].item(), 0.0, 0.0
                for y in (row - 1, row, row + 1):
                    for x in (column - 1, column, column + 1):
                        if (y, x) != (row, column):
                            near = mean[channel, min(max(y, 0), 3), min(max(x, 0), 4)]
                            signal += near.item() ** 2 / 8
                            noise += (near.item() - here) ** 2 / 8
                total += math.log(1 + noise / signal)
    assert discontinuity(gradient).item() == pytest.approx(total / 40, rel=1e-4)


def test_the_score_is_free_of_scale_and_0_for_a_constant():
    gradient = maps(height=20, width=20)
    score = discontinuity(gradient)
    for scale in (1e-6, 1e3):
        torch.testing.assert_close(discontinuity(gradient * scale), score)
    assert discontinuity(torch.ones(2, 3, 5, 5)) == 0.0
    assert discontinuity(torch.zeros(2, 3, 5, 5)) == 0.0


def smoothed(noise, times):
    for _ in range(times):
        noise = F.avg_pool2d(F.pad(noise, [1] * 4, mode="replicate"), 3, stride=1)
    return noise


def taught(mixing, gradient, updates):
    """Updates with a loss whose gradient on the last maps is as given."""
    layers, frames = encoder(), maps(height=44, width=44)
    for seed in range(updates):
        encoded = mixing.encode(layers, frames, generator(seed))
        encoded.backward(gradient(seed).flatten(1))
        mixing.learn()
    return mixing.radius.item()


@pytest.mark.parametrize(("smoothings", "rises"), [(0, True), (3, False), (6, False)])
def test_the_radius_rises_on_noisy_and_falls_on_smooth_gradients(smoothings, rises):
    mixing = LocalMixing(CPU)
    radius = taught(
        mixing, lambda seed: smoothed(maps(4, 4, 19, 19, seed=seed), smoothings), 20
    )
    assert (mixing.score.item() > 0.535) == rises
    # Adam moves it by its learning rate at every update.
    assert radius == pytest.approx(0.5 + (0.04 if rises else -0.04), abs=0.01)


def test_the_radius_stays_within_0_and_1():
    for smoothings, end in ((0, 1.0), (6, 0.0)):
        mixing = LocalMixing(CPU, learning_rate=0.2)
        radius = taught(
            mixing, lambda seed, n=smoothings: smoothed(maps(4, 4, 19, 19), n), 8
        )
        assert radius == end


def test_an_encoding_without_gradients_leaves_the_score():
    mixing = LocalMixing(CPU)
    taught(mixing, lambda seed: maps(4, 4, 19, 19), 1)
    score = mixing.score.clone()
    with torch.no_grad():
        mixing.encode(encoder(), maps(height=20, width=20), generator())
    assert torch.equal(mixing.score, score)


def test_a_loaded_radius_goes_on_as_the_saved_one():
    one, other = LocalMixing(CPU), LocalMixing(CPU)
    taught(one, lambda seed: maps(4, 4, 19, 19), 5)
    other.load_state_dict(deepcopy(one.state_dict()))
    ends = [
        taught(mixing, lambda seed: smoothed(maps(4, 4, 19, 19), 6), 5)
        for mixing in (one, other)
    ]
    assert ends[0] == ends[1]
