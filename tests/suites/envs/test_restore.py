"""A saved environment goes on elsewhere as if nothing had happened."""

import numpy as np
import pytest

from harness.state_files import load_state, save_state
from tests.suites.envs.conftest import random_actions

CASES = {
    "toy": ("toy", "hurry", {}, 90),
    "dmc": ("dmc-proprio", "finger_turn_hard", {}, 620),
    "dmc, pixels": ("dmc-planet-100k", "reacher_easy", {}, 30),
    "atari": ("atari100k", "breakout", {}, 700),
    "atari, sticky": ("atari57", "pong", {}, 400),
    "atari, next step": ("atari100k", "breakout", {"autoreset": "next_step"}, 700),
    "procgen": ("procgen-easy", "leaper", {}, 620),
    "procgen, dodgeball": ("procgen-easy", "dodgeball", {}, 200),
    "memory_maze": ("memory-maze", "9x9", {}, 12),
}
AFTER = 150


def play(made, actions):
    """Everything that an agent and the meter see."""
    seen = []
    for action in actions:
        obs, reward, terminated, truncated, infos = made.step(action)
        final = infos.get("final_obs")
        seen.append(
            (
                obs.tobytes(),
                reward.tobytes(),
                terminated.tobytes(),
                truncated.tobytes(),
                infos["env_frames"].tobytes(),
                None if final is None else final.tobytes(),
            )
        )
    return seen


@pytest.mark.parametrize(
    ("suite", "task", "options", "steps"), CASES.values(), ids=CASES
)
def test_it_goes_on_where_it_was(env, tmp_path, suite, task, options, steps):
    num_envs = 1 if task == "9x9" else 3
    after = 8 if task == "9x9" else AFTER
    one = env(suite, task, num_envs=num_envs, **options)
    one.keep_history()
    one.reset()
    actions = random_actions(one, steps + after)
    play(one, actions[:steps])
    save_state(tmp_path / "saved", one.save())
    expected = play(one, actions[steps:])
    other = env(suite, task, num_envs=num_envs, **options)
    other.keep_history()
    other.restore(load_state(tmp_path / "saved"))
    assert play(other, actions[steps:]) == expected


def test_rows_that_were_seeded_at_different_times(env, tmp_path):
    # Training seeds a row of Atari anew only after 10,000 of its steps.
    one = env("atari100k", "breakout", num_envs=2)
    one.keep_history()
    one.reset()
    actions = random_actions(one, 10_700)
    play(one, actions[:10_500])
    saved = one.save()
    assert len(set(saved["ages"])) == 2, "both rows were seeded at one time"
    assert saved["ages"].min() < 10_500, "none was seeded anew"
    expected = play(one, actions[10_500:])
    other = env("atari100k", "breakout", num_envs=2)
    other.restore(saved)
    assert play(other, actions[10_500:]) == expected


def test_history_that_is_not_needed_is_forgotten(env):
    made = env("toy", "catch", num_envs=2)
    made.keep_history()
    made.reset()
    for actions in random_actions(made, 5000):
        made.step(actions)
    assert len(made._history) < 1100
    assert len(made.save()["actions"]) <= 5


def test_without_a_history_there_is_nothing_to_save(env):
    made = env("toy", "catch")
    made.reset()
    with pytest.raises(RuntimeError, match="keep_history"):
        made.save()
    assert made.step(np.array([1]))[0].shape == (1, 36)
