"""A metered toy task, in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.meter import MeteredEnv
from harness.recorder import Recorder
from harness.seeding import Role, episode_seeds
from suites.envs.make import make_env
from suites.options import EnvOptions, resolve_options
from suites.registry import load_suite


@pytest.fixture
def metered(tmp_path: Path) -> Iterator[Callable[..., MeteredEnv]]:
    """Makes a metered environment of the toy suite; records go to tmp_path."""
    made: list[Recorder] = []

    def make(
        task: str = "catch",
        *,
        budget: int = 100,
        points: tuple[int, ...] = (),
        on_point: Callable[[int], None] = lambda index: None,
        **options: Any,
    ) -> MeteredEnv:
        toy = load_suite("toy").task(task)
        resolved = resolve_options(EnvOptions(**options), toy.protocol.options)
        seeds = episode_seeds("toy", task, 0, role=Role.TRAINING)
        recorder = Recorder(tmp_path)
        made.append(recorder)
        return MeteredEnv(
            make_env(toy, resolved, seeds=seeds),
            resolved,
            budget_agent_steps=budget,
            recorder=recorder,
            points=points,
            on_point=on_point,
        )

    yield make
    for recorder in made:
        recorder.close()
