"""What a curve lies over: agent steps, or the seconds that training took."""

from typing import Literal

import numpy as np

from results_db.stats.curves import CurveData

Over = Literal["steps", "wall"]
"""`steps`: agent steps. `wall`: wall seconds of training, without evaluations; what an
attempt did behind the checkpoint that the next one went on from does not count."""

_UNITS = (("hours", 3600.0), ("minutes", 60.0))


def time_unit(longest: float) -> tuple[str, float]:
    """The unit in which an axis of up to `longest` seconds is read, and its seconds."""
    return next(((name, size) for name, size in _UNITS if longest >= 2 * size), ONE)


ONE = ("seconds", 1.0)


def held(data: CurveData) -> CurveData:
    """A method's curves over seconds, with each run's last score held until its longest
    run ends.

    Agent steps end for all runs of a protocol at one budget, seconds do not: a run that
    is through has its policy, while another task's still trains. Without that, tasks
    that train for different times share none at which all have a score.
    """
    end = max(
        (at[-1] for runs in data.values() for at, _ in runs if len(at)), default=0
    )
    return {
        task: [
            (np.append(at, end), np.append(scores, scores[-1]))
            if len(at) and at[-1] < end
            else (at, scores)
            for at, scores in runs
        ]
        for task, runs in data.items()
    }
