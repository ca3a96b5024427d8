"""The time limit inside the states that Procgen's engine saves: read, check, raise.

A state is a row of native 32-bit numbers and of strings, each after its length. Nothing
else of a state is read here, and no level seed leaves it.

Source: Game::serialize, RandGen::serialize and WriteBuffer of openai/procgen, version
0.10.7 (procgen/src/game.cpp, randgen.cpp, buffer.h).
"""

import struct
from typing import Any

from suites.envs.quiet import silence_gym

silence_gym()

from procgen.env import MAX_STATE_SIZE  # noqa: E402

STATE_VERSION = 0
NUMBER = struct.Struct("=i")
SETTINGS = 17
"""Twelve options, the grid flag, two level bounds, the game's type and its number."""
STEP = 4
"""The last step's reward, end and completion, and the action."""


def save_row(engine: Any, row: int) -> bytes:
    """The state of one sub-environment; `engine.observe()` comes before."""
    buffer = engine._ffi.new("char[]", MAX_STATE_SIZE)
    size = engine.call_c_func("get_state", row, buffer, MAX_STATE_SIZE)
    return bytes(engine._ffi.buffer(buffer, size))


def load_row(engine: Any, row: int, state: bytes) -> None:
    """Puts one sub-environment into a state; `engine.observe()` then shows it."""
    engine.call_c_func("set_state", row, state, len(state))


def read_time_limit(state: bytes) -> int:
    """Steps after which the game ends an episode by itself."""
    return _read(state, _offset(state))


def with_time_limit(state: bytes, steps: int) -> bytes:
    """The same state under another time limit."""
    offset = _offset(state)
    return state[:offset] + NUMBER.pack(steps) + state[offset + NUMBER.size :]


def check_time_limit(state: bytes, *, game: str, expected: int) -> None:
    """Raises RuntimeError where the engine's time limit is not the expected one."""
    got = read_time_limit(state)
    if got != expected:
        raise RuntimeError(
            f"{game}'s time limit is {expected} steps in its settings and {got} in the "
            "engine's state: another engine than procgen 0.10.7, or a wrong setting"
        )


def _offset(state: bytes) -> int:
    """Where the time limit stands."""
    version = _read(state, 0)
    if version != STATE_VERSION:
        raise RuntimeError(
            f"Procgen's state has version {version}; known is {STATE_VERSION}"
        )
    offset = _after_string(state, NUMBER.size)  # the game's name
    offset += SETTINGS * NUMBER.size
    for _ in range(2):  # the generators of level seeds and of the level itself
        offset = _after_string(state, offset + NUMBER.size)  # after "is seeded"
    return offset + STEP * NUMBER.size


def _after_string(state: bytes, offset: int) -> int:
    return offset + NUMBER.size + _read(state, offset)


def _read(state: bytes, offset: int) -> int:
    if not 0 <= offset <= len(state) - NUMBER.size:
        raise RuntimeError(
            "Procgen's state is laid out in another way than procgen 0.10.7's: "
            f"byte {offset} of {len(state)} wanted"
        )
    value: int = NUMBER.unpack_from(state, offset)[0]
    return value
