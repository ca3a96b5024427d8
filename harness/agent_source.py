"""Which source an agent is made of, and the digest that tells its versions apart."""

import hashlib
import sys
import sysconfig
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
    total = hashlib.sha256()
    for name, path in sorted(source_files(agent).items()):
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
