"""Writes docs/baselines.md: what the shipped baselines reach, beside published numbers.

    python scripts/baseline_table.py

Reads the run files in results/ through a database of their own. A published mean
agrees with ours when they differ by less than 1.96 times the error of their difference;
the deviation over runs is the published one for both, since ours are few.
"""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.method_data import MethodData, load_methods
from suites.published import published
from suites.registry import all_suites
from suites.spec import Suite, Task

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "baselines.md"

COUNTERPARTS = {
    ("atari100k", "der"): "DER",
    ("atari100k", "spr"): "SPR",
    ("dmc-proprio", "sac"): "SAC",
    ("dmc-vision", "drqv2"): "DrQ-v2",
    ("procgen-easy", "ppo"): "PPO",
}
"""(suite, agent) -> the published method that it answers to."""


class Reported(NamedTuple):
    """A published mean of one task."""

    method: str
    mean: float
    runs: int | None
    spread: float | None
    """Standard deviation over runs; None where no single runs are published."""


def agrees(scores: tuple[float, ...], paper: Reported) -> bool | None:
    """Whether the means lie within 1.96 errors of their difference; None where the
    paper's spread is not known."""
    if not paper.spread or not paper.runs:
        return None
    error = paper.spread * math.sqrt(1 / len(scores) + 1 / paper.runs)
    return abs(fmean(scores) - paper.mean) <= 1.96 * error


def table(suite: Suite, method: MethodData) -> list[str]:
    """A line a task."""
    lines = [
        "| task | runs | measured | each run | normalised | published | agrees |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    hours = [final.wall_seconds for final in method.finals if final.wall_seconds]
    for task in suite.tasks:
        scores = method.raw.get(task.name)
        if scores:
            lines.append(_line(suite, task, scores, _reported(suite, method, task)))
    took = fmean(hours) / 3600 if hours else math.nan
    shared = "on machines that did other work beside it"
    return [*lines, "", f"A run took {took:.1f} hours on average, {shared}."]


def _line(
    suite: Suite, task: Task, scores: tuple[float, ...], paper: Reported | None
) -> str:
    mean = fmean(scores)
    cells = [
        task.name,
        str(len(scores)),
        number(mean),
        ", ".join(map(number, scores)),
        f"{suite.normalise(task, mean):.3f}",
        *_verdict(scores, paper),
    ]
    return f"| {' | '.join(cells)} |"


def _verdict(scores: tuple[float, ...], paper: Reported | None) -> tuple[str, str]:
    if paper is None:
        return "-", "-"
    shown = number(paper.mean)
    if paper.spread is not None:
        shown += f", deviation {number(paper.spread)} over {paper.runs} runs"
    return shown, {True: "yes", False: "**no**", None: "-"}[agrees(scores, paper)]


def _reported(suite: Suite, method: MethodData, task: Task) -> Reported | None:
    wanted = COUNTERPARTS.get((suite.name, method.info.agent))
    for paper in published(suite):
        if paper.method == wanted and task.name in paper.means:
            name = task.name
            return Reported(
                wanted, paper.means[name], paper.runs[name], paper.spread[name]
            )
    return None


def number(value: float) -> str:
    """Fewer decimals for larger numbers, never an exponent."""
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"


def sections(results: Path) -> Iterator[str]:
    """One for every suite and method with results, `random` left out."""
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "shipped.db")
        if problems := ingest(results, database).problems:
            raise SystemExit("\n".join(problems))
        with read_session(open_for_reading(database)) as session:
            for suite in all_suites():
                for label, method in load_methods(session, suite).items():
                    if method.finals and method.info.agent != "random":
                        yield f"## {label} on {suite.id}"
                        yield "\n".join(table(suite, method))
                        yield _source(suite, method)


def _source(suite: Suite, method: MethodData) -> str:
    wanted = COUNTERPARTS.get((suite.name, method.info.agent))
    for paper in published(suite):
        if paper.method == wanted:
            text = f"Published: {paper.method}, {paper.citation} ({paper.source})."
            if paper.deviations:
                text += f" Its protocol differs: {paper.deviations}."
            return text
    return "No published numbers of this method on this suite are shipped."


def page(results: Path) -> str:
    """The whole page as Markdown."""
    parts = [
        "# The baselines, measured",
        "Full-protocol runs in `results/`, raw scores of the final evaluation. Fewer "
        "seeds or tasks than the protocol are what could be run so far; tables and "
        "leaderboards show them as incomplete. Agrees: the two means differ by less "
        "than 1.96 times the error of their difference, with the published deviation "
        "over runs for both. Written by `scripts/baseline_table.py`; `podium ingest "
        "--runs results` puts the runs into a database.",
        *(list(sections(results)) or ["No such runs are shipped yet."]),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(ROOT / "results"))
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
