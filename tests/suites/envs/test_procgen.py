"""Procgen: levels, time-outs, threads."""

import numpy as np
import pytest

from suites.envs.procgen import ProcgenGym3Env
from suites.envs.procgen_state import (
    load_row,
    read_time_limit,
    save_row,
    with_time_limit,
)
from suites.registry import load_suite
from tests.suites.envs.conftest import random_actions, roll

TASKS = load_suite("procgen-easy").tasks
GAMES = [task.name for task in TASKS]


def limit(engine, steps):
    """Gives every sub-environment of a running engine another time limit."""
    for row in range(engine.num):
        load_row(engine, row, with_time_limit(save_row(engine, row), steps))


def begin(made, steps):
    """Resets, then cuts episodes after so many steps."""
    made.reset()
    limit(made._engine, steps)
    made._time_limit = made._cut_at[:] = steps


@pytest.fixture
def endless():
    """Makes an environment's engine from its first seed on, with time without end."""
    engines = []

    def make(made):
        engines.append(ProcgenGym3Env(rand_seed=made._seeds(0, 0), **made._arguments))
        engines[-1].observe()
        limit(engines[-1], 10**6)
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()  # one left to the garbage collector can block cffi for good


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_game_exists_with_its_sizes(env, task):
    made = env("procgen-easy", task.name)
    obs, _ = made.reset()
    assert obs.shape == (1, 64, 64, 3)
    assert made._engine.ac_space.eltype.n == task.actions.n == 15


def levels(made, steps):
    """Level seeds met, by sub-environment."""
    made.reset()
    met = [[info["level_seed"]] for info in made._engine.get_info()]
    for actions in random_actions(made, steps, seed=steps):
        _, _, terminated, truncated, _ = made.step(actions)
        for row in np.flatnonzero(terminated | truncated):
            met[row].append(made._engine.get_info()[row]["level_seed"])
    return met


def test_training_plays_the_first_200_levels_and_evaluation_all(env):
    def met(split):
        made = env("procgen-easy", "leaper", num_envs=16, split=split)
        return [level for row in levels(made, 300) for level in row]

    assert max(met(None)) < 200
    assert max(met("train_levels")) < 200
    assert len(set(met(None))) > 20
    assert min(met("all_levels")) > 200


def test_levels_depend_on_seed_row_and_episode_alone(env):
    one = levels(env("procgen-easy", "leaper", num_envs=4), 600)
    two = levels(env("procgen-easy", "leaper", num_envs=9), 700)
    for a, b in zip(one, two, strict=False):
        shared = min(len(a), len(b))
        assert shared > 1
        assert a[:shared] == b[:shared]


def test_a_time_out_is_a_truncation_and_a_death_a_termination(env):
    made = env("procgen-easy", "leaper", num_envs=8)
    made.reset()
    lengths, ends = np.zeros(8, int), []
    for _ in range(1100):
        # Action 4 does nothing: the agent waits at the start until time is out.
        _, _, terminated, truncated, infos = made.step(np.full(8, 4))
        lengths += 1
        for row in np.flatnonzero(terminated | truncated):
            ends.append((lengths[row], bool(truncated[row])))
            assert infos["final_obs_valid"][row] == truncated[row]
            lengths[row] = 0
    assert ends
    assert {length for length, cut in ends if cut} <= {500}
    assert all(length < 500 for length, cut in ends if not cut)
    assert any(cut for _, cut in ends)


@pytest.mark.parametrize("mode", ["easy", "hard"])
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_engine_has_the_time_limits_of_the_suite(env, task, mode):
    made = env("procgen-easy", task.name, settings={"distribution_mode": mode})
    made.reset()
    state = save_row(made._engine, 0)
    assert read_time_limit(state) == task.protocol.settings.time_limit
    assert with_time_limit(state, read_time_limit(state)) == state
    assert read_time_limit(with_time_limit(state, 7)) == 7


def test_another_time_limit_than_the_engines_is_refused(env):
    made = env("procgen-easy", "maze", settings={"time_limit": 400})
    with pytest.raises(RuntimeError, match=r"maze's time limit is 400 .* and 500 in"):
        made.reset()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (b"", "laid out in another way"),
        (bytes(4) + b"\xff" * 40, "laid out in another way"),
        (bytes(40), "laid out in another way"),
        (b"\1\0\0\0" + bytes(20_000), "version 1; known is 0"),
    ],
)
def test_a_state_of_another_layout_is_refused(state, message):
    with pytest.raises(RuntimeError, match=message):
        read_time_limit(state)


def play(made, engine, actions):
    """Plays both and returns the last step of each."""
    for batch in actions:
        step = made.step(batch)
        engine.act(batch)
        true = engine.observe()
    return step, true


@pytest.mark.parametrize(
    ("game", "action", "num_envs"),
    [
        ("bigfish", 5, 8),
        ("bossfight", 5, 6),
        ("leaper", 4, 2),
        ("maze", 4, 2),
        ("coinrun", 4, 2),
    ],
)
def test_a_time_outs_last_frame_is_that_of_a_game_without_limit(
    env, endless, game, action, num_envs
):
    made = env("procgen-easy", game, num_envs=num_envs)
    made.reset()
    waiting = [np.full(num_envs, action)] * (made._time_limit - 1)
    actions = [*waiting, np.arange(num_envs)]
    step, (_, true, first) = play(made, endless(made), actions)
    obs, _, _, cut, infos = step
    assert cut.any()
    assert not first[cut].any()
    assert (infos["final_obs_valid"] == cut).all()
    assert (infos["final_obs"][cut] == true["rgb"][cut]).all()
    assert (infos["final_obs"][cut] != obs[cut]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("mode", ["easy", "hard"])
@pytest.mark.parametrize("game", GAMES)
def test_every_games_last_frames_are_true(env, endless, game, mode):
    settings = {"distribution_mode": mode}
    made = env("procgen-easy", game, num_envs=8, settings=settings)
    begin(made, 25)
    step, true = play(made, endless(made), random_actions(made, 25))
    _, reward, terminated, cut, infos = step
    assert cut.any()
    assert (reward == true[0]).all()
    assert (terminated == true[2]).all()
    assert (infos["final_obs"][cut] == true[1]["rgb"][cut]).all()


@pytest.mark.parametrize("game", ["starpilot", "bossfight", "chaser", "leaper"])
def test_a_death_at_the_limits_step_is_a_termination(env, endless, game):
    made = env("procgen-easy", game, num_envs=8)
    actions = random_actions(made, 400)
    engine, steps, dead = endless(made), 0, np.zeros(8, bool)
    while not dead.any():
        engine.act(actions[steps])
        *_, dead = engine.observe()
        steps += 1
    begin(made, steps)
    for batch in actions[:steps]:
        _, _, terminated, truncated, infos = made.step(batch)
    assert (terminated == dead).all()
    assert (truncated == ~dead).all()
    assert (infos["final_obs_valid"] == ~dead).all()
    assert (infos["final_obs"][dead] == 0).all()


def last_frames(made):
    """Last frames of the episodes cut in sub-environment 0, and their steps."""
    begin(made, 20)
    found = []
    for number, batch in enumerate(random_actions(made, 100)):
        _, _, _, truncated, infos = made.step(batch)
        if truncated[0]:
            found.append((number, infos["final_obs"][0].tobytes()))
    return found


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_last_frames_are_the_same_with_threads_and_alone(env, threads):
    alone = last_frames(env("procgen-easy", "starpilot"))
    more = env("procgen-easy", "starpilot", num_envs=4)
    more._arguments["num_threads"] = threads
    assert last_frames(more) == alone
    assert len(alone) >= 2


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_nothing(env, threads):
    one = roll(env("procgen-easy", "starpilot", num_envs=4), 200)
    more = roll(env("procgen-easy", "starpilot", num_envs=4, threads=threads), 200)
    assert one.digest == more.digest


def test_equal_to_the_engine_itself(env):
    made = env("procgen-easy", "bigfish", num_envs=2, seeds=lambda row, episode: 11)
    engine = ProcgenGym3Env(
        num=2,
        env_name="bigfish",
        distribution_mode="easy",
        num_levels=200,
        start_level=0,
        rand_seed=11,
        num_threads=0,
    )
    obs, _ = made.reset()
    for actions in random_actions(made, 300):
        reward, expected, first = engine.observe()
        assert (obs == expected["rgb"]).all()
        engine.act(actions)
        obs, ours, terminated, truncated, _ = made.step(actions)
        reward, _, first = engine.observe()
        assert (ours == reward).all()
        assert ((terminated | truncated) == first).all()
    engine.close()


def test_the_agent_is_never_told_the_level(env):
    made = env("procgen-easy", "coinrun")
    _, infos = made.reset()
    assert infos == {}
    *_, infos = made.step(np.array([4]))
    assert set(infos) == {"env_frames"}
    begin(made, 1)
    *_, infos = made.step(np.array([4]))
    assert set(infos) == {"env_frames", "final_obs", "final_obs_valid"}


DIRECTION_STAYS = pytest.mark.xfail(
    strict=True, reason="the engine keeps the last move's direction over a reset"
)


@pytest.mark.parametrize(
    ("game", "opening"),
    [
        *((game, 4) for game in GAMES if game != "dodgeball"),
        pytest.param("dodgeball", 4, marks=DIRECTION_STAYS),
        ("dodgeball", 7),  # a move, which sets the direction
    ],
)
def test_an_episode_does_not_depend_on_the_actions_of_the_one_before(
    env, game, opening
):
    def second(before):
        made = env("procgen-easy", game, num_envs=8)
        begin(made, 25)
        for batch in random_actions(made, 25, seed=before):
            _, _, _, cut, _ = made.step(batch)
        made.step(np.full(8, opening))
        steps = [made.step(batch) for batch in random_actions(made, 24, seed=9)]
        return cut, np.stack([step[0] for step in steps])

    (cut, one), (also_cut, two) = second(1), second(2)
    rows = cut & also_cut
    assert rows.any()
    assert (one[:, rows] == two[:, rows]).all()
