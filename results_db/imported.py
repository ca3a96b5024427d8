"""Imported results, read from the database: scores and curves per run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from results_db.foreign import IMPORTED, Foreign
from results_db.import_format import EVALUATIONS, RAW
from results_db.models import (
    ImportedMethodRow,
    ImportedPointRow,
    ImportedRunRow,
    ImportRow,
)
from results_db.query import FinalScore, MethodInfo
from results_db.run_facts import can_be_averaged
from results_db.stats.curves import CurveData, Points
from suites.spec import Suite


@dataclass(frozen=True)
class ImportedMethod:
    """Somebody else's runs of a method on a suite."""

    info: MethodInfo
    foreign: Foreign
    finals: tuple[FinalScore, ...]
    """Its runs by task and number, scores in the import's unit. Their `run_id` is below
    0, so that it is no measured run's."""


def imported_methods(session: Session, suite: Suite) -> list[ImportedMethod]:
    """Every imported method of a suite, by name.

    Scores that were normalised by constants that the suite no longer has are left out
    (`outdated_imports` names them), as is a score that nothing can be made of.
    """
    runs = _runs(session, suite)
    rows = session.execute(
        _of_suite(
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
            ).join(ImportRow, ImportedMethodRow.import_id == ImportRow.id),
            suite,
        ).order_by(ImportedMethodRow.name)
    )
    methods = []
    for row in rows:
        if _outdated(row.unit, row.scoring_hash, suite):
            continue
        finals = runs.get(row.id)
        if finals is None:
            continue
        digest = f"{row.digest[:12]}/{row.name}"
        note = _note(row.file_name, row.evaluation, row.unit, row.citation, row.remarks)
        methods.append(
            ImportedMethod(
                info=MethodInfo(digest, row.name, "-", {}, "-", len(finals)),
                foreign=Foreign(
                    IMPORTED, row.unit, row.evaluation, row.citation, note=note
                ),
                finals=tuple(final._replace(method=digest) for final in finals),
            )
        )
    return methods


def outdated_imports(session: Session, suite: Suite) -> list[str]:
    """Names of the imported methods that are left out, because their scores were
    normalised by constants that the suite no longer has."""
    rows = session.execute(
        _of_suite(
            select(ImportedMethodRow.name, ImportRow.unit, ImportRow.scoring_hash).join(
                ImportRow, ImportedMethodRow.import_id == ImportRow.id
            ),
            suite,
        ).order_by(ImportedMethodRow.name)
    )
    return [row.name for row in rows if _outdated(row.unit, row.scoring_hash, suite)]


def _outdated(unit: str, scoring_hash: str, suite: Suite) -> bool:
    return unit != RAW and scoring_hash != suite.scoring_hash


def imported_notes(labelled: Mapping[str, Foreign]) -> Iterable[str]:
    """What a caption says of imported methods, those of one file together.

    Args:
        labelled: label -> what was declared.
    """
    same: dict[str, list[str]] = defaultdict(list)
    for label, foreign in labelled.items():
        same[foreign.note].append(label)
    for note, labels in same.items():
        yield f"Imported, never ranked: {', '.join(labels)}, {note}."


def imported_curves(
    session: Session, suite: Suite, digests: Iterable[str]
) -> dict[str, CurveData]:
    """Method digest -> its curves in normalised scores; a run that came without a curve
    is not in it, nor a method without any.

    Args:
        digests: as `imported_methods` gives them.
    """
    rows = session.execute(
        _of_suite(
            select(
                ImportedMethodRow.name,
                ImportRow.digest,
                ImportRow.unit,
                ImportedRunRow.task,
                ImportedRunRow.number,
                ImportedPointRow.agent_steps,
                ImportedPointRow.score,
            )
            .join(ImportedRunRow, ImportedPointRow.imported_run_id == ImportedRunRow.id)
            .join(
                ImportedMethodRow,
                ImportedRunRow.imported_method_id == ImportedMethodRow.id,
            )
            .join(ImportRow, ImportedMethodRow.import_id == ImportRow.id),
            suite,
        ).order_by(
            ImportedMethodRow.id,
            ImportedRunRow.task,
            ImportedRunRow.number,
            ImportedPointRow.agent_steps,
        )
    )
    wanted, tasks = set(digests), {task.name for task in suite.tasks}
    runs: dict[tuple[str, str, int], list[tuple[int, float]]] = defaultdict(list)
    for name, digest, unit, task, number, steps, score in rows:
        method = f"{digest[:12]}/{name}"
        if method in wanted and task in tasks and can_be_averaged(score):
            value = normalised(suite, task, score, unit)
            runs[method, task, number].append((steps, value))
    curves: dict[str, dict[str, list[Points]]] = defaultdict(lambda: defaultdict(list))
    for (method, task, _), points in runs.items():
        agent_steps = np.array([at for at, _ in points], dtype=np.int64)
        values = np.array([value for _, value in points], dtype=np.float64)
        curves[method][task].append((agent_steps, values))
    return {method: dict(by_task) for method, by_task in curves.items()}


def normalised(suite: Suite, task: str, score: float, unit: str) -> float:
    """A score of that unit, normalised; what is normalised already stays."""
    return suite.normalise(suite.task(task), score) if unit == RAW else score


def _note(
    file_name: str,
    evaluation: str,
    unit: str,
    citation: str | None,
    remarks: list[str],
) -> str:
    facts = [EVALUATIONS.get(evaluation, evaluation)]
    facts.append("raw returns" if unit == RAW else f"{unit} scores")
    facts += remarks
    facts += [citation] if citation else []
    return f"from {file_name}, as declared: {'; '.join(facts)}"


def _runs(session: Session, suite: Suite) -> dict[int, list[FinalScore]]:
    """Row of a method -> its runs."""
    tasks = {task.name for task in suite.tasks}
    found: dict[int, list[FinalScore]] = defaultdict(list)
    rows = session.execute(
        _of_suite(
            select(
                ImportedRunRow.id,
                ImportedRunRow.imported_method_id,
                ImportedRunRow.task,
                ImportedRunRow.number,
                ImportedRunRow.score,
            ).join(
                ImportedMethodRow,
                ImportedRunRow.imported_method_id == ImportedMethodRow.id,
            ),
            suite,
        ).order_by(ImportedRunRow.task, ImportedRunRow.number)
    )
    for row, method, task, number, score in rows:
        if task in tasks and can_be_averaged(score):
            found[method].append(
                FinalScore(
                    method="",
                    task=task,
                    seed=number,
                    score=score,
                    episodes=0,
                    origin=IMPORTED,
                    isolation="-",
                    wall_seconds=None,
                    run_id=-row,
                )
            )
    return found


def _of_suite(query: Select, suite: Suite) -> Select:  # type: ignore[type-arg]
    return query.where(ImportedMethodRow.suite == suite.id)
