"""Writes docs/random_agent.md: what the random agent scores on every task measured.

    python scripts/random_agent_table.py

Reads the run files in results/. For Atari the published random column stands beside.
"""

import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from results_db.submission_files import submissions
from suites.registry import load_suite
from suites.spec import Suite

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "random_agent.md"
SIX_FRAMES = ROOT / "docs" / "random_every_six_frames.json"
PUBLISHED_EPISODES = 30
"""Episodes behind a published mean, taken for its error: dqn_zoo says "at least 3"
without a number, and no table prints an error."""


ATARI_NOTES = (
    "Agrees: the two means differ by less than 1.96 times the error of their "
    f"difference, the published one taken as {PUBLISHED_EPISODES} episodes. The last "
    "column is a test of the games that do not agree: the same protocol with one "
    "decision every six frames, 30 episodes (`scripts/random_every_six_frames.py`)."
)


class Measured(NamedTuple):
    """The random agent on one task and split."""

    returns: tuple[float, ...]
    runs: int

    @property
    def mean(self) -> float:
        return fmean(self.returns)

    @property
    def deviation(self) -> float:
        return stdev(self.returns)

    @property
    def half_width(self) -> float:
        """Of a 95 % interval of the mean, over episodes."""
        return 1.96 * self.deviation / math.sqrt(len(self.returns))


def read(results: Path) -> dict[str, dict[tuple[str, str], Measured]]:
    """Suite id -> (task, split) -> what all finished runs returned at their end."""
    found: dict[str, dict[tuple[str, str], list[list[float]]]] = {}
    for submission in submissions(results):
        if submission.plan.method.agent != "random":
            continue
        tasks = found.setdefault(submission.plan.suite, defaultdict(list))
        for run in submission.runs():
            for row in run.rows("evaluations"):
                if run.done and row["final"]:
                    tasks[run.spec.task, row["split"]].append(row["returns"])
    return {
        suite: {
            key: Measured(tuple(r for returns in runs for r in returns), len(runs))
            for key, runs in tasks.items()
        }
        for suite, tasks in found.items()
    }


def agrees(measured: Measured, published: float) -> bool:
    """Whether two means lie within twice the error of their difference."""
    episodes = 1 / len(measured.returns) + 1 / PUBLISHED_EPISODES
    error = measured.deviation * math.sqrt(episodes)
    return abs(measured.mean - published) <= 1.96 * error


def atari(suite: Suite, measured: dict[tuple[str, str], Measured]) -> list[str]:
    """The table beside the published column."""
    lines = [
        "| game | published | measured | episodes | an episode's deviation | agrees | "
        "a decision every 6 frames |",
        "|---|---:|---:|---:|---:|---|---:|",
    ]
    six = json.loads(SIX_FRAMES.read_text())
    for task in suite.tasks:
        if (task.name, "evaluation") not in measured:
            continue
        one = measured[task.name, "evaluation"]
        published = task.reference("random").value
        assert published is not None
        verdict = "yes" if agrees(one, published) else "**no**"
        at_six = six.get(task.name)
        shown = interval(at_six["mean"], at_six["half_width"]) if at_six else "-"
        lines.append(
            f"| {task.name} | {published:g} | {number(one)} | {len(one.returns)} | "
            f"{rounded(one.deviation)} | {verdict} | {shown} |"
        )
    return lines


def conclusion(suite: Suite, measured: dict[tuple[str, str], Measured]) -> str:
    """How many games agree, and what becomes of the others at six frames."""
    six = json.loads(SIX_FRAMES.read_text())
    random = {task.name: task.reference("random").value or 0.0 for task in suite.tasks}
    games = [name for name in random if (name, "evaluation") in measured]
    apart = [
        name for name in games if not agrees(measured[name, "evaluation"], random[name])
    ]
    explained = [
        name
        for name in apart
        if name in six
        and abs(six[name]["mean"] - random[name])
        <= math.sqrt(2) * six[name]["half_width"]
    ]
    left = [name for name in apart if name not in explained]
    return (
        f"{len(games) - len(apart)} of {len(games)} games agree with the published "
        f"column. The others are {', '.join(apart)}. Played with one decision every "
        "six frames instead of four, these agree: "
        f"{', '.join(explained) or 'none'}; not explained by that: "
        f"{', '.join(left) or 'none'}. So the published random column fits slower "
        "decisions than the protocol's; other no-ops, sticky actions or caps are not "
        "needed to explain it."
    )


def others(suite: Suite, measured: dict[tuple[str, str], Measured]) -> list[str]:
    """A table with one column a split."""
    splits = suite.tasks[0].protocol.evaluation.splits
    titles = [split.replace("_", " ") for split in splits]
    lines = [
        f"| task | {' | '.join(titles)} | episodes |",
        "|---|" + "---:|" * (len(splits) + 1),
    ]
    for task in suite.tasks:
        found = [measured.get((task.name, split)) for split in splits]
        cells = [number(one) for one in found if one is not None]
        if len(cells) == len(splits) and found[0] is not None:
            episodes = len(found[0].returns)
            lines.append(f"| {task.name} | {' | '.join(cells)} | {episodes} |")
    return lines


def number(one: Measured) -> str:
    """Mean and half the width of its interval, e.g. `227.8 ± 3.1`."""
    return interval(one.mean, one.half_width)


def interval(mean: float, half_width: float) -> str:
    """Both with digits that mean something, e.g. `7,648 ± 253`."""
    return f"{rounded(mean)} ± {rounded(half_width)}"


def rounded(value: float) -> str:
    """Fewer decimals for larger numbers, never an exponent."""
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"


def page(results: Path) -> str:
    """The whole page as Markdown."""
    measured = read(results)
    parts = [
        "# The random agent, measured",
        "Uniform random actions under each suite's own protocol; returns of the final "
        "evaluation, 3 seeds a task. ± is a 95 % interval over episodes. Written by "
        "`scripts/random_agent_table.py` from the run files in `results/`; `podium "
        "ingest --runs results` puts them into a database.",
    ]
    for suite_id, tasks in sorted(measured.items()):
        suite = load_suite(suite_id)
        table = atari if suite.tasks[0].simulator == "atari" else others
        parts += [f"## {suite.id}", "\n".join(table(suite, tasks))]
        if table is atari:
            parts += [conclusion(suite, tasks), ATARI_NOTES]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(ROOT / "results"))
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
