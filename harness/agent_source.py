"""Which source an agent is made of, and the digest that tells its versions apart."""

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name
from pathlib import Path

from harness.load_agent import OURS

ENTRIES = ("__main__", "__mp_main__")
"""What was started, under the names that Python gives it: never the agent."""


def source_files(agent: type) -> dict[str, Path]:
    """Loaded modules that belong to the agent: module name -> file.

    All modules outside site-packages and the standard library, except Podium's own, and
    all loaded modules of the agent's own top-level package wherever it is installed.
    """
    paths = sysconfig.get_paths()
    elsewhere = [
        Path(paths[name]).resolve() for name in ("stdlib", "purelib", "platlib")
    ]
    own = agent.__module__.split(".")[0]
    files: dict[str, Path] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        top = name.split(".")[0]
        if not isinstance(file, str) or not file.endswith(".py") or name in ENTRIES:
            continue
        path = Path(file).resolve()
        if not path.is_file():  # torch has modules that name no real file
            continue
        outside = not any(path.is_relative_to(folder) for folder in elsewhere)
        if top == own or (outside and top not in OURS):
            files[name] = path
    return files


def code_digest(agent: type) -> str:
    """SHA-256 over the agent's loaded source: names and contents, in order."""
    return _digest(source_files(agent))


def imported_digest(agent: type, module: str) -> str:
    """The `code_digest` of a run, told in a process that has loaded other agents too:
    over those source files only to which the agent's imports lead.

    Args:
        module: which the agent was loaded from.
    """
    files = source_files(agent)
    reached: dict[str, Path] = {}
    waiting = [module, agent.__module__]
    while waiting:
        name = waiting.pop()
        if name in files and name not in reached:
            reached[name] = files[name]
            waiting += [name.rpartition(".")[0], *_imports(name, files[name])]
    return _digest(reached)


def _digest(files: Mapping[str, Path]) -> str:
    total = hashlib.sha256()
    for name, path in sorted(files.items()):
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _imports(name: str, path: Path) -> Iterator[str]:
    """Modules that loading a module may load; of `from a import b` also `a.b`."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for statement in ast.parse(path.read_bytes()).body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            told = "." * statement.level + (statement.module or "")
            module = resolve_name(told, package)
            yield module
            yield from (f"{module}.{alias.name}" for alias in statement.names)
