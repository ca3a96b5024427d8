"""Whether a folder can be written: found out by trying.

Asking for permissions is not enough on network, read-only and full file systems.
"""

import tempfile
from pathlib import Path

from suites.messages import Misused


def try_to_write(folder: Path) -> None:
    """Makes a nameless file in a folder and drops it. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def require_writable(folder: Path, option: str) -> None:
    """Makes a folder and tries it.

    Raises:
        Misused: it cannot be made or written; `option` names another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try_to_write(folder)
    except OSError as error:
        raise Misused(
            f"the folder {folder} cannot be written ({error.strerror}); name another "
            f"with {option}"
        ) from error
