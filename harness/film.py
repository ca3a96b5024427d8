"""The video of a run, recorded once the run has its result: what fails here costs none.

    <run>/filming/actions.npz    left by the training: what the policy did in the first
                                 episode of its final evaluation
                  video.mp4      as long as it is being written
                  outcome.json   what a process of its own came to
          video.mp4              then, whole

`python -P -m harness.film RUN` plays that episode again and encodes it, where a crash
of a simulator that draws is nobody else's.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.child_process import end_with_launcher, signal_child, start_child
from harness.evaluate import FINAL, FirstEpisode
from harness.seeding import Role, episode_seeds
from harness.video import LARGEST_BYTES, pictures_every, write_video
from results_db.run_files import RunFolder, write_whole
from results_db.videos import VIDEO
from suites.envs.film import Shot, film
from suites.registry import load_suite

FOLDER = "filming"
LONGEST_SECONDS = 900.0
POLL_SECONDS = 0.05


class VideoFailed(RuntimeError):
    """There is no video; the message says why."""


def ask_for_film(run: Path, episode: FirstEpisode) -> None:
    """Leaves an episode to be recorded when the run is done."""
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / "actions.npz",
        actions=episode.actions,
        episode_return=episode.episode_return,
    )


def film_run(run: Path) -> dict[str, Any]:
    """Records the video that `ask_for_film` left, in a process of its own.

    Returns what belongs into the attempt's record: the file's digest and what it shows,
    or `error`. Raises nothing, whatever happens.
    """
    folder = run / FOLDER
    try:
        if not (folder / "actions.npz").exists():
            raise VideoFailed("no episode of a final evaluation was left; see log.txt")
        found = _film_elsewhere(run)
    except BaseException as error:  # a stop too: the run is done, and stays so
        found = {"error": f"{type(error).__name__}: {error}"[:500]}
    if "error" in found:
        sys.stderr.write(f"video not recorded: {found['error']}\n")
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _film_elsewhere(run: Path) -> dict[str, Any]:
    folder = run / FOLDER
    command = [sys.executable, "-P", "-m", "harness.film", str(run.absolute())]
    child = start_child(command, run / "log.txt", os.environ)
    deadline = monotonic() + LONGEST_SECONDS
    try:
        while child.poll() is None:
            if monotonic() > deadline:
                raise VideoFailed(f"took longer than {LONGEST_SECONDS:.0f} s")
            sleep(POLL_SECONDS)
    finally:
        signal_child(child, signal.SIGKILL)
    try:
        found: dict[str, Any] = json.loads((folder / "outcome.json").read_text())
    except FileNotFoundError:
        code = child.returncode
        raise VideoFailed(f"its process ended with {code}; see log.txt") from None
    if "error" not in found:
        (folder / VIDEO).rename(run / VIDEO)
    return found


def record(run: Path) -> dict[str, Any]:
    """Plays the episode again and writes filming/video.mp4; what it shows.

    Raises:
        VideoFailed: it did not go as in the evaluation, or the file is too large.
    """
    spec = RunFolder(run).spec
    suite = load_suite(spec.suite)
    task, split = suite.task(spec.task), suite.scoring.split
    with np.load(run / FOLDER / "actions.npz") as left:
        actions, expected = left["actions"], float(left["episode_return"])
    key = (FINAL, task.protocol.evaluation.splits.index(split))
    seeds = episode_seeds(
        suite.name, task.name, spec.seed, role=Role.EVALUATION, key=key
    )
    shots = film(task, actions, seeds=seeds, split=split)
    reel = Reel(shots, every=pictures_every(len(actions) + 1))
    file = run / FOLDER / VIDEO
    write_video(file, reel, count=(len(actions) + 1) // reel.every)
    if not reel.ended or reel.episode_return != expected:
        end = "" if reel.ended else ", unfinished"
        raise VideoFailed(
            f"the episode played again returned {reel.episode_return}{end}, in the "
            f"evaluation {expected}: the simulator does not repeat itself here"
        )
    content = file.read_bytes()
    if len(content) > LARGEST_BYTES:
        raise VideoFailed(f"{len(content):,} bytes are more than {LARGEST_BYTES:,}")
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "agent_steps": len(actions),
        "every": reel.every,
        "episode_return": expected,
    }


class Reel:
    """The pictures of shots that are shown, counting what all shots say."""

    def __init__(self, shots: Iterator[Shot], *, every: int) -> None:
        """Args:
        every: of so many pictures one is shown.
        """
        self._shots = shots
        self.every = every
        self.episode_return = 0.0
        self.ended = False
        """By the last shot, and by no earlier one."""

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for number, shot in enumerate(self._shots):
            if self.ended:
                raise VideoFailed(f"the episode was over after {number - 1} decisions")
            self.episode_return += shot.reward
            self.ended = shot.ended
            shown = number % self.every == 0 or shot.ended
            if shown and shot.picture is not None:
                yield shot.picture


def main(arguments: Sequence[str]) -> None:
    """Records, and writes down what came of it."""
    end_with_launcher()
    run = Path(arguments[0])
    try:
        found = record(run)
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"[:500]}
    write_whole(run / FOLDER / "outcome.json", found)


if __name__ == "__main__":
    main(sys.argv[1:])
