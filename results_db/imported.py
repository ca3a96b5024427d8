"""Imported results, read from the database: scores and curves per run, normalised."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from results_db.import_format import EVALUATIONS, RAW
from results_db.models import (
    ImportedMethodRow,
    ImportedPointRow,
    ImportedRunRow,
    ImportRow,
)
from results_db.run_facts import can_be_averaged
from suites.spec import Suite

Points = tuple[NDArray[np.int64], NDArray[np.float64]]
"""One run's (agent steps [P], scores [P])."""


@dataclass(frozen=True)
class ImportedMethod:
    """Somebody else's runs of a method on a suite."""

    name: str
    digest: str
    """Of the import and the name."""
    unit: str
    evaluation: str
    citation: str | None
    file_name: str
    remarks: tuple[str, ...]
    scores: dict[str, tuple[float, ...]]
    """Task -> scores of its runs in `unit`, by run number."""

    def normalised(self, suite: Suite) -> dict[str, list[float]]:
        """Task -> normalised scores of its runs."""
        return {
            task: [_normalised(suite, task, value, self.unit) for value in values]
            for task, values in self.scores.items()
        }

    @property
    def note(self) -> str:
        """Where it comes from and how it was made, without the name."""
        facts = [EVALUATIONS.get(self.evaluation, self.evaluation)]
        facts.append("raw returns" if self.unit == RAW else f"{self.unit} scores")
        facts += self.remarks
        facts += [self.citation] if self.citation else []
        return f"from {self.file_name}, as declared: {'; '.join(facts)}"


def imported_methods(session: Session, suite: Suite) -> list[ImportedMethod]:
    """Every imported method of a suite, by name.

    Scores that were normalised by constants that the suite no longer has are left out,
    as is a score that nothing can be made of.
    """
    scores = _scores(session, suite)
    rows = session.execute(
        select(
            ImportedMethodRow.id,
            ImportedMethodRow.name,
            ImportRow.digest,
            ImportRow.scoring_hash,
            ImportRow.unit,
            ImportRow.evaluation,
            ImportRow.citation,
            ImportRow.file_name,
            ImportRow.remarks,
        )
        .join(ImportRow, ImportedMethodRow.import_id == ImportRow.id)
        .where(ImportedMethodRow.suite == suite.id)
    )
    return sorted(
        (
            ImportedMethod(
                name=row.name,
                digest=f"{row.digest[:12]}/{row.name}",
                unit=row.unit,
                evaluation=row.evaluation,
                citation=row.citation,
                file_name=row.file_name,
                remarks=tuple(row.remarks),
                scores=scores[row.id],
            )
            for row in rows
            if row.id in scores
            and (row.unit == RAW or row.scoring_hash == suite.scoring_hash)
        ),
        key=lambda method: method.name,
    )


def _scores(session: Session, suite: Suite) -> dict[int, dict[str, tuple[float, ...]]]:
    """Row of a method -> task -> scores."""
    tasks = {task.name for task in suite.tasks}
    found: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(
            ImportedRunRow.imported_method_id, ImportedRunRow.task, ImportedRunRow.score
        )
        .join(
            ImportedMethodRow, ImportedRunRow.imported_method_id == ImportedMethodRow.id
        )
        .where(ImportedMethodRow.suite == suite.id)
        .order_by(
            ImportedRunRow.imported_method_id,
            ImportedRunRow.task,
            ImportedRunRow.number,
        )
    )
    for method, task, score in rows:
        if task in tasks and can_be_averaged(score):
            found[method][task].append(score)
    return {
        method: {task: tuple(values) for task, values in by_task.items()}
        for method, by_task in found.items()
    }


def imported_curves(
    session: Session, suite: Suite, method: str
) -> dict[str, list[Points]]:
    """Task -> its runs' curves in normalised scores, by run number; runs without a
    curve are not in it.

    Args:
        method: its name, as imported.
    """
    rows = session.execute(
        select(
            ImportedRunRow.task,
            ImportedRunRow.number,
            ImportRow.unit,
            ImportedPointRow.agent_steps,
            ImportedPointRow.score,
        )
        .join(ImportedRunRow, ImportedPointRow.imported_run_id == ImportedRunRow.id)
        .join(
            ImportedMethodRow, ImportedRunRow.imported_method_id == ImportedMethodRow.id
        )
        .join(ImportRow, ImportedMethodRow.import_id == ImportRow.id)
        .where(ImportedMethodRow.suite == suite.id, ImportedMethodRow.name == method)
        .order_by(
            ImportedRunRow.task, ImportedRunRow.number, ImportedPointRow.agent_steps
        )
    )
    tasks = {task.name for task in suite.tasks}
    runs: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
    for task, number, unit, steps, score in rows:
        if task in tasks and can_be_averaged(score):
            value = _normalised(suite, task, score, unit)
            runs[task, number].append((steps, value))
    curves: dict[str, list[Points]] = defaultdict(list)
    for (task, _), points in runs.items():
        agent_steps = np.array([at for at, _ in points], dtype=np.int64)
        values = np.array([value for _, value in points], dtype=np.float64)
        curves[task].append((agent_steps, values))
    return dict(curves)


def _normalised(suite: Suite, task: str, score: float, unit: str) -> float:
    return suite.normalise(suite.task(task), score) if unit == RAW else score
