"""Canonical JSON and the digests made of it: equal meaning, equal bytes."""

import dataclasses
import hashlib
import json
from typing import Any


def plain(value: Any) -> Any:
    """Turns dataclasses and tuples into dicts and lists, all the way down.

    A dataclass names its class under ``kind``, so that two settings with equal
    fields but different meaning never look alike.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)
        }
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def canonical_json(value: Any) -> str:
    """One JSON text per meaning: sorted keys, no spaces, ASCII, no NaN.

    Raises:
        ValueError: a number is not finite (JSON has no word for it).
    """
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
