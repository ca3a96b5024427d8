"""Atari against gymnasium's wrappers and against the protocol's own words."""

import ale_py
import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from suites.registry import load_suite
from suites.settings import AtariSettings
from tests.suites.envs.conftest import random_actions

gymnasium.register_envs(ale_py)


def wrapped(game, *, max_frames):
    """The environment that the field uses, without no-ops."""
    made = gymnasium.make(
        f"ALE/{game}-v5",
        frameskip=1,
        repeat_action_probability=0.0,
        max_num_frames_per_episode=max_frames,
    )
    made = AtariPreprocessing(made, noop_max=0, frame_skip=4)
    return FrameStackObservation(made, 4, padding_type="zero")


@pytest.mark.parametrize("game", ["Breakout", "Pong", "MsPacman", "Seaquest", "Boxing"])
def test_frames_rewards_and_ends_equal_gymnasiums_bit_for_bit(env, game):
    task = load_suite("atari100k").task(game)
    ours = env("atari100k", game, settings={"max_no_ops": 0, "max_frames": 2000})
    theirs = wrapped(game, max_frames=2000)
    obs, _ = ours.reset()
    expected, _ = theirs.reset(seed=0)
    assert (obs[0] == expected).all()
    ends = 0
    for actions in random_actions(ours, 1200):
        obs, reward, terminated, truncated, infos = ours.step(actions)
        expected = theirs.step(int(actions[0]))
        ended = terminated[0] or truncated[0]
        shown = infos["final_obs"][0] if ended else obs[0]
        assert (shown == expected[0]).all()
        assert reward[0] == expected[1]
        assert (terminated[0], truncated[0]) == expected[2:4]
        if ended:
            ends += 1
            expected, _ = theirs.reset()
            assert (obs[0] == expected).all()
    assert ends >= 2
    assert task.actions.n == theirs.action_space.n
    theirs.close()


def test_every_game_exists_with_its_minimal_actions(env):
    from ale_py import ALEInterface, LoggerMode, roms

    ALEInterface.setLoggerMode(LoggerMode.Error)
    for task in load_suite("atari100k").tasks:
        settings = task.protocol.settings
        assert isinstance(settings, AtariSettings)
        ale = ALEInterface()
        ale.loadROM(roms.get_rom_path(settings.rom))
        assert len(ale.getMinimalActionSet()) == task.actions.n


def test_settings_of_atari_100k():
    settings = load_suite("atari100k").tasks[0].protocol.settings
    assert settings.sticky_probability == 0.0
    assert (settings.frame_skip, settings.max_frames) == (4, 108_000)
    assert not settings.full_action_space


def test_env_frames_are_those_of_the_emulator(env):
    made = env("atari100k", "breakout", num_envs=2, settings={"max_no_ops": 1})
    made.reset()
    frames = np.zeros(2)
    for actions in random_actions(made, 500):
        _, _, terminated, truncated, infos = made.step(actions)
        taken = infos["env_frames"]
        ended = terminated | truncated
        assert (taken[~ended] == 4).all()
        assert ((taken >= 1) & (taken <= 4)).all()
        frames += taken
    assert frames.max() <= 2000


def second_episode(env, actions_before, settings):
    """The second episode's rewards and frames after another first episode."""
    made = env("atari100k", "breakout", split="evaluation", settings=settings)
    made.reset()
    rng = np.random.default_rng(actions_before)
    while True:
        _, _, terminated, _, _ = made.step(rng.integers(4, size=1))
        if terminated[0]:
            break
    rng = np.random.default_rng(5)
    seen = []
    for _ in range(300):
        obs, reward, *_ = made.step(rng.integers(4, size=1))
        seen.append((obs.tobytes(), reward[0]))
    return seen


@pytest.mark.parametrize("sticky", [0.0, 0.25])
def test_an_episode_is_a_function_of_its_seed_also_with_sticky_actions(env, sticky):
    settings = {"sticky_probability": sticky}
    assert second_episode(env, 1, settings) == second_episode(env, 2, settings)


def test_training_seeds_a_row_again_after_ten_thousand_of_its_steps(env):
    asked = []

    def seeds(row, episode):
        asked.append((row, episode))
        return 1 + episode

    made = env("atari100k", "breakout", seeds=seeds)
    made.reset()
    for actions in random_actions(made, 10_400):
        made.step(actions)
    assert asked[0] == (0, 0)
    assert len(asked) == 2
    assert asked[1][1] > 20


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, (4, 84, 84)),
        ({"resolution": 64, "stack": 1}, (1, 64, 64)),
        ({"grayscale": False, "stack": 2}, (2, 84, 84, 3)),
    ],
)
def test_observation_options(env, options, shape):
    made = env("atari100k", "pong", **options)
    obs, _ = made.reset()
    assert obs.shape[1:] == shape == made.single_observation_space.shape


def test_lives_are_told_and_a_lost_one_does_not_restart_the_game(env):
    made = env("atari100k", "breakout")
    made.reset()
    seen = []
    for _ in range(400):
        action = np.array([1])
        *_, infos = made.step(action)
        if not seen or infos["lives"][0] != seen[-1]:
            seen.append(int(infos["lives"][0]))
    assert seen[:5] == [5, 4, 3, 2, 1]
