"""Atari against gymnasium's wrappers, the bare emulator and the protocol's words."""

from collections import deque

import ale_py
import cv2
import gymnasium
import numpy as np
import pytest
from ale_py import ALEInterface, LoggerMode, roms
from ale_py.vector_env import AtariVectorEnv
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from harness.agent_view import AgentView
from suites.options import EnvOptions
from suites.registry import load_suite
from suites.settings import AtariSettings
from tests.suites.envs.conftest import random_actions, row_seed

gymnasium.register_envs(ale_py)
GAMES = ("Breakout", "Pong", "MsPacman", "Seaquest", "Boxing")


def wrapped(game, settings, seed):
    """The environment that the field uses, without no-ops, from the emulator's seed.

    gymnasium derives the emulator's seed from its own; the vector engine passes it on.
    """
    made = gymnasium.make(
        f"ALE/{game}-v5",
        frameskip=1,
        repeat_action_probability=settings.sticky_probability,
        max_num_frames_per_episode=settings.max_frames,
        full_action_space=settings.full_action_space,
    )
    made.unwrapped.ale.setInt("random_seed", seed)
    made.unwrapped.load_game()
    made = AtariPreprocessing(made, noop_max=0, frame_skip=4)
    return FrameStackObservation(made, 4, padding_type="zero")


def play_both(ours, theirs, actions):
    """Holds both equal bit for bit; returns the ends as (step, truncated)."""
    (obs, _), (expected, _) = ours.reset(), theirs.reset()
    assert (obs[0] == expected).all()
    ends = []
    for step, action in enumerate(actions, 1):
        obs, reward, terminated, truncated, infos = ours.step(np.array([action]))
        expected, *told = theirs.step(int(action))[:4]
        ended = terminated[0] or truncated[0]
        shown = infos["final_obs"][0] if ended else obs[0]
        assert (shown == expected).all()
        assert [reward[0], terminated[0], truncated[0]] == told
        if ended:
            ends.append((step, bool(truncated[0])))
            assert (obs[0] == theirs.reset()[0]).all()
    theirs.close()
    return ends


@pytest.mark.parametrize("full_actions", [False, True])
@pytest.mark.parametrize("sticky", [0.0, 0.25])
@pytest.mark.parametrize("game", GAMES)
def test_frames_rewards_and_ends_equal_gymnasiums_bit_for_bit(
    env, game, sticky, full_actions
):
    settings = {
        "max_no_ops": 0,
        "max_frames": 700,
        "sticky_probability": sticky,
        "full_action_space": full_actions,
    }
    ours = env("atari100k", game, settings=settings)
    task = load_suite("atari100k").task(game)
    theirs = wrapped(game, AtariSettings(task.name, **settings), row_seed(0, 0))
    count = 18 if full_actions else task.actions.n
    assert theirs.action_space.n == ours._engine.single_action_space.n == count
    actions = np.random.default_rng(0).integers(count, size=400)
    ends = play_both(ours, theirs, actions)
    assert len(ends) >= 2
    assert any(truncated for _, truncated in ends)


def test_the_cap_of_108000_frames_is_a_truncation(env):
    ours = env("atari100k", "breakout", settings={"max_no_ops": 0})
    theirs = wrapped("Breakout", AtariSettings("breakout", max_no_ops=0), 0)
    # Without the fire button no ball comes and no life is lost.
    assert play_both(ours, theirs, np.zeros(27_100, int)) == [(27_000, True)]


class BareGame:
    """The protocol on the bare emulator: no-ops, repeat, two screens, grey 84, four."""

    def __init__(self, rom, sticky, max_frames):
        ALEInterface.setLoggerMode(LoggerMode.Error)
        self.ale, self.rom, self.max_frames = ALEInterface(), rom, max_frames
        self.ale.setFloat("repeat_action_probability", sticky)

    def reset(self, seed):
        if seed is not None:
            self.ale.setInt("random_seed", seed)
            self.ale.loadROM(roms.get_rom_path(self.rom))
            self.actions = self.ale.getMinimalActionSet()
            self.random = np.random.RandomState(seed)
        self.ale.reset_game()
        bits = int(self.random.randint(2**32, dtype=np.uint32))
        for _ in range(bits * 30 >> 32):
            self.ale.act(self.actions[0])
        screen = self.ale.getScreenGrayscale()
        self.frames, self.screens = 0, [screen, np.zeros_like(screen)]
        self.stack = deque([np.zeros((84, 84), np.uint8)] * 4, maxlen=4)
        return self.observe()

    def step(self, action):
        reward, before = 0, self.frames
        for left in (4, 3, 2, 1):
            reward += self.ale.act(self.actions[action])
            self.frames += 1
            over, cut = self.ale.game_over(), self.frames >= self.max_frames
            if over or cut:
                break
            if left <= 2:
                self.screens[left - 1] = self.ale.getScreenGrayscale()
        return self.observe(), reward, over, cut and not over, self.frames - before

    def observe(self):
        self.screens[0] = np.maximum(*self.screens)
        small = cv2.resize(self.screens[0], (84, 84), interpolation=cv2.INTER_AREA)
        self.stack.append(small)
        return np.stack(self.stack)


@pytest.mark.parametrize("split", ["evaluation", None], ids=["seeded", "unseeded"])
@pytest.mark.parametrize("sticky", [0.0, 0.25])
@pytest.mark.parametrize("game", ["breakout", "seaquest", "ms_pacman"])
def test_equal_to_the_protocol_on_the_bare_emulator(env, game, sticky, split):
    settings = {"sticky_probability": sticky, "max_frames": 1000}
    ours = env("atari100k", game, split=split, settings=settings)
    bare, episode = BareGame(game, sticky, 1000), 0
    obs, _ = ours.reset()
    assert (obs[0] == bare.reset(row_seed(0, 0))).all()
    for actions in random_actions(ours, 600):
        obs, reward, terminated, truncated, infos = ours.step(actions)
        expected, *told = bare.step(actions[0])
        ended = terminated[0] or truncated[0]
        shown = infos["final_obs"][0] if ended else obs[0]
        assert (shown == expected).all()
        frames = infos["env_frames"][0]
        assert [reward[0], terminated[0], truncated[0], frames] == told
        if ended:
            episode += 1
            seed = row_seed(0, episode) if split else None
            assert (obs[0] == bare.reset(seed)).all()
        assert infos["lives"][0] == bare.ale.lives()
    assert episode >= 2


def test_every_game_exists_with_its_minimal_actions(env):
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
    _, infos = made.reset()
    lives, points = [int(infos["lives"][0])], [0.0]
    for actions in random_actions(made, 400, seed=3):
        _, reward, terminated, truncated, infos = made.step(actions)
        points[-1] += reward[0]
        if terminated[0] or truncated[0]:
            break
        if infos["lives"][0] != lives[-1]:
            lives.append(int(infos["lives"][0]))
            points.append(0.0)
    assert lives == [5, 4, 3, 2, 1]
    assert np.count_nonzero(points) >= 2


def test_a_lost_life_goes_on_where_ales_own_option_starts_a_new_game(env):
    ours = env("atari100k", "breakout", settings={"max_no_ops": 0})
    theirs = AtariVectorEnv(
        "breakout",
        num_envs=1,
        autoreset_mode=AutoresetMode.SAME_STEP,
        noop_max=0,
        use_fire_reset=False,
        episodic_life=True,
    )
    (first, _), _, fire = ours.reset(), theirs.reset(), np.array([1])
    for _ in range(200):
        obs, _, ended, _, infos = ours.step(fire)
        new, _, cut, _, told = theirs.step(fire)
        if cut[0]:
            break
    assert (infos["lives"][0], ended[0]) == (4, False)
    assert (told["lives"][0], cut[0]) == (5, True)
    assert (new == first).all()
    assert (obs != first).any()


def test_with_life_loss_ends_the_agent_sees_five_ends_a_game(env):
    made, ends, games = env("atari100k", "breakout"), 0, 0
    view = AgentView(EnvOptions(life_loss_ends=True), 1)
    _, infos = made.reset()
    view.started(infos)
    for actions in random_actions(made, 1000):
        obs, reward, terminated, truncated, infos = made.step(actions)
        shown = view.show(obs, reward, terminated, terminated | truncated, infos)
        ends += int(shown.terminated[0])
        games += int(terminated[0])
        if shown.terminated[0] and not terminated[0]:
            assert (shown.infos["final_obs"] == obs).all()
    assert games >= 3
    assert ends == 5 * games + 5 - infos["lives"][0]


def test_ignored_reset_steps_do_not_bring_the_next_seed_nearer(env):
    def play(autoreset, reseed_after):
        asked, ends = [], []
        made = env(
            "atari100k",
            "breakout",
            autoreset=autoreset,
            seeds=lambda row, episode: asked.append(episode) or episode,
        )
        made._reseed_after = reseed_after
        made.reset()
        for decision, actions in enumerate(random_actions(made, 800), 1):
            _, _, terminated, truncated, _ = made.step(actions)
            if terminated[0] or truncated[0]:
                ends.append(decision)
                if autoreset == "next_step":
                    made.step(actions)
        return asked, ends

    _, ends = play("same_step", 10_000)
    assert play("same_step", ends[1] + 1)[0][:2] == [0, 3]
    assert play("next_step", ends[1] + 1) == play("same_step", ends[1] + 1)
