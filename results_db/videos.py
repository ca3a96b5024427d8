"""Videos of runs: which run has one, and its bytes as they were recorded."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from results_db.models import AttemptRow, MethodRow, RunRow, SubmissionRow
from results_db.run_spec import SAFE_NAME
from suites.spec import Suite

VIDEO = "video.mp4"
"""In a run's folder."""
LARGEST_READ = 20_000_000
"""Bytes; podium's own are a tenth of that."""


class Filmed(NamedTuple):
    """A run whose video was asked for."""

    submission: str
    method: str
    """The method version's digest."""
    task: str
    seed: int
    record: dict[str, Any]
    """What its attempt says: `error`, or `sha256`, `agent_steps`, `every`,
    `episode_return`."""

    @property
    def error(self) -> str | None:
        """Why there is no video."""
        error = self.record.get("error")
        return None if error is None else str(error)


class VideoGone(LookupError):
    """A recorded video cannot be shown; the message says why."""


def filmed_runs(session: Session, suite: Suite, task: str) -> list[Filmed]:
    """Runs of a task whose video was asked for, by method and seed."""
    asked = AttemptRow.details["video"].as_string()
    rows = session.execute(
        select(
            SubmissionRow.name,
            MethodRow.digest,
            RunRow.task,
            RunRow.seed,
            AttemptRow.details,
        )
        .join(RunRow, AttemptRow.run_id == RunRow.id)
        .join(SubmissionRow, RunRow.submission_id == SubmissionRow.id)
        .join(MethodRow, SubmissionRow.method_id == MethodRow.id)
        .where(
            SubmissionRow.suite == suite.id,
            SubmissionRow.measurement_hash == suite.measurement_hash,
            RunRow.task == task,
            asked.is_not(None),
        )
        .order_by(MethodRow.name, MethodRow.digest, RunRow.seed, SubmissionRow.name)
    )
    return [
        Filmed(row[0], row[1], row.task, row.seed, row.details["video"])
        for row in rows
        if isinstance(row.details.get("video"), dict)
    ]


def read_video(runs: Path, filmed: Filmed) -> bytes:
    """The bytes of a video, the very ones that were recorded.

    Raises:
        VideoGone: it is not in this runs folder, or is another file by now.
    """
    if not SAFE_NAME.fullmatch(filmed.submission):
        raise VideoGone("not here: it was recorded elsewhere")
    folder = runs / filmed.submission / f"{filmed.task}-s{filmed.seed}"
    try:
        with (folder / VIDEO).open("rb") as file:
            content = file.read(LARGEST_READ)
    except OSError:
        raise VideoGone(f"not there any more: {folder / VIDEO}") from None
    if hashlib.sha256(content).hexdigest() != filmed.record.get("sha256"):
        raise VideoGone(f"not the file that was recorded: {folder / VIDEO}")
    return content
