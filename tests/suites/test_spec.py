from dataclasses import replace

import pytest

from suites.canonical import canonical_json, digest
from suites.messages import unknown_name
from suites.options import AllowedOptions, EnvOptions, resolve_options
from suites.registry import load_suite
from suites.spec import EvaluationPlan, Reference

TOY = load_suite("toy")
CATCH = TOY.tasks[0]


def changed(**protocol):
    """The toy suite with a changed protocol of its first task."""
    task = replace(CATCH, protocol=replace(CATCH.protocol, **protocol))
    return replace(TOY, tasks=(task, *TOY.tasks[1:]))


def test_canonical_json_does_not_depend_on_order_or_container():
    assert canonical_json({"b": (1, 2), "a": 1.0}) == '{"a":1.0,"b":[1,2]}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="JSON"):
        digest(float("nan"))


@pytest.mark.parametrize(
    "change",
    [
        {"budget_agent_steps": 2001},
        {"action_repeat": 2},
        {"episode_limit_agent_steps": 6},
        {"adapter_version": 2},
        {"reseed_after_agent_steps": 10},
        {"options": AllowedOptions()},
        {"evaluation": replace(CATCH.protocol.evaluation, final_episodes=44)},
    ],
)
def test_what_changes_returns_changes_the_measurement(change):
    assert changed(**change).measurement_hash != TOY.measurement_hash
    assert changed(**change).scoring_hash == TOY.scoring_hash


def test_what_changes_numbers_changes_the_scoring_alone():
    references = (CATCH.references[0], replace(CATCH.references[1], value=2.0))
    task = replace(CATCH, references=references)
    other = replace(TOY, tasks=(task, *TOY.tasks[1:]))
    assert other.scoring_hash != TOY.scoring_hash
    assert other.measurement_hash == TOY.measurement_hash


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": 99},
        {"citations": ()},
        {"notes": ("x",)},
        {"summary": "y"},
        {"version": 2},
    ],
)
def test_seeds_citations_and_words_are_in_neither_hash(change):
    other = replace(TOY, **change)
    assert other.measurement_hash == TOY.measurement_hash
    assert other.scoring_hash == TOY.scoring_hash


def test_an_absent_reference_is_valid_and_never_used():
    absent = Reference("min", None, "nobody has measured it")
    task = replace(CATCH, references=(absent, CATCH.references[1]))
    suite = replace(TOY, tasks=(task, *TOY.tasks[1:]))
    assert suite.bounds(task) is None
    with pytest.raises(ValueError, match="no normalisation constants"):
        suite.normalise(task, 1.0)


def test_tasks_are_found_by_either_name():
    suite = load_suite("atari100k")
    assert suite.task("MsPacman") is suite.task("ms_pacman")
    with pytest.raises(KeyError, match="Did you mean 'ms_pacman'"):
        suite.task("ms-pacman")


def test_evaluation_episodes_are_shared_out_evenly():
    with pytest.raises(ValueError, match="multiple of num_envs=4"):
        EvaluationPlan(None, episodes=4, final_episodes=10, num_envs=4)


def test_points_lie_between_start_and_end():
    plan = EvaluationPlan(10, episodes=1, final_episodes=1, num_envs=1)
    assert plan.points(30) == (10, 20)
    assert replace(plan, every_agent_steps=None).points(30) == ()


def test_options_take_the_protocols_defaults():
    allowed = load_suite("atari100k").tasks[0].protocol.options
    resolved = resolve_options(EnvOptions(num_envs=8, stack=1), allowed)
    assert (resolved.resolution, resolved.grayscale, resolved.stack) == (84, True, 1)
    state = resolve_options(EnvOptions(), AllowedOptions())
    assert (state.resolution, state.grayscale, state.stack) == (None, None, None)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"resolution": 96}, "resolution=96 is not allowed here .allowed: 84, 64"),
        ({"stack": 9}, "stack=9"),
        ({"num_envs": 0}, "num_envs must be 1 .. 1024"),
        ({"num_envs": 2.0}, "num_envs must be 1 .. 1024"),
        ({"num_envs": True}, "num_envs must be 1 .. 1024"),
        ({"autoreset": "disabled"}, "Unknown autoreset"),
        ({"autoreset": "next_step", "life_loss_ends": True}, "same_step"),
    ],
)
def test_options_that_a_protocol_does_not_allow_are_refused(options, complaint):
    allowed = load_suite("atari100k").tasks[0].protocol.options
    with pytest.raises(ValueError, match=complaint):
        resolve_options(EnvOptions(**options), allowed)


@pytest.mark.parametrize("option", ["life_loss_ends", "clip_rewards"])
def test_training_options_belong_to_some_protocols_only(option):
    with pytest.raises(ValueError, match=f"does not allow {option}"):
        resolve_options(EnvOptions(**{option: True}), AllowedOptions())


def test_unknown_names_are_answered_with_the_nearest():
    message = unknown_name("suite", "atari100", ["procgen", "atari100k"])
    assert message == (
        "Unknown suite 'atari100'. Did you mean 'atari100k'? Known: atari100k, procgen."
    )
    assert "Did you mean" not in unknown_name("suite", "zzz", ["atari100k"])
    assert unknown_name("agent", "x\x1b[0m", []) == (
        "Unknown agent 'x\\x1b[0m'. None is known."
    )
