"""PPO's longer trainings: `make test-learning`."""

import pytest

from suites.procgen import procgen_task
from suites.reference import read_table
from suites.registry import load_suite
from suites.spec import TRAINING_SPLIT, EvaluationPlan
from tests.baselines.gates import judge
from tests.baselines.training import trained

T_MAZE = load_suite("toy-memory").task("t_maze")
SEEDS = pytest.mark.parametrize("seed", [0, 1])


def turned_right(folder, seed, core):
    """Share of 320 games that end in the arm of the cue."""
    options = {"suite": "toy-memory", "games": 320, "core": core}
    _, share = trained("ppo", T_MAZE, 120_000, folder, seed, **options)
    return share


@pytest.mark.slow
@SEEDS
@pytest.mark.parametrize("core", ["lstm", "gru"])
def test_a_core_remembers_the_cue_of_a_t_maze(tmp_path, core, seed):
    share = turned_right(tmp_path, seed, core)
    gate = f"share of T-mazes solved with {core.upper()} after 120,000 steps"
    judge("ppo", gate, seed=seed, measured=share, at_least=0.9)


@pytest.mark.slow
@SEEDS
def test_without_a_core_the_cue_is_forgotten(tmp_path, seed):
    assert turned_right(tmp_path, seed, "none") <= 0.6


@pytest.mark.slow
@pytest.mark.timeout(3600)
@SEEDS
def test_it_learns_one_level_of_bigfish(tmp_path, seed):
    (row,) = (row for row in read_table("procgen") if row["task"] == "bigfish")
    task = procgen_task(
        row,
        mode="easy",
        train_levels=1,
        budget_agent_steps=18 * 32 * 128,
        evaluation=EvaluationPlan(
            every_agent_steps=None,
            episodes=64,
            final_episodes=64,
            num_envs=32,
            splits=(TRAINING_SPLIT,),
        ),
    )
    _, eaten = trained(
        *("ppo", task, 18 * 32 * 128, tmp_path, seed),
        suite="procgen-easy",
        games=64,
        num_envs=32,
        rollout_steps=128,
        epochs=2,
        minibatches=16,
        learning_rate=1e-3,
        discount=0.99,
        impala_channels=(8, 16, 16),
    )
    gate = "return on one level of bigfish after 73,728 steps"
    judge("ppo", gate, seed=seed, measured=eaten, at_least=2.0)
