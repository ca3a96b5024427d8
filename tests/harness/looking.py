"""What tests look at: the last attempt of a run, the leaderboard, what comes soon."""

import json
import time


def last_attempt(run):
    lines = (run / "attempts.jsonl").read_text().splitlines()
    return json.loads(lines[-1])


def leaderboard(podium):
    result = podium("leaderboard", "toy", "--format", "json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
