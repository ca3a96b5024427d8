"""Trainings on real simulators, through the command line: `make test-learning`."""

import json

import pytest


def final_returns(podium, agent, task):
    """Mean return of each seed's final evaluation."""
    command = ("--suite", "practice", "--tasks", task, "--seeds", 3)
    result = podium("submit", agent, *command, timeout=1800)
    assert result.code == 0, result.out + result.err
    found = []
    for run in podium.runs(f"practice*-{agent}-*/{task}-s*"):
        lines = (run / "evaluations.jsonl").read_text().splitlines()
        (final,) = [row for row in map(json.loads, lines) if row["final"]]
        found.append(sum(final["returns"]) / len(final["returns"]))
    assert len(found) == 3
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("task", ["cartpole_swingup", "seaquest"])
def test_every_seed_of_ppo_ends_above_every_seed_of_random(podium, task):
    assert min(final_returns(podium, "ppo", task)) > max(
        final_returns(podium, "random", task)
    )
