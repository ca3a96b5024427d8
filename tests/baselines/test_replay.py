"""The replay against transitions that are kept whole, one by one."""

from collections import Counter, deque

import numpy as np
import pytest

from baselines.parts.replay import Replay, Sizes
from harness.agent import Step
from harness.state_files import load_state, save_state

STACK, SIDE = 3, 2


class Player:
    """A made-up game whose frames are all different; episodes end in every way."""

    def __init__(self, num_envs, seed=0, *, keeps_stack_after_end=False):
        self.rng = np.random.default_rng(seed)
        self.num_envs = num_envs
        self.shown = 0
        self.keeps = keeps_stack_after_end
        self.stacks = [self.begin() for _ in range(num_envs)]
        self.first = np.ones(num_envs, dtype=bool)
        self.lengths = np.zeros(num_envs, dtype=int)

    def frame(self):
        self.shown += 1
        return np.full((SIDE, SIDE), self.shown % 251 + 1, dtype=np.uint8)

    def begin(self):
        blank = [np.zeros((SIDE, SIDE), dtype=np.uint8)] * (STACK - 1)
        return deque([*blank, self.frame()], maxlen=STACK)

    def step(self):
        obs = np.stack([np.stack(stack) for stack in self.stacks])
        n = self.num_envs
        action = self.rng.integers(4, size=n)
        reward = self.rng.normal(size=n)
        self.lengths += 1
        how = self.rng.random(n)
        terminated = (how < 0.06) & (self.lengths > 1)
        truncated = ~terminated & (how < 0.16) & (self.lengths > 1)
        valid = ~(truncated & (how > 0.11))
        next_obs = np.empty_like(obs)
        for env in range(n):
            self.stacks[env].append(self.frame())
            next_obs[env] = np.stack(self.stacks[env])
            if terminated[env] or truncated[env]:
                if not (self.keeps and terminated[env]):
                    self.stacks[env] = self.begin()
                self.lengths[env] = 0
        step = Step(
            obs=obs,
            action=action,
            reward=reward,
            terminated=terminated,
            truncated=truncated,
            next_obs=next_obs,
            next_obs_valid=valid,
            first=self.first,
        )
        self.first = terminated | truncated
        return step


def sizes(num_envs, capacity):
    return Sizes(capacity, num_envs, (STACK, SIDE, SIDE), "uint8", (), "int64", STACK)


def slow_transitions(steps, num_envs, n, gamma):
    """(obs, action, return, next obs, discount) by the definition, of one sub-
    environment after the other."""
    found = []
    for env in range(num_envs):
        for start in range(len(steps)):
            total, discount = 0.0, 1.0
            for now in range(start, min(start + n, len(steps))):
                step = steps[now]
                total += discount * step.reward[env]
                discount *= gamma
                if step.terminated[env]:
                    discount = 0.0
                if step.terminated[env] or step.truncated[env]:
                    if step.truncated[env] and not step.next_obs_valid[env]:
                        discount = None
                    break
            else:
                # What the n-th successor shows must have been stored.
                if start + n >= len(steps):
                    continue
            if discount is None:
                continue
            shown = step.next_obs[env].tobytes() if discount else None
            found.append(
                (
                    steps[start].obs[env].tobytes(),
                    int(steps[start].action[env]),
                    round(total, 4),
                    shown,
                    round(discount, 4),
                )
            )
    return found


def stored_transitions(replay, seed=0, draws=4000):
    """All that ever comes out of a replay."""
    rng = np.random.default_rng(seed)
    batch = replay.sample(draws, rng)
    return Counter(
        (
            batch.obs[k].tobytes(),
            int(batch.action[k]),
            round(float(batch.reward[k]), 4),
            batch.next_obs[k].tobytes() if batch.discount[k] else None,
            round(float(batch.discount[k]), 4),
        )
        for k in range(draws)
    )


def fill(replay, steps):
    for step in steps:
        replay.add(step)
    return replay


@pytest.mark.parametrize("num_envs", [1, 3])
@pytest.mark.parametrize("n", [1, 3, 10])
@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("exponent", [0.0, 0.5])
def test_every_transition_comes_out_and_no_other(num_envs, n, keeps, exponent):
    player = Player(num_envs, keeps_stack_after_end=keeps)
    steps = [player.step() for _ in range(150)]
    replay = fill(
        Replay(
            sizes(num_envs, 1000 * num_envs),
            n_step=n,
            discount=0.9,
            priority_exponent=exponent,
        ),
        steps,
    )
    expected = slow_transitions(steps, num_envs, n, 0.9)
    assert len(replay) == len(expected)
    found = stored_transitions(replay, draws=12_000)
    assert key(found) == key(expected)


def key(transitions):
    """Rounding apart, what a set of transitions is."""
    return {(obs, action, shown, d) for obs, action, _, shown, d in transitions}


def test_returns_are_the_discounted_sums():
    player = Player(1)
    steps = [player.step() for _ in range(100)]
    replay = fill(Replay(sizes(1, 500), n_step=4, discount=0.8), steps)
    expected = {t[0]: t[2] for t in slow_transitions(steps, 1, 4, 0.8)}
    batch = replay.sample(500, np.random.default_rng(0))
    for obs, reward in zip(batch.obs, batch.reward, strict=True):
        assert float(reward) == pytest.approx(expected[obs.tobytes()], abs=1e-3)


@pytest.mark.parametrize("num_envs", [1, 2])
def test_a_full_ring_gives_the_newest_only(num_envs):
    player = Player(num_envs)
    steps = [player.step() for _ in range(400)]
    replay = fill(Replay(sizes(num_envs, 60 * num_envs), n_step=2, discount=0.9), steps)
    newest = key(slow_transitions(steps[-60:], num_envs, 2, 0.9))
    found = key(stored_transitions(replay))
    assert found <= newest
    assert len(found) > 0.6 * len(newest)


def test_priorities_decide_how_often():
    player = Player(1, seed=3)
    replay = Replay(sizes(1, 300), n_step=1, discount=0.9, priority_exponent=0.5)
    fill(replay, [player.step() for _ in range(200)])
    rng = np.random.default_rng(0)
    rows = np.unique(replay.sample(5000, rng).rows)
    priority = rng.uniform(0.1, 5.0, size=len(rows))
    replay.set_priorities(rows, priority)
    batch = replay.sample(200_000, rng, beta=0.7)
    counts = np.array([(batch.rows == row).sum() for row in rows]) / 200_000
    share = priority**0.5 / (priority**0.5).sum()
    np.testing.assert_allclose(counts, share, atol=2e-5 + 1 / 200_000)
    one = {row: batch.weight[batch.rows == row][0] for row in rows}
    expected = (share / share.min()) ** -0.7
    np.testing.assert_allclose([one[row] for row in rows], expected, rtol=1e-4)


def test_new_transitions_get_the_highest_priority():
    player = Player(1, seed=4)
    replay = Replay(sizes(1, 300), n_step=1, discount=0.9, priority_exponent=1.0)
    fill(replay, [player.step() for _ in range(50)])
    rng = np.random.default_rng(0)
    rows = np.unique(replay.sample(2000, rng).rows)
    replay.set_priorities(rows, np.full(len(rows), 100.0))
    fill(replay, [player.step() for _ in range(50)])
    drawn = np.unique(replay.sample(2000, rng).rows)
    new = np.setdiff1d(drawn, rows)
    assert len(new) > 30


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("capacity", [1000, 60])
def test_it_goes_on_where_it_was_saved(tmp_path, mapped, capacity):
    """Also when rows were written between the checkpoint and the kill."""

    def make(name="mapped"):
        return Replay(
            sizes(1, capacity),
            n_step=3,
            discount=0.9,
            priority_exponent=0.5,
            folder=tmp_path / name if mapped else None,
        )

    player = Player(1)
    steps = [player.step() for _ in range(230)]
    replay = fill(make(), steps[:200])
    save_state(tmp_path / "1", replay.state_dict())
    size = sum(f.stat().st_size for f in (tmp_path / "1").iterdir())
    fill(replay, steps[200 : 201 if capacity == 60 else 230])
    del replay
    again = make()
    again.load_state_dict(load_state(tmp_path / "1"))
    fill(again, steps[200:])
    whole = fill(make("another"), steps)
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    for ours, theirs in zip(
        again.sample(64, rng)[:6], whole.sample(64, other)[:6], strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    if mapped and capacity == 1000:
        assert size < 20_000 + 8 * 1100


def test_rows_that_were_overwritten_are_not_gone_on_from(tmp_path):
    player = Player(1)
    folder = tmp_path / "mapped"
    replay = Replay(sizes(1, 60), n_step=1, discount=0.9, folder=folder)
    fill(replay, [player.step() for _ in range(100)])
    assert replay.checkpoint_due
    save_state(tmp_path / "1", replay.state_dict())
    assert replay.checkpoint_due, "nobody said that it was written"
    replay.checkpoint_written()
    assert not replay.checkpoint_due
    fill(replay, [player.step()])
    assert replay.checkpoint_due
    fill(replay, [player.step() for _ in range(5)])
    again = Replay(sizes(1, 60), n_step=1, discount=0.9, folder=folder)
    with pytest.raises(ValueError, match="were overwritten after this checkpoint"):
        again.load_state_dict(load_state(tmp_path / "1"))


def test_an_empty_replay_and_a_small_one_say_so():
    replay = Replay(sizes(1, 60), n_step=1, discount=0.9)
    with pytest.raises(ValueError, match="nothing can be sampled yet"):
        replay.sample(1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="capacity=6 .* holds no transition"):
        Replay(sizes(1, 6), n_step=3, discount=0.9)


@pytest.mark.parametrize("n", [1, 3])
def test_the_smallest_ring_shows_true_frames(n):
    player = Player(1)
    replay = Replay(sizes(1, n + STACK + 1), n_step=n, discount=0.9)
    steps, seen = [], 0
    for _ in range(300):
        steps.append(player.step())
        replay.add(steps[-1])
        if len(replay):
            newest = key(slow_transitions(steps[-12:], 1, n, 0.9))
            assert key(stored_transitions(replay, draws=20)) <= newest
            seen += 1
    assert seen > 100
