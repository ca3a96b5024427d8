import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from harness.actions import BadAction
from harness.agent import BudgetSpent
from harness.meter import Diverged
from results_db.run_files import read_lines


def steps(env, count):
    """Steps with zeros; returns what the last step gave."""
    result = None
    for _ in range(count):
        result = env.step(np.zeros(env.num_envs, dtype=int))
    return result


def test_budget_is_never_exceeded_and_the_rest_is_known(metered):
    env = metered(budget=100, num_envs=8)
    env.reset()
    with pytest.raises(BudgetSpent):
        steps(env, 1000)
    assert env.agent_steps == 96
    assert env.remaining_agent_steps == 4
    with pytest.raises(BudgetSpent):
        steps(env, 1)
    assert env.agent_steps == 96


def test_budget_can_be_spent_to_the_last_step(metered):
    env = metered(budget=96, num_envs=8)
    env.reset()
    steps(env, 12)
    assert env.remaining_agent_steps == 0


def test_episodes_are_recorded_with_raw_returns_and_lengths(metered, tmp_path):
    env = metered(budget=100, num_envs=2, clip_rewards=True)
    env.reset()
    steps(env, 10)
    rows = list(read_lines(tmp_path / "episodes.jsonl"))
    assert [row["sub_env"] for row in rows] == [0, 1, 0, 1]
    assert {row["length"] for row in rows} == {5}
    assert {row["return"] for row in rows} <= {-1.0, 1.0}
    assert [row["agent_steps"] for row in rows] == [10, 10, 20, 20]


def test_clipping_changes_what_the_agent_sees_and_not_what_is_counted(
    metered, tmp_path
):
    seen = {}
    for clip in (False, True):
        env = metered("reach", budget=1000, num_envs=1, clip_rewards=clip)
        env.reset()
        rewards = [env.step(np.zeros((1, 2), np.float32))[1][0] for _ in range(20)]
        seen[clip] = rewards
    recorded = [row["return"] for row in read_lines(tmp_path / "episodes.jsonl")]
    assert set(seen[True]) <= {-1.0, 0.0}
    assert set(seen[False]) - {-1.0, 0.0}
    assert recorded == pytest.approx([sum(seen[False])] * 2)


def test_points_are_served_at_the_entry_of_the_next_step(metered):
    served = []
    env = metered(
        budget=100,
        num_envs=2,
        points=(10, 20, 30),
        on_point=lambda index: served.append((index, env.agent_steps)),
    )
    env.reset()
    steps(env, 5)
    assert env.agent_steps == 10
    assert served == []
    steps(env, 1)
    assert served == [(0, 10)]
    with pytest.raises(BudgetSpent):
        steps(env, 1000)
    assert served == [(0, 10), (1, 20), (2, 30)]


def test_a_point_that_a_vector_step_jumps_over_is_not_served_twice(metered):
    served = []
    env = metered(budget=100, num_envs=32, points=(10, 20, 40), on_point=served.append)
    env.reset()
    with pytest.raises(BudgetSpent):
        steps(env, 1000)
    assert served == [1, 2]


def test_life_loss_ends_the_agents_view_and_not_the_game(metered, tmp_path):
    env = metered("hurry", budget=10_000, num_envs=8, life_loss_ends=True)
    env.reset()
    shown_ends = 0
    for _ in range(200):
        obs, _, terminated, _, infos = env.step(np.zeros(8, dtype=int))
        shown_ends += terminated.sum()
        if "final_obs" in infos:
            assert infos["final_obs_valid"][terminated].all()
    games = list(read_lines(tmp_path / "episodes.jsonl"))
    short = sum(row["length"] == 4 for row in games)
    # Every short game loses its life once on the way.
    assert {row["length"] for row in games} == {4, 40}
    assert abs(shown_ends - (len(games) + short)) <= 8
    assert shown_ends > len(games)


def test_where_a_life_is_lost_the_last_observation_is_the_current_one(metered):
    env = metered("hurry", budget=10_000, num_envs=4, life_loss_ends=True)
    env.reset()
    for _ in range(4):
        obs, _, terminated, _, infos = env.step(np.zeros(4, dtype=int))
        lost = terminated & (obs[:, 1] > 0)
        if lost.any():
            assert (infos["final_obs"][lost] == obs[lost]).all()
            return
    pytest.fail("no life was lost")


def test_next_step_autoreset_does_not_count_ignored_steps(metered, tmp_path):
    env = metered(budget=60, num_envs=1, autoreset="next_step")
    env.reset()
    assert env.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    executed = 0
    with pytest.raises(BudgetSpent):
        while True:
            steps(env, 1)
            executed += 1
    # Five decisions and one ignored reset step an episode.
    assert env.agent_steps == 60
    assert executed == 60 + 12
    rows = list(read_lines(tmp_path / "episodes.jsonl"))
    assert {row["length"] for row in rows} == {5}


def test_bad_actions_never_reach_the_simulator(metered):
    env = metered(budget=100)
    env.reset()
    with pytest.raises(BadAction):
        env.step(np.array([7]))
    assert env.agent_steps == 0


def test_non_finite_metrics_end_the_run(metered):
    env = metered(budget=100)
    env.log({"loss": 1.0})
    with pytest.raises(Diverged, match="loss = nan after 0 agent steps"):
        env.log({"loss": float("nan")})


def test_a_second_reset_records_what_it_abandons(metered, tmp_path):
    env = metered(budget=100, num_envs=2)
    env.reset()
    steps(env, 3)
    env.reset()
    steps(env, 5)
    rows = list(read_lines(tmp_path / "episodes.jsonl"))
    assert [row.get("abandoned", False) for row in rows] == [True, True, False, False]
    assert [row["length"] for row in rows] == [3, 3, 5, 5]


def test_the_seed_of_a_users_reset_is_ignored(metered):
    first = metered(budget=100, num_envs=2)
    second = metered(budget=100, num_envs=2)
    a, _ = first.reset(seed=1)
    b, _ = second.reset(seed=2)
    assert (a == b).all()


def test_no_simulator_shows_behind_the_meter(metered):
    env = metered(budget=100)
    assert isinstance(env, VectorEnv)
    assert env.unwrapped is env
    assert not hasattr(env, "env")
    _, infos = env.reset()
    *_, infos = steps(env, 5)
    assert set(infos) <= {"final_obs", "final_obs_valid"}


def test_digest_depends_on_the_actions(metered):
    digests = []
    for action in (0, 0, 1):
        env = metered(budget=100)
        env.reset()
        for _ in range(5):
            env.step(np.array([action]))
        digests.append(env.digest)
    assert digests[0] == digests[1] != digests[2]
