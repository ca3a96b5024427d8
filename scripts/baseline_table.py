"""Writes docs/baselines.md: what the shipped baselines reach, beside published numbers.

    python scripts/baseline_table.py

Reads the run files in results/ through a database of their own. What two means may
differ by comes from Student's t with the published deviation over runs for both, since
our runs are few.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from scipy.stats import t as student

from harness.config import override_texts
from results_db.database import open_for_reading, read_session
from results_db.ingest import ingest
from results_db.method_data import MethodData, load_methods
from suites.published import Published, published
from suites.registry import all_suites
from suites.spec import Suite, Task

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "baselines.md"


@dataclass(frozen=True)
class Counterpart:
    """The published method that an agent answers to on a suite."""

    method: str
    otherwise: str = ""
    """What the published runs set otherwise than the agent, with its source."""
    taken_over: Mapping[str, object] = field(default_factory=dict)
    """Of that, what `--set` can set: a variant with anything else is not judged."""
    remark: str = ""
    """What is known of a `no`."""


COUNTERPARTS = {
    ("atari100k", "der"): Counterpart(
        "DER",
        otherwise="DQN's three convolutions, padded, and one hidden layer of 512 units "
        "(here DER's two, and two streams of 256), noise of .1 (here .5), target "
        "networks of every 8,000th update (here 2,000th), an epsilon of .01 beside the "
        "noise while it trains, importance weights with an exponent of .5 throughout "
        "(here .4 to 1), gradients that are not clipped (google/dopamine as it was "
        "when the paper appeared: d2f4128 of August 2021, labs/atari_100k and jax)",
        taken_over={"noise": 0.1, "target_every": 8_000},
        remark="On seaquest both runs lie far above what was published. With the noise "
        "of the published runs, and then with their target networks too, the mean of "
        "two runs comes closer each time (sections of their own), by more than half in "
        "all. Halfway through training the two runs with slow target networks are at "
        "104 and 212, the four others at 342 to 466; google/dopamine sets 2,000 as "
        "here since November 2021. What no run here has taken over yet, so that it may "
        "be the rest: network, epsilon, importance weights, clipping.",
    ),
    ("atari100k", "spr"): Counterpart("SPR"),
    ("dmc-proprio", "sac"): Counterpart(
        "SAC",
        otherwise="two updates a decision, a temperature that begins at 1, target "
        "networks that move at every update (here one, .1, every second update; "
        "SonyResearch/simba, configs)",
    ),
    ("dmc-vision", "drqv2"): Counterpart("DrQ-v2"),
    ("procgen-easy", "ppo"): Counterpart("PPO"),
}
"""By suite and agent."""


class Reported(NamedTuple):
    """A published mean of one task."""

    mean: float
    runs: int | None
    spread: float | None
    """Standard deviation over runs; None where no single runs are published."""


def tolerance(runs: int, paper: Reported) -> float | None:
    """How far apart our mean over some runs and the published one lie at most, 19 times
    of 20, if all are of one normal distribution; None where its spread is not known."""
    if paper.spread is None or paper.runs is None or paper.runs < 2:
        return None
    error = paper.spread * math.sqrt(1 / runs + 1 / paper.runs)
    return float(student.ppf(0.975, paper.runs - 1)) * error


def verdict(scores: tuple[float, ...], paper: Reported, low: float) -> str:
    """`yes` or `no`, where that can be told: a score of `low`, which is nothing learnt,
    would be a no."""
    allowed = tolerance(len(scores), paper)
    if allowed is None:
        return "-"
    if abs(fmean(scores) - paper.mean) > allowed:
        return "**no**"
    return "yes" if abs(low - paper.mean) > allowed else "cannot be told"


def table(suite: Suite, method: MethodData) -> list[str]:
    """A line a task."""
    lines = [
        "| task | runs | measured | each run | normalised | published | tolerance "
        "| within |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for task in suite.tasks:
        scores = method.raw.get(task.name)
        if scores:
            lines.append(_line(suite, task, scores, _reported(suite, method, task)))
    return lines


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
        *(("-", "-", "-") if paper is None else _compared(suite, task, scores, paper)),
    ]
    return f"| {' | '.join(cells)} |"


def _compared(
    suite: Suite, task: Task, scores: tuple[float, ...], paper: Reported
) -> tuple[str, str, str]:
    shown = number(paper.mean)
    if paper.spread is not None:
        shown += f" ({paper.runs} runs, deviation {number(paper.spread)})"
    allowed, bounds = tolerance(len(scores), paper), suite.bounds(task)
    assert bounds is not None, "its scores were normalised"
    return (
        shown,
        "-" if allowed is None else f"±{number(allowed)}",
        verdict(scores, paper, low=bounds[0]),
    )


def _made_by(method: MethodData) -> str:
    """Which version of the method the runs are of, and how long they took."""
    version = f"Version {method.info.digest[:7]} of its code and settings"
    if overrides := method.info.overrides:
        options = (f"--set {text}" for text in override_texts(overrides))
        version += f", run with `{' '.join(options)}`"
    seconds = [final.wall_seconds for final in method.finals if final.wall_seconds]
    if not seconds:
        return f"{version}."
    hours = fmean(seconds) / 3600
    return (
        f"{version}; a run took {hours:.1f} hours on average, with whatever else its "
        "machine did."
    )


def _counterpart(suite: Suite, method: MethodData) -> Counterpart | None:
    """What the method at these settings answers to, if anything."""
    found = COUNTERPARTS.get((suite.name, method.info.agent))
    if found and method.info.overrides.items() <= found.taken_over.items():
        return found
    return None


def _published(suite: Suite, counterpart: Counterpart) -> Published:
    return next(p for p in published(suite) if p.method == counterpart.method)


def _reported(suite: Suite, method: MethodData, task: Task) -> Reported | None:
    counterpart, name = _counterpart(suite, method), task.name
    if counterpart is None:
        return None
    paper = _published(suite, counterpart)
    if name not in paper.means:
        return None
    return Reported(paper.means[name], paper.runs[name], paper.spread[name])


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
                methods = load_methods(session, suite).items()
                for label, method in sorted(methods, key=_defaults_first):
                    if method.finals and method.info.agent != "random":
                        yield f"## {label} on {suite.id}"
                        yield "\n".join(table(suite, method))
                        yield _made_by(method)
                        yield _source(suite, method)


def _defaults_first(labelled: tuple[str, MethodData]) -> tuple[str, bool, str]:
    label, method = labelled
    return method.info.agent, bool(method.info.overrides), label


def _source(suite: Suite, method: MethodData) -> str:
    counterpart = _counterpart(suite, method)
    if counterpart is None:
        return "No published numbers of this method on this suite are shipped."
    paper = _published(suite, counterpart)
    text = f"Published: {paper.method}, {paper.citation} ({paper.source}): "
    text += f"{paper.statistic}."
    if paper.deviations:
        text += f" Its protocol differs: {paper.deviations}."
    if method.info.overrides:
        return (
            f"{text} What is set here is as in the published runs; what else they set "
            "otherwise stands with the agent's defaults."
        )
    if counterpart.otherwise:
        text += f" Its settings differ: {counterpart.otherwise}."
    if counterpart.remark:
        text += f"\n\n{counterpart.remark}"
    return text


def page(results: Path) -> str:
    """The whole page as Markdown."""
    parts = [
        "# The baselines, measured",
        "Full-protocol runs in `results/`, raw scores of the final evaluation. Fewer "
        "seeds or tasks than the protocol are what could be run so far; tables and "
        "leaderboards show them as incomplete. `podium agents` says whether they are "
        "of an agent's present code. Written by `scripts/baseline_table.py`; `podium "
        "ingest --runs results` puts the runs into a database.",
        "Tolerance: how far apart the measured and the published mean lie at most, 19 "
        "times of 20, if all runs are of one normal distribution (Student's t, with "
        "the published deviation over runs). To lie within it proves no equality, "
        "least of all with two runs; where the score that is normalised to 0 lies "
        "within it too, nothing can be told. Of twenty equal tasks one lies outside "
        "by chance.",
        *(list(sections(results)) or ["No such runs are shipped yet."]),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(ROOT / "results"))
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
