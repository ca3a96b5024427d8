"""The clock of a run: what it counts over several attempts."""

import pytest

from harness import recorder
from harness.recorder import Recorder


@pytest.fixture
def clock(monkeypatch):
    """Seconds that only the test moves."""
    now = [0.0]
    monkeypatch.setattr(recorder, "perf_counter", lambda: now[0])
    return now


def test_work_that_is_done_again_counts_once(tmp_path, clock):
    first = Recorder(tmp_path)
    clock[0] = 10.0
    saved = first.save()
    clock[0] = 25.0  # killed here: these 15 seconds are done again
    first.close()
    clock[0] = 100.0
    second = Recorder(tmp_path)
    clock[0] = 103.0  # an agent is built, an episode played up to where it was
    second.restore(saved)
    clock[0] = 105.0
    assert second.wall_seconds == pytest.approx(12.0)
    second.close()
