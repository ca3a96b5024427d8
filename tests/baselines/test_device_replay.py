"""The replay with a copy of its frames on a device, against the one without."""

import numpy as np
import pytest
import torch

from baselines.parts.device_replay import DeviceReplay, make_replay
from baselines.parts.replay import Replay, Sizes
from harness.state_files import load_state, save_state
from tests.baselines.test_replay import Player, fill, sizes

CPU = torch.device("cpu")
SETTINGS = {"n_step": 3, "discount": 0.9}


def assert_same_batches(on_device, plain, count=5):
    """Draws from both with the same random numbers, and sets priorities in both."""
    one, two = np.random.default_rng(1), np.random.default_rng(1)
    for _ in range(count):
        ours, theirs = on_device.sample(64, one), plain.sample(64, two)
        assert torch.is_tensor(ours.obs)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(np.asarray(mine), other)
            assert np.asarray(mine).dtype == other.dtype
        for replay, batch in ((on_device, ours), (plain, theirs)):
            replay.set_priorities(batch.rows, np.arange(64.0))


@pytest.mark.parametrize("exponent", [0.0, 0.5])
@pytest.mark.parametrize(("num_envs", "capacity"), [(1, 1000), (3, 300)])
def test_it_gives_the_same_batches_bit_for_bit(exponent, num_envs, capacity):
    settings = {**SETTINGS, "priority_exponent": exponent}
    ours = DeviceReplay(sizes(num_envs, capacity), device=CPU, **settings)
    theirs = Replay(sizes(num_envs, capacity), **settings)
    player = Player(num_envs)
    for length in (20, 1, 150, 200):  # the small ring goes round
        for step in [player.step() for _ in range(length)]:
            ours.add(step)
            theirs.add(step)
        assert_same_batches(ours, theirs)


def test_observations_without_a_stack_are_tensors_of_their_type():
    plain = Sizes(60, 1, (3, 2, 2), "float32", (), "int64")
    ours, theirs = (
        DeviceReplay(plain, device=CPU, **SETTINGS),
        Replay(plain, **SETTINGS),
    )
    steps = [Player(1, seed=seed).step() for seed in range(40)]
    for replay in (ours, theirs):
        fill(
            replay, [s._replace(obs=s.obs * 0.5, first=s.first & False) for s in steps]
        )
    assert_same_batches(ours, theirs)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_resumed_one_shows_what_was_saved(tmp_path, mapped):
    def make(name):
        folder = tmp_path / name if mapped else None
        return DeviceReplay(sizes(1, 200), device=CPU, folder=folder, **SETTINGS)

    player = Player(1)
    steps = [player.step() for _ in range(150)]
    plain = fill(Replay(sizes(1, 200), **SETTINGS), steps)
    replay = fill(make("rows"), steps[:100])
    replay.sample(8, np.random.default_rng(0))
    save_state(tmp_path / "1", replay.state_dict())
    del replay
    again = make("rows")
    again.load_state_dict(load_state(tmp_path / "1"))
    assert_same_batches(again, fill(Replay(sizes(1, 200), **SETTINGS), steps[:100]))
    assert_same_batches(fill(again, steps[100:]), plain)


def test_only_a_gpu_gets_a_copy():
    assert type(make_replay(sizes(1, 60), CPU, **SETTINGS)) is Replay


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gets_one_and_gives_the_same_batches():
    ours = make_replay(sizes(1, 300), torch.device("cuda"), **SETTINGS)
    theirs = Replay(sizes(1, 300), **SETTINGS)
    player = Player(1)
    steps = [player.step() for _ in range(250)]
    batch = fill(ours, steps).sample(64, np.random.default_rng(0))
    other = fill(theirs, steps).sample(64, np.random.default_rng(0))
    assert batch.obs.device.type == "cuda"
    np.testing.assert_array_equal(batch.obs.cpu().numpy(), other.obs)
    np.testing.assert_array_equal(batch.next_obs.cpu().numpy(), other.next_obs)
