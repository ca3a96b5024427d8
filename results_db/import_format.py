"""What `podium import` takes: results that were measured elsewhere, one score a run.

The documented CSV, UTF-8, also written by `podium export --scores`:

    method,task,run,score               one row a run
    method,task,run,score,agent_steps   or several, a curve: its last point is the score

- method: any text of up to 120 visible characters, with single spaces within. A leading
  apostrophe before one of `= + - @ '` belongs to the file, not to the name: it keeps
  spreadsheets from seeing a formula.
- task: the suite's name or the simulator's own (`breakout`, `Breakout`,
  `atari_breakout`).
- run: a whole number, e.g. the seed; a method's run stands once a task.
- score: a finite number in the declared unit: raw returns, or the suite's own
  normalisation.
- agent_steps: policy decisions up to the point, within the suite's budget; empty where
  a run has one row.

A file is taken whole or not at all; what is wrong with it is named by line.
"""

import math
from dataclasses import dataclass

from results_db.export.escape import LONGEST_SHOWN
from results_db.run_facts import can_be_averaged
from suites.messages import Misused
from suites.spec import Suite, Task
from suites.task_names import find_task

RAW = "raw"
EVALUATIONS = {
    "final": "final evaluations of the trained policy",
    "training-window": "returns of the last training episodes",
    "unknown": "how the scores were evaluated is not declared",
}
"""Kind of evaluation -> its words."""

LONGEST_NAME = LONGEST_SHOWN
LARGEST_RUN = 2**31 - 1


class BadImport(Misused):
    """A file cannot be imported; the message names the line and what to do."""


@dataclass(frozen=True)
class ImportedRun:
    """One run of somebody else's."""

    method: str
    task: str
    """The suite's name."""
    run: int
    score: float
    """In the declared unit."""
    points: tuple[tuple[int, float], ...] = ()
    """(agent steps, score) along the curve, ascending; empty without a curve."""


@dataclass(frozen=True)
class ImportedData:
    """All runs of a file, and what a reader must know of how they were made."""

    runs: tuple[ImportedRun, ...]
    remarks: tuple[str, ...] = ()

    @property
    def methods(self) -> list[str]:
        return sorted({run.method for run in self.runs})


def known_unit(unit: str, suite: Suite) -> str:
    """`raw` or the suite's normalisation as it calls it.

    Raises:
        BadImport: another unit; nothing is converted in silence.
    """
    own = suite.scoring.label
    if unit == RAW:
        return RAW
    if _bare(unit) == _bare(own):
        return own
    raise BadImport(
        f"unit {unit!r:.80} is neither 'raw' (returns as the simulator gives them) "
        f"nor {suite.id}'s own normalisation, {own!r}. Scores that are normalised "
        "otherwise are not converted: import the raw returns."
    )


def checked_name(name: str, where: str) -> str:
    """A method's name. Raises BadImport."""
    if not name.strip():
        raise BadImport(f"{where}: the method's name is empty")
    if len(name) > LONGEST_NAME:
        raise BadImport(
            f"{where}: the method's name has {len(name):,} characters; at most "
            f"{LONGEST_NAME} are taken"
        )
    if not name.isprintable():
        raise BadImport(
            f"{where}: the method's name {name!r} holds control or invisible characters"
        )
    if " ".join(name.split()) != name:
        # "x " and "x" would be two methods that look alike wherever they are printed.
        raise BadImport(
            f"{where}: the method's name {name!r} begins or ends with a space, or has "
            "two in a row"
        )
    return name


def checked_task(name: str, suite: Suite, where: str) -> Task:
    """The task of that name. Raises BadImport."""
    try:
        return find_task(suite, name)
    except KeyError as error:
        raise BadImport(f"{where}: {error.args[0]}") from None


def checked_score(
    score: float, task: Task, unit: str, suite: Suite, where: str
) -> float:
    """A score that statistics can be made of. Raises BadImport."""
    if not math.isfinite(score) or not can_be_averaged(score):
        raise BadImport(f"{where}: the score must be a finite number (got {score})")
    if unit == RAW and suite.bounds(task) is None:
        raise BadImport(f"{where}: {task.name} has no constants to normalise with")
    return score


def one_name(data: dict[str, None], method: str | None) -> dict[str, str]:
    """Method in the file -> the name it is imported under.

    Args:
        data: the file's methods.
        method: a name instead of the file's only one.

    Raises:
        BadImport: the file has several methods.
    """
    if method is None:
        return {name: name for name in data}
    if len(data) > 1:
        found = ", ".join(sorted(data)[:5])
        raise BadImport(
            f"--method names a file's only method anew, and this file has {len(data)} "
            f"({found}): name them in the file, or split it"
        )
    return dict.fromkeys(data, checked_name(method, "--method"))


def listed(names: list[str]) -> str:
    """The first few, and how many more."""
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
