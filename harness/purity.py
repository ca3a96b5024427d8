"""Around an evaluation everything random and every train mode stays as it was."""

import gc
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


@contextmanager
def leaves_no_trace() -> Iterator[None]:
    """Puts back what an evaluation may have changed beside the agent itself.

    The global generators of Python, NumPy and torch, the generator of every gymnasium
    space and the train mode of every torch module that is alive. Spaces and modules are
    found through the garbage collector, so an agent of any structure is covered.
    """
    spaces, modules = _spaces_and_modules()
    before_python = random.getstate()
    before_numpy = np.random.get_state()
    before_spaces = [
        (space, space._np_random, _state(space._np_random)) for space in spaces
    ]
    before_modules = [(module, module.training) for module in modules]
    before_torch = _torch_states()
    try:
        yield
    finally:
        random.setstate(before_python)
        np.random.set_state(before_numpy)
        for space, generator, state in before_spaces:
            space._np_random = generator
            if generator is not None:
                generator.bit_generator.state = state
        for module, training in before_modules:
            module.training = training
        _restore_torch(before_torch)


def global_generators() -> dict[str, Any]:
    """States of the global generators of Python, NumPy and torch, to be saved."""
    torch = _torch_states()
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "torch": None if torch is None else torch[0],
        "cuda": None if torch is None or torch[1] is None else list(torch[1]),
    }


def restore_global_generators(state: dict[str, Any]) -> None:
    """Takes over what `global_generators` gave."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    if state["torch"] is not None:
        _restore_torch((state["torch"], state["cuda"]))


def _state(generator: np.random.Generator | None) -> Any:
    return None if generator is None else generator.bit_generator.state


def _spaces_and_modules() -> tuple[list[Any], list[Any]]:
    from gymnasium import Space

    torch = sys.modules.get("torch")
    module_class = torch.nn.Module if torch is not None else ()
    spaces, modules = [], []
    # By type(), not isinstance(): some objects run code when asked for __class__.
    for thing in gc.get_objects():
        kind = type(thing)
        if issubclass(kind, Space):
            spaces.append(thing)
        elif issubclass(kind, module_class):
            modules.append(thing)
    return spaces, modules


def _torch_states() -> tuple[Any, Any] | None:
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return torch.get_rng_state(), cuda


def _restore_torch(states: tuple[Any, Any] | None) -> None:
    if states is None:
        return
    torch = sys.modules["torch"]
    torch.set_rng_state(states[0])
    if states[1] is not None:
        torch.cuda.set_rng_state_all(states[1])
