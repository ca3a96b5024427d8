"""Shared parts against slow definitions."""

import numpy as np
import pytest
import torch

from baselines.parts.encoders import Impala, Mlp, Nature, frames_first, pixels_to_input
from baselines.parts.normalise import RewardScale, RunningMoments
from baselines.parts.returns import generalised_advantages
from baselines.parts.rollout import Rollout


def slow_advantages(rewards, values, last, ended, discount, lambda_):
    """The double sum of the paper, cut at ends."""
    steps, envs = rewards.shape
    following = np.vstack([values[1:], last])
    result = np.zeros_like(rewards)
    for b in range(envs):
        for t in range(steps):
            for k in range(t, steps):
                goes_on = not ended[k, b]
                delta = (
                    rewards[k, b] + discount * following[k, b] * goes_on - values[k, b]
                )
                result[t, b] += (discount * lambda_) ** (k - t) * delta
                if ended[k, b]:
                    break
    return result


@pytest.mark.parametrize("lambda_", [0.0, 0.95, 1.0])
def test_advantages_are_the_double_sum(lambda_):
    rng = np.random.default_rng(0)
    rewards, values = rng.normal(size=(2, 12, 3)).astype(np.float32)
    last = rng.normal(size=3).astype(np.float32)
    ended = rng.random((12, 3)) < 0.2
    ours = generalised_advantages(
        *map(torch.from_numpy, (rewards, values, last, ended)),
        discount=0.9,
        lambda_=lambda_,
    )
    slow = slow_advantages(rewards, values, last, ended, 0.9, lambda_)
    assert ours.numpy() == pytest.approx(slow, abs=1e-5)


def test_moments_are_those_of_all_batches_together():
    rng = np.random.default_rng(0)
    batches = [rng.normal(3, 2, (size, 4)) for size in (1, 7, 100)]
    moments = RunningMoments((4,))
    for batch in batches:
        moments.update(batch)
    everything = np.concatenate(batches)
    assert moments.mean == pytest.approx(everything.mean(0), abs=1e-3)
    assert moments.variance == pytest.approx(everything.var(0), rel=1e-2)
    scaled = moments.normalise(everything)
    assert scaled.dtype == np.float32
    assert abs(scaled.mean()) < 0.01
    assert np.abs(moments.normalise(np.full((1, 4), 1e9))).max() == 10.0


def test_rewards_are_scaled_by_the_running_return_that_restarts_at_ends():
    scale = RewardScale(1, discount=0.5)
    for _ in range(3):
        scale(np.array([1.0]), np.array([False]))
    assert scale._returns.tolist() == [1.75]
    scale(np.array([1.0]), np.array([True]))
    assert scale._returns.tolist() == [0.0]
    other = RewardScale(1, discount=0.5)
    other.load_state_dict(scale.state_dict())
    reward, going = np.array([2.0]), np.array([False])
    assert other(reward, going) == scale(reward, going)


def test_a_rollout_keeps_time_and_sub_environment_apart():
    rollout = Rollout(3, 2)
    for t in range(3):
        assert not rollout.full
        rollout.add(x=np.array([t, 10 * t]))
    assert rollout.full
    assert rollout["x"].tolist() == [[0, 0], [1, 10], [2, 20]]
    assert rollout.flat("x").tolist() == [0, 0, 1, 10, 2, 20]
    rollout.clear()
    rollout.add(x=np.array([7, 8]))
    other = Rollout(3, 2)
    other.load_state_dict(rollout.state_dict())
    assert other.filled == 1
    assert other["x"][0].tolist() == [7, 8]


def generator():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda g: Mlp(5, (32, 16), g), (5,)),
        (lambda g: Nature((4, 84, 84), 64, g), (4, 84, 84)),
        (lambda g: Impala((3, 64, 64), (4, 8, 8), 32, g), (3, 64, 64)),
        (lambda g: Impala((3, 60, 60), (4, 8, 8), 32, g), (3, 60, 60)),
    ],
)
def test_encoders_are_made_of_their_generator_alone(make, shape):
    before = torch.get_rng_state()
    one, two = make(generator()), make(generator())
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.rand(2, *shape)
    assert one(x).shape == (2, one.size)
    assert torch.equal(one(x), two(x))


@pytest.mark.parametrize(
    ("shape", "frames"),
    [
        ((4, 84, 84), (4, 84, 84)),
        ((64, 64, 3), (3, 64, 64)),
        ((2, 84, 84, 3), (6, 84, 84)),
    ],
)
def test_frames_of_any_layout_become_channels_first(shape, frames):
    assert frames_first(shape) == frames
    obs = torch.randint(0, 256, (2, *shape), dtype=torch.uint8)
    x = pixels_to_input(obs, torch.device("cpu"))
    assert x.shape == (2, *frames)
    assert x.max() <= 1.0
    assert x.is_contiguous(memory_format=torch.channels_last)
    if shape == (2, 84, 84, 3):
        assert torch.equal(x[:, 4], obs[:, 1, :, :, 1] / 255.0)


def test_an_impala_network_keeps_the_scale_of_its_frames():
    generator = torch.Generator().manual_seed(0)
    network = Impala((3, 64, 64), (16, 32, 32), 256, generator)
    x = torch.rand(16, 3, 64, 64, generator=generator)
    with torch.no_grad():
        assert 0.2 < network(x).square().mean().sqrt() < 3
