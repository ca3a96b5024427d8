"""The names by which the rest of the world calls a suite's tasks."""

import re

from suites.messages import unknown_name
from suites.spec import Suite, Task

OTHER_NAMES = {"ball_in_cup_catch": ("cup_catch",)}
"""Task -> what papers call it (cup_catch: DrQ-v2)."""


def find_task(suite: Suite, name: str) -> Task:
    """Looks a task up by its name, its simulator's or a data set's.

    Case and separators do not count: `Breakout`, `breakout`, `atari_breakout`,
    `ALE/Breakout-v5`, `dmc_walker_walk`, `walker-walk`, `procgen_coinrun` and
    `jamesbond` are all found.

    Raises:
        KeyError: no such task; the message names the nearest.
    """
    wanted = _bare(name)
    for task in suite.tasks:
        if wanted in _names(task):
            return task
    short = name if len(name) <= 80 else f"{name[:80]}…"
    known = [task.name for task in suite.tasks]
    raise KeyError(unknown_name(f"task of {suite.name}", short, known))


def _names(task: Task) -> set[str]:
    own = {task.name, *task.aliases, *OTHER_NAMES.get(task.name, ())}
    names = {_bare(name) for name in own}
    names |= {_bare(f"{task.simulator}{name}") for name in own}
    if task.simulator == "atari":
        names |= {_bare(f"ALE/{name}-v5") for name in own}
    return names


def _bare(name: str) -> str:
    return re.sub(r"[\s_/.:-]", "", name.casefold())
