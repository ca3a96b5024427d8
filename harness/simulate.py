"""Calls into a simulator, so that its errors are never taken for the agent's."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class EnvironmentFailed(RuntimeError):
    """The simulator raised an error; it is not the agent's."""


def simulate(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls; raises EnvironmentFailed from whatever the simulator raises."""
    try:
        return call(*args, **kwargs)
    except Exception as error:
        raise EnvironmentFailed(f"{type(error).__name__}: {error}") from error
