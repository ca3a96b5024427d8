"""Keeps third parties' banners out of Podium's output."""

import logging

NOTICES = (
    "'settotalmass' is deprecated",
    "Cannot set velocity on Entity with no free joint",
)


def silence_gym() -> None:
    """Removes the old gym's notice; call it before anything imports gym."""
    try:
        from gym_notices.notices import notices
    except ImportError:
        return
    notices.clear()


def silence_mujoco() -> None:
    """Drops two notices of dm_control about its own models from the log."""
    logging.getLogger("absl").addFilter(
        lambda record: not any(text in record.getMessage() for text in NOTICES)
    )
