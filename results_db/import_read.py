"""A file from elsewhere -> runs; nothing of it is trusted, its size neither."""

import gzip
import io
import os
import stat
import zlib
from dataclasses import replace
from pathlib import Path
from statistics import median

from results_db.import_csv import read_csv
from results_db.import_dreamerv3 import read_dreamerv3
from results_db.import_format import RAW, BadImport, ImportedData, listed
from suites.spec import Suite

LARGEST_FILE_BYTES = 32 * 2**20
LARGEST_UNPACKED_BYTES = 64 * 2**20
"""Ten times the largest score file that is known (DreamerV3, DMC vision: 3.3 MB)."""

ENOUGH = 0.9
"""The part of the budget from which on a curve counts as whole."""

LIKELY_NORMALISED = 2.0
UNLIKELY_NORMALISED = 100.0
"""Published normalised scores end below 50."""
WIDE = 10.0
"""A suite of such spans of raw returns has scores beyond 2."""

GZIP = b"\x1f\x8b"


def read_bytes(path: Path, *, follow: bool = True) -> bytes:
    """A plain file's content.

    Args:
        follow: False refuses a symbolic link.

    Raises:
        BadImport: it cannot be read, is no plain file, or is too large.
    """
    # A pipe without a writer would be waited for for ever.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
        with open(descriptor, "rb", closefd=True) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BadImport(f"{str(path)!r} is no plain file")
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadImport(f"{str(path)!r} cannot be read ({reason})") from error
    if len(content) > LARGEST_FILE_BYTES:
        raise BadImport(f"the file is larger than {LARGEST_FILE_BYTES // 2**20} MB")
    return content


def parse(
    content: bytes, suite: Suite, *, unit: str, method: str | None
) -> ImportedData:
    """The runs of a file: the documented CSV or a DreamerV3 score file, gzip or not.

    Args:
        unit: `raw` or the suite's normalisation.
        method: a name instead of the file's only one.

    Raises:
        BadImport: what is wrong with it, by line.
    """
    text = _text(_unpacked(content))
    read = read_dreamerv3 if _is_json(text) else read_csv
    data = read(text, suite, unit=unit, method=method)
    remarks = (*data.remarks, *_end_early(data, suite), *_doubts(data, suite, unit))
    return replace(data, remarks=remarks)


def _doubts(data: ImportedData, suite: Suite, unit: str) -> list[str]:
    """Said of scores that look as if they were in the other unit."""
    largest = max(abs(run.score) for run in data.runs)
    spans = [high - low for low, high in filter(None, map(suite.bounds, suite.tasks))]
    wide = bool(spans) and median(spans) > WIDE
    if unit == RAW and wide and largest <= LIKELY_NORMALISED:
        return [f"no score is beyond {largest:.3g}: are they raw returns?"]
    if unit != RAW and largest > UNLIKELY_NORMALISED:
        return [f"scores go up to {largest:,.0f}: are they {unit}?"]
    return []


def _end_early(data: ImportedData, suite: Suite) -> list[str]:
    """Said of curves that end well before their task's budget; where all do, what the
    longest spent, and which end well before that part."""
    budgets = {task.name: task.protocol.budget_agent_steps for task in suite.tasks}
    spent = [
        (run.points[-1][0] / budgets[run.task], run) for run in data.runs if run.points
    ]
    if not spent:
        return []
    remarks = []
    most, longest = max(spent, key=lambda pair: pair[0])
    enough = ENOUGH
    if most < ENOUGH:
        enough *= most
        end, budget = longest.points[-1][0], budgets[longest.task]
        remarks.append(f"curves end after {end:,} of {budget:,} agent steps")
    early = [run for part, run in spent if part < enough]
    if early:
        several = len(data.methods) > 1
        names = [
            f"{run.method + ' ' if several else ''}{run.task} run {run.run} "
            f"({run.points[-1][0]:,} of {budgets[run.task]:,} agent steps)"
            for run in early
        ]
        remarks.append(f"runs that end early and count all the same: {listed(names)}")
    return remarks


def stored_name(content: bytes) -> str:
    """What a file is called among the imports: its kind, nothing of its own name."""
    unpacked = _unpacked(content)
    kind = "json" if _is_json(_text(unpacked)) else "csv"
    return f"scores.{kind}.gz" if content.startswith(GZIP) else f"scores.{kind}"


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("[", "{")


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(LARGEST_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadImport(f"the file's gzip is damaged ({error})") from error
    if len(unpacked) > LARGEST_UNPACKED_BYTES:
        raise BadImport(
            f"the file unpacks to more than {LARGEST_UNPACKED_BYTES // 2**20} MB"
        )
    return unpacked


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadImport(f"line {line}: not UTF-8 text") from error
