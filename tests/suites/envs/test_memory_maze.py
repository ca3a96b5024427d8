"""Memory Maze: the fast path against the shipped one, seeds, ends."""

import gc
import hashlib
from itertools import islice
from weakref import ref

import numpy as np
import pytest

from suites.envs.memory_maze import MemoryMazeSimulation, tasks
from suites.registry import load_suite
from suites.settings import MemoryMazeSettings

TASKS = load_suite("memory-maze").tasks
SLOW = pytest.mark.slow


def settings(size, steps=1000):
    return MemoryMazeSettings(size, steps)


def wander(simulation, steps):
    """Holds each random action for six decisions: far enough to meet targets."""
    env = simulation._env
    rng = np.random.default_rng(0)
    for held in rng.choice([1, 1, 2, 3, 4, 5], size=steps // 6 + 1):
        for _ in range(6):
            yield int(held), env


def trajectory(as_shipped, size, steps, seed):
    """Digest of everything that was seen, the return, and the contacts met."""
    simulation = MemoryMazeSimulation(settings(size), as_shipped=as_shipped)
    total = hashlib.sha256(simulation.reset(seed).tobytes())
    rewards, touched = 0.0, 0
    for action, env in islice(wander(simulation, steps), steps):
        step = simulation.step(action)
        rewards += step.reward
        physics = env.physics
        touched += any(
            target._geom_id in physics.data.contact.geom for target in env.task._targets
        )
        total.update(step.obs.tobytes())
        total.update(np.float64(step.reward).tobytes())
        total.update(simulation.state().tobytes())
    simulation.close()
    return total.hexdigest(), rewards, touched


@pytest.mark.parametrize(
    "size", ["9x9", *(pytest.param(s, marks=SLOW) for s in ("11x11", "13x13", "15x15"))]
)
def test_the_fast_path_changes_nothing(size):
    assert trajectory(False, size, 150, 3) == trajectory(True, size, 150, 3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("task", [pytest.param(t, id=t.name) for t in TASKS])
def test_the_fast_path_changes_nothing_over_a_whole_episode(task):
    steps = task.protocol.episode_limit_agent_steps
    fast = trajectory(False, task.name, steps, 3)
    assert fast == trajectory(True, task.name, steps, 3)
    assert fast[2] > 0, "no target was touched: nothing was compared"


def test_targets_are_touched_on_the_fast_path():
    # The comparison above is worth something only if contacts happen.
    touched = sum(trajectory(False, "9x9", 250, seed)[2] for seed in (3, 8))
    assert touched > 0


def test_what_is_dropped_unclosed_gives_its_camera_back_at_once():
    gc.disable()
    try:
        dropped = MemoryMazeSimulation(settings("9x9"))
        dropped.reset(0)
        camera = ref(dropped._camera)
        del dropped
        assert camera() is None
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def simulation():
    made = MemoryMazeSimulation(settings("9x9", 6))
    yield made
    made.close()


def test_an_episode_is_a_function_of_its_seed(simulation):
    def episode(seed, before):
        simulation.reset(before)
        for action in range(3):
            simulation.step(action)
        seen = [simulation.reset(seed).tobytes()]
        for action in (1, 4, 5, 2):
            seen.append(simulation.step(action).obs.tobytes())
        return seen

    assert episode(5, before=1) == episode(5, before=2)
    assert episode(6, before=1) != episode(5, before=1)


def test_episodes_end_by_truncation_at_their_length(simulation):
    simulation.reset(1)
    ends = []
    for _ in range(6):
        step = simulation.step(0)
        ends.append((step.terminated, step.truncated))
    assert ends == [(False, False)] * 5 + [(False, True)]


def test_seeded_mazes_come_from_the_shipped_generator(simulation):
    """Two streams are seeded as the package's constructor seeds them."""
    layout, rest = np.random.SeedSequence(7).generate_state(2) >> 1
    simulation.reset(7)
    ours = str(simulation._env.task._maze_arena._maze.entity_layer)
    env = tasks.memory_maze_9x9(seed=0, image_only_obs=True)
    arena = env.task._maze_arena
    arena._maze.__init__(
        height=11,
        width=11,
        max_rooms=6,
        room_min_size=3,
        room_max_size=5,
        max_variations=26,
        spawns_per_room=1,
        objects_per_room=1,
        simplify=True,
        random_seed=int(layout),
    )
    env.random_state.seed(int(rest))
    env.reset()
    assert str(arena._maze.entity_layer) == ours
    env.close()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_size_exists(task):
    made = getattr(tasks, f"memory_maze_{task.name}")(seed=1, image_only_obs=True)
    assert made.action_spec().num_values == task.actions.n
    limit = made._time_limit / made.control_timestep()
    assert round(limit) == task.protocol.episode_limit_agent_steps
    assert (
        len(made.task._targets)
        == {"9x9": 3, "11x11": 4, "13x13": 5, "15x15": 6}[task.name]
    )
    made.close()
