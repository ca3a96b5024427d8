"""Raw scores, one a run, in the CSV that `podium import` reads."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from results_db.export.escape import csv_text
from results_db.query import FinalScore

HEADER = ("method", "task", "run", "score")


class RawScore(NamedTuple):
    """One run's score in the task's own unit."""

    method: str
    task: str
    run: str
    """The seed of a measured run."""
    score: float


def raw_scores(
    scores: Iterable[FinalScore], labels: Mapping[str, str]
) -> list[RawScore]:
    """The runs of the methods that have a label, in order of method, task and seed.

    Args:
        scores: of finished runs.
        labels: method digest -> name as the leaderboard shows it.
    """
    shown = [score for score in scores if score.method in labels]
    shown.sort(key=lambda one: (labels[one.method], one.method, one.task, one.seed))
    return [
        RawScore(labels[one.method], one.task, str(one.seed), one.score)
        for one in shown
    ]


def raw_scores_csv(scores: Iterable[RawScore]) -> str:
    """CSV with the header `method,task,run,score`; no digit of a score is lost.

    Texts that a spreadsheet would take for a formula carry an apostrophe in front
    (escape.csv_text); escape.from_csv_text takes it away.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for one in scores:
        name, task, run = map(csv_text, one[:3])
        writer.writerow((name, task, run, repr(float(one.score))))
    return text.getvalue()
