"""From a string to an agent's class: `module:Class`, `file.py:Class`, or a short name.

Short names are entry points of the group `podium.agents`. Nothing here imports an agent
until it is asked for.
"""

import importlib
import importlib.util
import inspect
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from suites.envs.quiet import silence_gym
from suites.messages import unknown_name

OURS = ("suites", "results_db", "harness", "baselines", "dashboard")
GROUP = "podium.agents"


class UnknownAgent(LookupError):
    """There is no such agent; the message says what was looked for and what is near."""


class AgentImportFailed(ImportError):
    """The agent's module was found and raised an error when it was imported."""


def installed_agents() -> dict[str, EntryPoint]:
    """Short name -> entry point of every installed agent."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def load_agent(text: str) -> type[Any]:
    """Loads an agent's class.

    A user's folder is appended to the path after our packages, so a lab's own
    `baselines/` does not shadow ours.

    Raises:
        UnknownAgent: no such name, file, module or class, or not an agent.
        AgentImportFailed: importing it raised an error (the cause is chained).
    """
    if ":" not in text:
        return _checked(_load_entry_point(text), text)
    place, _, name = text.rpartition(":")
    module = _load_file(place) if place.endswith(".py") else _load_module(place)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        classes = [
            n
            for n, c in inspect.getmembers(module, inspect.isclass)
            if c.__module__ == module.__name__
        ]
        raise UnknownAgent(unknown_name(f"class in {place}", name, classes))
    return _checked(found, text)


def default_name(text: str) -> str:
    """The name a method gets without --name: entry point, or the file's stem."""
    place, colon, name = text.rpartition(":")
    if not colon:
        return text
    return Path(place).stem if place.endswith(".py") else name.lower()


def _load_entry_point(text: str) -> Any:
    known = installed_agents()
    if text not in known:
        raise UnknownAgent(
            f"{unknown_name('agent', text, known)} An agent of your own is "
            "given as file.py:Class or module:Class."
        )
    entry = known[text]
    module = _import(entry.module)
    found = getattr(module, entry.attr, None)
    if found is None:
        raise UnknownAgent(
            f"agent {text!r} is installed, but {entry.value} is not there"
        )
    return found


def _load_file(place: str) -> ModuleType:
    path = Path(place).resolve()
    if not path.is_file():
        raise UnknownAgent(f"There is no file {place!r} (looked in {Path.cwd()})")
    name = path.stem
    if name in OURS:
        raise UnknownAgent(
            f"{place}: {name!r} is a package of Podium: rename your file"
        )
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    found = importlib.util.find_spec(name) if loaded is None else loaded.__spec__
    if found is not None and found.origin != str(path):
        # Its name is taken by another module: load it under a name of its own.
        name = f"podium_agent_{name}"
    spec = importlib.util.spec_from_file_location(name, path)
    loader = None if spec is None else spec.loader
    if spec is None or loader is None:
        raise UnknownAgent(f"{place} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _run(lambda: loader.exec_module(module), place, path.parent)
    return module


def _load_module(place: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    parents = place.split(".")
    for depth in range(1, len(parents) + 1):
        name = ".".join(parents[:depth])
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            spec = None
        except Exception as error:
            raise _failed(place, error, Path.cwd()) from error
        if spec is None:
            raise UnknownAgent(
                f"There is no module {name!r} (looked in the installed packages and in "
                f"{Path.cwd()}). A file is given as path/to/file.py:Class."
            )
    return _import(place)


def _import(name: str) -> ModuleType:
    loaded: list[ModuleType] = []
    _run(lambda: loaded.append(importlib.import_module(name)), name, Path.cwd())
    return loaded[0]


def _run(load: Any, place: str, folder: Path) -> None:
    silence_gym()  # Stable-Baselines3 and others import it
    for package in OURS:
        importlib.import_module(package)
    try:
        load()
    except (Exception, SystemExit) as error:
        raise _failed(place, error, folder) from error


def _failed(place: str, error: BaseException, folder: Path) -> AgentImportFailed:
    message = f"importing {place} raised {type(error).__name__}: {error}"
    wanted = (getattr(error, "name", None) or "").split(".")[0]
    if (
        isinstance(error, ImportError)
        and wanted in OURS
        and ((folder / wanted).is_dir() or (folder / f"{wanted}.py").is_file())
    ):
        message += (
            f". Both Podium and {folder} have a package {wanted!r}, and Podium's comes "
            "first: rename yours, or install your agent as a package with an entry "
            f"point in the group {GROUP!r}"
        )
    return AgentImportFailed(message)


def _checked(found: Any, text: str) -> type[Any]:
    if not inspect.isclass(found):
        raise UnknownAgent(f"{text} is no class (got {type(found).__name__})")
    for method in ("environment", "train", "policy"):
        if not callable(getattr(found, method, None)):
            raise UnknownAgent(
                f"{text} has no {method}(): an agent implements harness.agent.Agent, "
                "most simply by deriving from harness.agent.StepAgent"
            )
    return found
