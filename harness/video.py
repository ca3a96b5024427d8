"""Small mp4 files that every browser plays: H.264 (yuv420p), by PyAV's own ffmpeg."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suites.envs.film import can_be_filmed
from suites.messages import Misused
from suites.spec import Task

PICTURES_A_SECOND = 20
MOST_PICTURES = 2000
"""Of a longer episode every k-th picture is shown: the whole of it, but faster."""
LARGEST_BYTES = 2_000_000
SMALLEST_SIDE = 200
"""Pixels; smaller pictures are enlarged by a whole number."""

_AIM = 0.85
"""Share of the largest size that the encoder aims at, at most: it overshoots."""


def require_video(tasks: Iterable[Task]) -> None:
    """Raises Misused when videos of these tasks cannot be recorded here."""
    if find_spec("av") is None:
        raise Misused(
            "--video needs PyAV, which is not installed. Install it with: "
            "pip install 'podium-rl[video]'"
        )
    for task in tasks:
        if not can_be_filmed(task):
            raise Misused(
                f"--video: {task.name} has no pictures to record; leave --video out"
            )


def pictures_every(shots: int) -> int:
    """Of how many pictures one is shown, so that no more than MOST_PICTURES are."""
    return -(-shots // MOST_PICTURES)


def write_video(file: Path, pictures: Iterable[NDArray[np.uint8]], count: int) -> None:
    """Encodes pictures as they come.

    Args:
        pictures: each [height, width, 3], all of one size with even sides.
        count: about how many there are; the bits are shared out by it.
    """
    import av

    seconds = max(count, 1) / PICTURES_A_SECOND
    bits = int(_AIM * 8 * LARGEST_BYTES / seconds)
    options = {
        "crf": "23",
        "preset": "fast",
        "threads": "1",  # the same bytes everywhere
        "maxrate": str(bits),
        "bufsize": str(2 * bits),
    }
    first_of_all = {"movflags": "+faststart"}
    with av.open(str(file), "w", format="mp4", options=first_of_all) as container:
        stream = None
        for picture in pictures:
            shown = enlarged(picture)
            if stream is None:
                stream = container.add_stream(
                    "libx264", rate=PICTURES_A_SECOND, options=options
                )
                stream.height, stream.width = shown.shape[:2]
                stream.pix_fmt = "yuv420p"
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode())


def enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each pixel as a square, where the picture is small."""
    times = -(-SMALLEST_SIDE // max(picture.shape[:2]))
    return np.ascontiguousarray(picture.repeat(times, axis=0).repeat(times, axis=1))
