"""What became of every planned run, by its files."""

import fcntl
from dataclasses import replace

from results_db.outcomes import Outcome
from results_db.run_files import append_line
from results_db.run_status import run_statuses


def started(writer):
    """A submission with a finished run, one that has started, and one planned."""
    submission = writer.submission("m", scores={"catch": [1.0]}, planned=3)
    run = submission.run("catch", 1)
    run.create(replace(submission.run("catch", 0).spec, seed=1))
    run.start_attempt(pid=1, host="h")
    append_line(run.path / "metrics.jsonl", {"agent_steps": 500, "wall_seconds": 2.0})
    return submission, run


def test_a_run_without_an_end_is_lost_unless_somebody_holds_it(writer):
    submission, run = started(writer)
    assert [one.state for one in run_statuses(submission)] == [
        *("finished", "lost", "planned")
    ]
    with (run.path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        at_work = run_statuses(submission)[1]
    assert at_work.state == "running"
    assert at_work.progress.fraction == 0.25
    assert at_work.progress.steps_per_second == 250


def test_finished_runs_can_be_left_out(writer):
    submission, _ = started(writer)
    seeds = [one.seed for one in run_statuses(submission, unfinished=True)]
    assert seeds == [1, 2]


def test_a_failure_has_its_cause(writer):
    submission, run = started(writer)
    run.end_attempt(1, Outcome.FAILED, error={"type": "E", "message": "why"})
    assert run_statuses(submission)[1].error == "E: why"


def test_what_became_of_a_video_is_said(writer):
    submission = writer.submission("m", scores={"catch": [1.0] * 4})
    words = ({"sha256": "ab"}, {"error": "no light"}, None, None)
    for seed, word in enumerate(words):
        run = submission.run("catch", seed)
        more = {} if word is None else {"video": word}
        run.end_attempt(1, Outcome.FINISHED, **more)
        run.create(replace(run.spec, video=seed != 3))
    assert [one.video for one in run_statuses(submission)] == [
        "recorded",
        "not recorded: no light",
        "not recorded: the worker ended before",
        None,
    ]


def test_a_video_that_is_being_recorded_is_not_given_up(writer):
    submission = writer.submission("m", scores={"catch": [1.0]})
    run = submission.run("catch", 0)
    run.create(replace(run.spec, video=True))
    run.start_attempt(pid=1, host="h")  # whose end is written after the video
    with (run.path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run_statuses(submission)[0].video == "being recorded"
    (status,) = run_statuses(submission)
    assert status.video == "not recorded: the worker ended before"
