"""Simulates how often the 95 % intervals hold the truth, by the number of runs, and
writes docs/interval_coverage.md. Held by tests/scripts/test_interval_coverage.py.

    python scripts/interval_coverage.py
"""

from pathlib import Path

import numpy as np

from results_db.stats.bootstrap import summarise
from results_db.stats.metrics import AGGREGATES, Estimators
from results_db.stats.scores import Scores

TABLE = Path(__file__).parent.parent / "docs" / "interval_coverage.md"
RUNS = range(1, 11)
TASKS, TRIALS, RESAMPLES = 26, 2000, 1000
TEXT = """# How often the intervals hold the truth

Share of {trials:,} simulated data sets in which the 95 % stratified percentile
bootstrap interval ({resamples:,} resamples) holds the true value, by the number of runs
of each of {tasks} tasks. The tasks' true means are log-normal (median 0.6, sigma 1, as
widely spread as human-normalised Atari scores), the runs of a task log-normal around
its mean with a standard deviation of 30 %. The standard error of a share of 95 % is 0.5
points. One run has no interval, so it holds nothing. Written by
`scripts/interval_coverage.py`; a slow test simulates it again.

| runs | IQM | median | mean | optimality gap |
|---:|---:|---:|---:|---:|
"""


def draw(rng: np.random.Generator, runs: int) -> Scores:
    """A data set of the population, the same tasks every time."""
    means = np.random.default_rng(0).lognormal(np.log(0.6), 1, TASKS)
    sigma = np.sqrt(np.log(1 + 0.3**2))
    noise = rng.lognormal(-(sigma**2) / 2, sigma, (TASKS, runs))
    return Scores.of({f"t{i:02}": means[i] * noise[i] for i in range(TASKS)})


def truth() -> list[float]:
    """The four aggregates of the population: of as many runs as settle three digits."""
    scores = draw(np.random.default_rng(1), 20_000)
    return [float(value[0]) for value in Estimators(scores, gamma=1.0).of_data()]


def coverage(runs: int, *, trials: int, seed: int) -> list[float]:
    """Share of the data sets whose interval holds the truth, for each aggregate."""
    rng = np.random.default_rng([seed, runs])
    true, held = truth(), np.zeros(len(AGGREGATES))
    for trial in range(trials):
        summary = summarise(draw(rng, runs), resamples=RESAMPLES, seed=trial)
        for index, name in enumerate(AGGREGATES):
            estimate = getattr(summary, name)
            if estimate.low is not None:
                held[index] += estimate.low <= true[index] <= estimate.high
    return [float(share) for share in held / trials]


def read_table() -> dict[int, list[float]]:
    """Runs -> the shares that the page shows, in the order of AGGREGATES."""
    rows = {}
    for line in TABLE.read_text().splitlines():
        cells = [
            cell.strip().removesuffix(" %") for cell in line.strip("| ").split("|")
        ]
        if cells[0].isdigit():
            rows[int(cells[0])] = [float(cell) / 100 for cell in cells[1:]]
    return rows


def main() -> None:
    text = TEXT.format(trials=TRIALS, resamples=RESAMPLES, tasks=TASKS)
    for runs in RUNS:
        shares = coverage(runs, trials=TRIALS, seed=0)
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
        text += f"| {runs} | {cells} |\n"
        print(runs, cells, flush=True)
    TABLE.write_text(text)


if __name__ == "__main__":
    main()
