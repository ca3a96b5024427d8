"""Our camera against dm_control's: identical pixels, also side by side, clean ends."""

import gc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from dm_control import suite as dm_suite

from suites.envs.camera import OffscreenCamera
from suites.registry import load_suite
from tests.suites.envs.conftest import random_actions, roll

VISION = load_suite("dmc-vision").tasks


def original(settings, seed):
    made = dm_suite.load(settings.domain, settings.task)
    made.task.random.seed(seed)
    made.reset()
    return made


def scaled(made, action):
    bounds = made.action_spec()
    half = (bounds.maximum - bounds.minimum) / 2
    return bounds.minimum + (action.astype(np.float64) + 1.0) * half


@pytest.mark.parametrize("task", VISION, ids=lambda task: task.name)
@pytest.mark.parametrize("side", [84, 64])
def test_pixels_are_those_of_physics_render(env, task, side):
    settings = task.protocol.settings
    theirs = original(settings, 42)
    ours = env("dmc-vision", task.name, seeds=lambda *_: 42, resolution=side)
    obs, _ = ours.reset()
    expected = [theirs.physics.render(side, side, camera_id=settings.camera)] * 3
    assert (obs[0] == np.stack(expected)).all()
    for actions in random_actions(ours, 5):
        obs, *_ = ours.step(actions)
        for _ in range(settings.action_repeat):
            theirs.step(scaled(theirs, actions[0]))
        frame = theirs.physics.render(side, side, camera_id=settings.camera)
        expected = [*expected[1:], frame]
        assert (obs[0] == np.stack(expected)).all()
    theirs.close()


def test_quadruped_is_seen_by_its_third_camera_and_the_others_by_the_first():
    cameras = {t.name: t.protocol.settings.camera for t in VISION}
    assert {name for name, camera in cameras.items() if camera == 2} == {
        "quadruped_run",
        "quadruped_walk",
    }
    assert set(cameras.values()) == {0, 2}


def test_environments_interleaved_in_one_process_do_not_mix(env):
    one = env("dmc-vision", "cheetah_run", num_envs=1)
    alone = [obs[0] for obs in frames(one, 6)]
    other = env("dmc-vision", "walker_walk", num_envs=2, resolution=64)
    other.reset()
    mixed = []
    again = env("dmc-vision", "cheetah_run", num_envs=1)
    for obs in frames(again, 6):
        other.step(other.action_space.sample())
        mixed.append(obs[0])
    assert all((a == b).all() for a, b in zip(alone, mixed, strict=True))


def frames(made, steps):
    obs, _ = made.reset()
    yield obs
    for actions in random_actions(made, steps):
        yield made.step(actions)[0]


def test_a_new_model_is_noticed():
    camera = OffscreenCamera(64, 0)
    for domain, task in (("cartpole", "swingup"), ("cheetah", "run")):
        made = dm_suite.load(domain, task)
        made.reset()
        ours = camera.render(made.physics)
        assert (ours == made.physics.render(64, 64, camera_id=0)).all()
        made.close()
    camera.close()
    camera.close()


class CollectedMeanwhile:
    """A physics that collects garbage when it is drawn, after OpenGL is set up."""

    def __init__(self, physics):
        self.model, self._data = physics.model, physics.data

    @property
    def data(self):
        gc.collect()
        return self._data


def test_a_camera_collected_while_another_draws_does_no_harm():
    made = dm_suite.load("cheetah", "run")
    made.reset()
    camera, lost = OffscreenCamera(64, 0), OffscreenCamera(64, 0)
    before = camera.render(made.physics)
    made.physics.data.qpos[1] += 1.0
    made.physics.forward()
    expected = made.physics.render(64, 64, camera_id=0)
    lost.render(made.physics)
    gc.disable()
    try:
        cycle = SimpleNamespace(camera=lost)
        cycle.itself = cycle
        del cycle, lost
        assert (camera.render(CollectedMeanwhile(made.physics)) == expected).all()
    finally:
        gc.enable()
    assert (before != expected).any()
    assert (camera.render(made.physics) == expected).all()
    camera.close()
    made.close()


SCRIPT = """
from tests.suites.envs.conftest import roll, row_seed
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite
task = load_suite("dmc-vision").task("reacher_hard")
options = resolve_options(EnvOptions(num_envs=2), task.protocol.options)
env = make_env(task, options, seeds=row_seed)
print(roll(env, 8).digest)
"""


def in_another_process():
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )


def test_several_processes_draw_the_same_and_end_without_a_word(env):
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: in_another_process(), range(3)))
    mine = roll(env("dmc-vision", "reacher_hard", num_envs=2), 8).digest
    # The environments were never closed: the interpreter's end does it.
    assert [result.stderr for result in results] == [""] * 3
    assert {result.stdout.strip() for result in results} == {mine}


def test_time_limits_of_pixel_tasks_are_truncations(env):
    made = env("dmc-planet-100k", "cartpole_swingup")
    made.reset()
    for index, actions in enumerate(random_actions(made, 125)):
        _, _, terminated, truncated, infos = made.step(actions)
        assert not terminated[0]
        assert truncated[0] == (index == 124)
        assert infos["env_frames"][0] == 8
