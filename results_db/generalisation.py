"""The generalisation gap: how much better a method is on what it was trained on."""

from collections import defaultdict
from statistics import fmean
from typing import NamedTuple

from sqlalchemy.orm import Session

from results_db.query import FinalScore, suite_scores
from suites.spec import TRAINING_SPLIT, Suite


class Generalisation(NamedTuple):
    """How a method plays what it was trained on, and what it loses elsewhere."""

    training_levels: float
    """Mean over tasks of the normalised score on what was trained on."""
    gap: float
    """That minus the same on what is scored."""


def generalisation(
    session: Session, suite: Suite, scores: list[FinalScore]
) -> dict[str, Generalisation]:
    """Method digest -> its generalisation, where it has all tasks on both splits;
    empty for a suite without such a split.

    Args:
        scores: the methods' runs on the scored split.
    """
    if suite.scoring.split == TRAINING_SPLIT or not any(
        TRAINING_SPLIT in task.protocol.evaluation.splits for task in suite.tasks
    ):
        return {}
    trained = suite_scores(session, suite, TRAINING_SPLIT)
    high, low = _task_means(suite, trained), _task_means(suite, scores)
    found = {}
    for method, means in high.items():
        if len(means) == len(low.get(method, ())) == len(suite.tasks):
            trained_on = fmean(means.values())
            gap = trained_on - fmean(low[method].values())
            found[method] = Generalisation(trained_on, gap)
    return found


def _task_means(suite: Suite, scores: list[FinalScore]) -> dict[str, dict[str, float]]:
    """Method digest -> task -> mean normalised score over its runs."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for score in scores:
        normalised = suite.normalise(suite.task(score.task), score.score)
        values[score.method, score.task].append(normalised)
    means: dict[str, dict[str, float]] = defaultdict(dict)
    for (method, task), several in values.items():
        means[method][task] = fmean(several)
    return means
