"""The loop over single environments: what it made is closed when it cannot be built."""

import pytest

from suites.envs.loop import LoopVectorEnv
from suites.envs.toy import Catch


def test_when_one_simulation_cannot_be_made_the_others_are_closed():
    closed = []

    class Counted(Catch):
        def close(self):
            closed.append(self)

    parts = iter([Counted(), Counted()])
    with pytest.raises(StopIteration):
        LoopVectorEnv.build(parts.__next__, 3)
    assert len(closed) == 2
