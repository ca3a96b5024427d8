"""The generalisation gap: how much better a method is on what it was trained on."""

from collections import defaultdict
from statistics import fmean
from typing import NamedTuple

from sqlalchemy.orm import Session

from results_db.query import FinalScore, suite_scores
from results_db.stats import stored
from results_db.stats.bootstrap import RESAMPLES
from results_db.stats.scores import Scores
from suites.spec import TRAINING_SPLIT, Suite


class Generalisation(NamedTuple):
    """How a method plays what it was trained on, and what it loses elsewhere."""

    training_levels: float
    """Mean over tasks of the normalised score on what was trained on."""
    gap: float
    """That minus the same on what is scored."""
    low: float | None = None
    """Of the gap's interval: runs are resampled, each with both of its scores. None
    when a task has one run only, or a run lacks one of the two."""
    high: float | None = None


def generalisation(
    session: Session,
    suite: Suite,
    scores: list[FinalScore],
    *,
    resamples: int = RESAMPLES,
) -> dict[str, Generalisation]:
    """Method digest -> its generalisation, where it has all tasks on both splits;
    empty for a suite without such a split.

    Args:
        scores: the methods' runs on the scored split.
        resamples: of the bootstrap.
    """
    if suite.scoring.split == TRAINING_SPLIT or not any(
        TRAINING_SPLIT in task.protocol.evaluation.splits for task in suite.tasks
    ):
        return {}
    trained = _by_run(suite, suite_scores(session, suite, TRAINING_SPLIT))
    scored = _by_run(suite, scores)
    found = {}
    for method, high in trained.items():
        low = scored.get(method, {})
        if len(high) == len(low) == len(suite.tasks):
            trained_on = _mean(high)
            gap = trained_on - _mean(low)
            interval = _interval(high, low, resamples=resamples)
            found[method] = Generalisation(trained_on, gap, *interval)
    return found


TaskRuns = dict[str, dict[int, float]]
"""Task -> run id -> normalised score."""


def _by_run(suite: Suite, scores: list[FinalScore]) -> dict[str, TaskRuns]:
    """Method digest -> its runs."""
    values: dict[str, TaskRuns] = defaultdict(lambda: defaultdict(dict))
    for score in scores:
        normalised = suite.normalise(suite.task(score.task), score.score)
        values[score.method][score.task][score.run_id] = normalised
    return values


def _mean(tasks: TaskRuns) -> float:
    return fmean(fmean(runs.values()) for runs in tasks.values())


def _interval(
    trained: TaskRuns, scored: TaskRuns, *, resamples: int
) -> tuple[float | None, float | None]:
    """Of the mean over tasks of the runs' own differences."""
    if any(trained[task].keys() != scored[task].keys() for task in trained):
        return None, None
    gaps = {
        task: [value - scored[task][run] for run, value in runs.items()]
        for task, runs in trained.items()
    }
    mean = stored.summarise(Scores.of(gaps), resamples=resamples).mean
    return mean.low, mean.high
