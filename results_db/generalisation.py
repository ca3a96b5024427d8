"""The generalisation gap: how much better a method is on what it was trained on."""

from collections import defaultdict
from statistics import fmean

from sqlalchemy.orm import Session

from results_db.query import FinalScore, suite_scores
from suites.spec import TRAINING_SPLIT, Suite


def generalisation_gaps(
    session: Session, suite: Suite, scores: list[FinalScore]
) -> dict[str, float]:
    """Method digest -> its generalisation gap, where it has all tasks on both splits.

    The mean over tasks of the normalised score on what was trained on, minus the same
    on what is scored; empty for a suite without such a split.

    Args:
        scores: the methods' runs on the scored split.
    """
    if suite.scoring.split == TRAINING_SPLIT or not any(
        TRAINING_SPLIT in task.protocol.evaluation.splits for task in suite.tasks
    ):
        return {}
    trained = suite_scores(session, suite, TRAINING_SPLIT)
    high, low = _task_means(suite, trained), _task_means(suite, scores)
    return {
        method: fmean(means.values()) - fmean(low[method].values())
        for method, means in high.items()
        if len(means) == len(low.get(method, ())) == len(suite.tasks)
    }


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
