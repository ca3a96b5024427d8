"""Fingerprints: all recorded, repeatable, and a drift is seen."""

import json

import pytest

from suites.envs import fingerprint
from suites.envs.fingerprint import (
    RECORDED,
    check_fingerprint,
    read_recorded,
    take_fingerprint,
)
from suites.envs.make import draws_with_gl
from suites.registry import SUITES, load_suite
from tests.suites.envs.conftest import random_actions

EVERY_SUITE = pytest.mark.parametrize("name", SUITES)


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A copy of the record that a test may change."""
    path = tmp_path / "fingerprints.json"
    document = json.loads(RECORDED.read_text())

    def change(task, **fields):
        document["tasks"][task] |= fields
        path.write_text(json.dumps(document))
        read_recorded.cache_clear()

    monkeypatch.setattr(fingerprint, "RECORDED", path)
    yield change
    read_recorded.cache_clear()


@EVERY_SUITE
def test_every_task_has_its_fingerprint_on_record(name):
    suite = load_suite(name)
    tasks = read_recorded()["tasks"]
    for task in suite.tasks:
        known = tasks[f"{suite.id}/{task.name}"]
        assert len(known["dynamics"]) == 16
        assert bool(known["pixels"]) == draws_with_gl(task)


def test_the_record_holds_nothing_else():
    tasks = {f"{s}/{task.name}" for s in SUITES for task in load_suite(s).tasks}
    assert set(read_recorded()["tasks"]) == tasks


@EVERY_SUITE
def test_every_simulator_plays_as_recorded(name):
    suite = load_suite(name)
    for task in suite.tasks:
        check = check_fingerprint(suite, task)
        assert check.status == "same", f"{task.name}: {check.detail}"


def test_different_tasks_have_different_fingerprints():
    suite = load_suite("atari57")
    tasks = read_recorded()["tasks"]
    found = {tasks[f"{suite.id}/{task.name}"]["dynamics"] for task in suite.tasks}
    assert len(found) == 57


def test_changed_dynamics_are_a_drift_and_the_versions_are_named(recorded):
    suite = load_suite("procgen-easy")
    recorded("procgen-easy@2/leaper", dynamics="0" * 16)
    check = check_fingerprint(suite, suite.task("leaper"))
    assert check.status == "drifted"
    assert "dynamics differ" in check.detail
    assert "procgen-mirror 0.10.7" in check.detail


def test_changed_pixels_are_a_drift_and_an_unknown_renderer_is_not(recorded):
    suite = load_suite("dmc-vision")
    task = suite.task("cartpole_balance")
    found = take_fingerprint(task)
    recorded("dmc-vision@1/cartpole_balance", pixels={found.renderer: "0" * 16})
    check = check_fingerprint(suite, task)
    assert (check.status, check.found) == ("drifted", found)
    assert "pixels differ" in check.detail
    recorded("dmc-vision@1/cartpole_balance", pixels={"another card": "0" * 16})
    check = check_fingerprint(suite, task)
    assert check.status == "same"
    assert f"no pixels are recorded for {found.renderer}" in check.detail


def test_the_same_physics_from_state_and_from_pixels(env):
    state = env("dmc-proprio", "cartpole_balance")
    pixels = env("dmc-vision", "cartpole_balance")
    state.reset()
    pixels.reset()
    assert (state.state() == pixels.state()).all()
    for actions in random_actions(state, 40):
        (_, mine, *_), (_, theirs, *_) = state.step(actions), pixels.step(actions)
        assert (mine == theirs).all()
        assert (state.state() == pixels.state()).all()


def test_the_fingerprint_of_what_is_drawn_has_its_pixels_apart():
    state = take_fingerprint(load_suite("dmc-proprio").task("cartpole_balance"))
    pixels = take_fingerprint(load_suite("dmc-vision").task("cartpole_balance"))
    assert state.pixels is None
    assert pixels.pixels is not None
    assert state.dynamics != pixels.dynamics
