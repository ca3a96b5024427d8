"""Every suite by its id. A new suite is one file and one line here."""

from functools import cache
from importlib import import_module

from suites.messages import unknown_name
from suites.spec import Suite

SUITES = {
    "atari100k@1": "suites.atari:ATARI100K",
    "atari57@1": "suites.atari:ATARI57",
    "dmc-proprio@1": "suites.dmc:DMC_PROPRIO",
    "dmc-vision@1": "suites.dmc:DMC_VISION",
    "dmc-planet-100k@1": "suites.dmc:DMC_PLANET_100K",
    "dmc-planet-500k@1": "suites.dmc:DMC_PLANET_500K",
    "procgen-easy@2": "suites.procgen:PROCGEN_EASY",
    "procgen-hard@1": "suites.procgen:PROCGEN_HARD",
    "memory-maze@1": "suites.memory_maze:MEMORY_MAZE",
    "memory-maze-10m@1": "suites.memory_maze:MEMORY_MAZE_10M",
    "practice@2": "suites.practice:PRACTICE",
    "toy@1": "suites.toy:TOY",
    "toy-memory@1": "suites.toy:TOY_MEMORY",
}
"""id -> "module:attribute", imported when asked for. From 0.1.0 on old versions
stay."""


def load_suite(name: str) -> Suite:
    """Loads a suite by name (its newest version) or by id (`atari100k@1`).

    Raises:
        KeyError: no such suite or version; the message names the nearest.
    """
    versions = [key for key in SUITES if key == name or key.split("@")[0] == name]
    if not versions:
        known = {key if "@" in name else key.partition("@")[0] for key in SUITES}
        raise KeyError(unknown_name("suite", name, known))
    return _load(max(versions, key=lambda key: int(key.split("@")[1])))


def all_suites() -> list[Suite]:
    """The newest version of every suite, in the registry's order."""
    return [
        load_suite(name) for name in dict.fromkeys(k.partition("@")[0] for k in SUITES)
    ]


@cache
def _load(key: str) -> Suite:
    module, attribute = SUITES[key].split(":")
    suite = getattr(import_module(module), attribute)
    if not isinstance(suite, Suite) or suite.id != key:
        raise TypeError(f"{SUITES[key]} is not the suite {key}")
    return suite
