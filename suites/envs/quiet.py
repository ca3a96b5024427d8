"""Keeps third parties' banners out of Podium's output."""


def silence_gym() -> None:
    """Removes the old gym's notice; call it before anything imports gym."""
    try:
        from gym_notices.notices import notices
    except ImportError:
        return
    notices.clear()
