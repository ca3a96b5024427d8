"""Exported files: written whole, so that nobody reads or keeps half of one."""

import os
from pathlib import Path

from suites.messages import Misused


def write_output(path: Path, content: bytes) -> None:
    """Writes a file under a temporary name beside it, then renames it.

    A link is followed; what is no file, e.g. /dev/stdout, is written to as it is.

    Raises:
        Misused: it cannot be written; what was there is as it was.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.writing")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a null byte
        reason = getattr(error, "strerror", None) or error
        raise Misused(f"{path} cannot be written: {reason}") from error
