"""Which runs have a video, and that it is the one that was recorded."""

import hashlib

import pytest

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.outcomes import Outcome
from results_db.videos import Filmed, VideoGone, filmed_runs, read_video
from suites.registry import load_suite
from tests.results_db.conftest import FULL

FILM = b"a film"


def film(run, **record):
    number = run.attempts()[-1]["attempt"]
    run.end_attempt(number, Outcome.FINISHED, video=record)


def runs_of(writer, database, task="catch"):
    assert ingest(writer.runs, database).problems == []
    with read_session(open_for_reading(database)) as session:
        return filmed_runs(session, load_suite("toy"), task)


def test_runs_whose_video_was_asked_for_are_found(writer, tmp_path):
    database = str(tmp_path / "x.db")
    submission = writer.submission("m", scores=FULL)
    assert runs_of(writer, database) == []
    film(submission.run("catch", 1), sha256="ab")
    film(submission.run("catch", 0), error="no light")
    film(submission.run("reach", 0), sha256="cd")
    found = runs_of(writer, database)
    assert [(one.seed, one.error) for one in found] == [(0, "no light"), (1, None)]
    assert found[1].record == {"sha256": "ab"}
    assert {one.submission for one in found} == {submission.path.name}
    other = writer.submission("m", scores=FULL, measurement="0" * 64)
    film(other.run("catch", 0), sha256="ab")
    assert len(runs_of(writer, database)) == 2


def test_the_bytes_are_those_that_were_recorded(writer):
    submission = writer.submission("m", scores=FULL)
    record = {"sha256": hashlib.sha256(FILM).hexdigest()}
    one = Filmed(submission.path.name, "d", "catch", 0, record)
    with pytest.raises(VideoGone, match="not there any more"):
        read_video(writer.runs, one)
    file = submission.run("catch", 0).path / "video.mp4"
    file.write_bytes(FILM)
    assert read_video(writer.runs, one) == FILM
    file.write_bytes(FILM + b".")
    with pytest.raises(VideoGone, match="not the file that was recorded"):
        read_video(writer.runs, one)


@pytest.mark.parametrize("name", ["lab/toy@1-m", "../elsewhere", ""])
def test_no_path_leaves_the_runs_folder(writer, name):
    with pytest.raises(VideoGone, match="recorded elsewhere"):
        read_video(writer.runs, Filmed(name, "d", "catch", 0, {}))
