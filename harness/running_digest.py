"""The digest of all that happened in a run, which a resumed run goes on with."""

import hashlib
from collections.abc import Mapping
from typing import Any

DIGEST_STEPS = 64
"""Vector steps that are digested at once."""


class RunningDigest:
    """A digest of a stream that can be saved and goes on.

    blake2b in a chain: each link digests the link before and the next DIGEST_STEPS
    pieces, so the result does not depend on when it was saved.
    """

    def __init__(self) -> None:
        self._link = b""
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        if len(self._pieces) == DIGEST_STEPS:
            self._link = self._digest()
            self._pieces.clear()

    def hex(self) -> str:
        """32 hexadecimal digits."""
        return self._digest().hex()

    def _digest(self) -> bytes:
        content = self._link + b"".join(self._pieces)
        return hashlib.blake2b(content, digest_size=16).digest()

    def save(self) -> dict[str, Any]:
        pieces = [piece.hex() for piece in self._pieces]
        return {"link": self._link.hex(), "pieces": pieces}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._link = bytes.fromhex(state["link"])
        self._pieces = [bytes.fromhex(piece) for piece in state["pieces"]]
