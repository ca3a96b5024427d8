"""The task page."""

import hashlib

import pytest

from results_db.outcomes import Outcome
from tests.dashboard.conftest import texts, widget


def test_a_task_of_the_address(two):
    app = two.open("task", task="reach")
    assert widget(app, "Task").value == "reach"
    assert "Episodes of the final evaluations" in texts(app)


def test_an_unknown_task_is_replaced_by_the_first(two):
    assert widget(two.open("task", task="../etc"), "Task").value == "catch"


def test_a_task_without_runs_is_said(site):
    site.submit("partial", {"catch": [1.0, 0.9]})
    assert "No method has runs of reach" in texts(site.open("task", task="reach"))


def test_incomplete_methods_are_shown_too(two):
    two.submit("partial", {"catch": [1.0, 0.9]})
    assert "partial" in widget(two.open("task", task="catch"), "Methods").options


def test_published_means_stand_beside_runs(site):
    site.submit("m", {"alien": [200.0]}, suite="atari100k", points=0)
    app = site.open("task", suite="atari100k", task="alien")
    assert widget(app, "Results of papers").value is True


def test_means_stand_with_their_intervals(two):
    table = two.open("task", task="catch").dataframe[0].value
    assert list(table["Method"]) == ["better", "steady"]
    # Two runs: the interval reaches from the one to the other.
    assert list(table["Mean"]) == ["0.650", "0.250"]
    assert list(table["95 % interval"]) == ["[0.500, 0.800]", "[0.000, 0.500]"]


def film(run, content=b"not really a film", **more):
    """A video as the worker leaves it: the file, and the attempt's word of it."""
    (run.path / "video.mp4").write_bytes(content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    shown = {"agent_steps": 5, "every": 1, "episode_return": 1.0}
    number = run.attempts()[-1]["attempt"]
    run.end_attempt(number, Outcome.FINISHED, video={**record, **shown, **more})


def videos(app):
    return app.get("video")


def test_the_video_of_a_run_is_shown(site):
    submission = site.submit("steady")
    film(submission.run("catch", 1), every=3)
    site.ingest()
    app = site.open("task", task="catch")
    assert widget(app, "Run").options == ["steady · seed 1"]
    assert len(videos(app)) == 1
    assert "5 decisions, return 1" in texts(app)
    assert "3 times as fast" in texts(app)


def test_without_a_video_it_is_said_how_to_get_one(two):
    app = two.open("task", task="reach")
    assert not videos(app)
    assert "No video was recorded on reach" in texts(app)
    assert "--suite toy --tasks reach --video" in texts(app)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda file: file.unlink(), "not there any more"),
        (lambda file: file.write_bytes(b"another"), "not the file that was recorded"),
    ],
)
def test_a_video_that_is_gone_breaks_no_page(site, change, complaint):
    run = site.submit("steady").run("catch", 0)
    film(run)
    site.ingest()
    change(run.path / "video.mp4")
    app = site.open("task", task="catch")
    assert not videos(app)
    assert complaint in texts(app)


def test_a_video_that_failed_says_why(site):
    run = site.submit("steady").run("catch", 0)
    number = run.attempts()[-1]["attempt"]
    run.end_attempt(number, Outcome.FINISHED, video={"error": "no *light* here"})
    site.ingest()
    assert "no \\*light\\* here" in texts(site.open("task", task="catch"))
