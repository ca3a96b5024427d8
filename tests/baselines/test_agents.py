"""Every shipped agent: documented, built for every suite that it supports."""

import inspect
import re
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from harness.actions import ActionCheck
from harness.load_agent import installed_agents, load_agent
from harness.task_info import build_config, choose_options, task_info, unsupported
from suites.registry import all_suites, load_suite

AGENTS = sorted(installed_agents())
TASKS = [(suite, suite.tasks[0]) for suite in all_suites()] + [
    (load_suite("practice"), task) for task in load_suite("practice").tasks[1:]
]


def reason(name, suite, task):
    """Why an agent cannot do a task, or None."""
    return unsupported(load_agent(name), task_info(suite, task))


def build(name, suite, task, *, seed=3, **overrides):
    agent = load_agent(name)
    config = build_config(agent, task_info(suite, task), overrides)
    options = choose_options(agent, task_info(suite, task), config)
    info = task_info(suite, task, options)
    return agent(info, seed=seed, device="cpu", config=config), info


@pytest.mark.parametrize("name", AGENTS)
def test_the_docstring_tells_paper_reference_code_and_differences(name):
    text = inspect.getmodule(load_agent(name)).__doc__
    for part in ("Paper:", "Reference code:", "Differences:"):
        assert re.search(rf"^{part} ?\S", text, re.MULTILINE), part


@pytest.mark.parametrize("name", AGENTS)
def test_every_setting_is_explained_by_a_line_below_it(name):
    config = load_agent(name).Config
    assert is_dataclass(config)
    parts = [kind for kind in config.__mro__ if is_dataclass(kind)]
    source = "".join(map(inspect.getsource, parts))
    for field in fields(config):
        assert re.search(rf'    {field.name}: .*\n    """\S', source), field.name


@pytest.mark.parametrize("name", AGENTS)
def test_it_supports_some_suite(name):
    assert any(reason(name, suite, task) is None for suite, task in TASKS)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    ("suite", "task"), TASKS, ids=[f"{s.name}-{t.name}" for s, t in TASKS]
)
def test_it_acts_on_one_and_many_observations_or_says_what_it_needs(name, suite, task):
    needs = reason(name, suite, task)
    if needs is not None:
        assert needs.startswith("needs ")
        return
    agent, info = build(name, suite, task)
    for size in (1, 5):
        obs = np.zeros((size, *info.observation_space.shape), task.observation.dtype)
        action = agent.policy(seed=0).act(obs, np.ones(size, bool))
        ActionCheck(info.action_space, size)(action)


@pytest.mark.parametrize("name", AGENTS)
def test_two_agents_of_one_seed_are_the_same_agent(name):
    suite = load_suite("toy")
    task = next(task for task in suite.tasks if reason(name, suite, task) is None)
    (one, info), (two, _) = (build(name, suite, task) for _ in range(2))
    obs = np.random.default_rng(0).random((8, *info.observation_space.shape))
    first = np.ones(8, bool)
    acts = [
        agent.act(obs.astype(np.float32), first, (), explore=True)[0].tolist()
        for agent in (one, two)
    ]
    assert acts[0] == acts[1]
