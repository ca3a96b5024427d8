"""Sequences of the replay against a walk along the steps that were stored."""

import numpy as np
import pytest
import torch

from baselines.parts.device_replay import DeviceReplay
from baselines.parts.replay import Replay
from harness.state_files import load_state, save_state
from tests.baselines.test_replay import SIDE, Player, fill, sizes


class Wanderer(Player):
    """Frames that never repeat; now and then an episode is left without an end."""

    def frame(self):
        self.shown += 1
        digits = [self.shown // 250**k % 250 + 1 for k in range(SIDE * SIDE)]
        return np.array(digits, dtype=np.uint8).reshape(SIDE, SIDE)

    def step(self):
        step = super().step()
        for env in np.flatnonzero(
            ~self.first & (self.rng.random(self.num_envs) < 0.03)
        ):
            self.stacks[env] = self.begin()
            self.first[env] = True
        return step


def stored(num_envs, capacity, count, *, n=3, seed=0, exponent=0.0, folder=None):
    """A replay of random games, and their steps."""
    player = Wanderer(num_envs, seed)
    steps = [player.step() for _ in range(count)]
    replay = Replay(
        sizes(num_envs, capacity * num_envs),
        n_step=n,
        discount=0.9,
        priority_exponent=exponent,
        folder=folder,
    )
    return fill(replay, steps), steps


def walk(steps, env, start, length):
    """Observations, actions, rewards and ends from a step on, by the definition."""
    obs, taken = [], []
    for step in steps[start : start + length]:
        if taken and step.first[env]:
            return obs, taken  # nobody knows where the last step led
        obs.append(step.obs[env])
        ended = bool(step.terminated[env])
        taken.append((int(step.action[env]), np.float32(step.reward[env]), ended))
        if step.truncated[env] and step.next_obs_valid[env]:
            obs.append(step.next_obs[env])
        if step.terminated[env] or step.truncated[env]:
            return obs, taken
    following = steps[start + length : start + length + 1]
    if following and not following[0].first[env]:
        obs.append(following[0].obs[env])
    return obs, taken


def check(replay, steps, length, draws=300):
    """Every drawn sequence is the one that was stored; how many were cut off."""
    places = {
        step.obs[env].tobytes(): (env, time)
        for time, step in enumerate(steps)
        for env in range(len(step.first))
    }
    batch = replay.sample(draws, np.random.default_rng(0))
    found = replay.sequences(batch.rows, length)
    assert found.obs.shape == (draws, length + 1, *batch.obs.shape[1:])
    assert found.shown.shape == (draws, length + 1)
    for k in range(draws):
        obs, taken = walk(steps, *places[batch.obs[k].tobytes()], length)
        assert found.shown[k].tolist() == [j < len(obs) for j in range(length + 1)]
        assert found.taken[k].tolist() == [j < len(taken) for j in range(length)]
        np.testing.assert_array_equal(found.obs[k, : len(obs)], obs)
        count = len(taken)
        columns = (found.action[k], found.reward[k], found.terminated[k])
        assert list(zip(*(c[:count].tolist() for c in columns), strict=True)) == taken
        assert not found.terminated[k, count:].any()
    return int((~found.shown).sum())


@pytest.mark.parametrize("num_envs", [1, 3])
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("length", [1, 4, 12])
@pytest.mark.parametrize("exponent", [0.0, 0.5])
def test_sequences_are_the_steps_that_followed(num_envs, n, length, exponent):
    for seed in range(3):
        replay, steps = stored(num_envs, 1000, 120, n=n, seed=seed, exponent=exponent)
        assert check(replay, steps, length) > 0


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("count", [59, 60, 61, 75, 400])
def test_sequences_never_cross_the_write_head(tmp_path, mapped, count):
    folder = tmp_path if mapped else None
    replay, steps = stored(2, 60, count, n=2, seed=count, folder=folder)
    assert check(replay, steps, 8) > 0


def test_they_begin_where_the_priorities_say():
    replay, _ = stored(1, 300, 200, exponent=1.0)
    rng = np.random.default_rng(0)
    rows = np.unique(replay.sample(3000, rng).rows)
    replay.set_priorities(rows, np.where(rows == rows[7], 1.0, 1e-8))
    drawn = replay.sample(50, rng).rows
    assert (drawn == rows[7]).mean() > 0.9
    one = replay.sequences(drawn, 5).obs
    np.testing.assert_array_equal(one[drawn == rows[7]][0], one[0])


def test_a_saved_replay_gives_the_same_sequences(tmp_path):
    replay, _ = stored(2, 60, 200, folder=tmp_path / "mapped")
    save_state(tmp_path / "1", replay.state_dict())
    rows = replay.sample(40, np.random.default_rng(0)).rows
    expected = replay.sequences(rows, 6)
    again, _ = stored(2, 60, 0, folder=tmp_path / "mapped")
    again.load_state_dict(load_state(tmp_path / "1"))
    for ours, theirs in zip(again.sequences(rows, 6), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_frames_on_a_device_give_the_same_sequences():
    replay, steps = stored(2, 60, 200)
    device = torch.device("cpu")
    copied = DeviceReplay(sizes(2, 120), device=device, n_step=3, discount=0.9)
    fill(copied, steps)
    rows = replay.sample(40, np.random.default_rng(0)).rows
    ours, theirs = copied.sequences(rows, 6), replay.sequences(rows, 6)
    assert torch.equal(ours.obs, torch.from_numpy(theirs.obs))
    np.testing.assert_array_equal(ours.shown, theirs.shown)
