"""The rows of imported files."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from results_db.import_files import Declared
from results_db.import_format import ImportedData, ImportedRun
from results_db.models import (
    ImportedMethodRow,
    ImportedPointRow,
    ImportedRunRow,
    ImportRow,
)


def stored_import(session: Session, declared: Declared) -> ImportRow | None:
    """The row of an import: the same file under the same name on the same suite."""
    return session.scalar(select(ImportRow).where(ImportRow.digest == declared.digest))


def names_taken(session: Session, declared: Declared) -> dict[str, str]:
    """Method -> file of the other imports on the same suite."""
    rows = session.execute(
        select(ImportedMethodRow.name, ImportRow.file_name)
        .join(ImportRow, ImportedMethodRow.import_id == ImportRow.id)
        .where(
            ImportedMethodRow.suite == declared.suite,
            ImportRow.digest != declared.digest,
        )
    )
    return {row.name: row.file_name for row in rows}


def put_import(
    session: Session, declared: Declared, source: str, data: ImportedData
) -> None:
    """Writes an import's rows in place of older ones."""
    session.execute(delete(ImportRow).where(ImportRow.digest == declared.digest))
    row = ImportRow(
        digest=declared.digest,
        suite=declared.suite,
        scoring_hash=declared.scoring_hash,
        unit=declared.unit,
        evaluation=declared.evaluation,
        citation=declared.citation,
        file_name=declared.file_name,
        imported_at=declared.imported_at,
        remarks=list(data.remarks),
        source_digest=source,
    )
    session.add(row)
    session.flush()
    methods = {
        name: ImportedMethodRow(import_id=row.id, suite=declared.suite, name=name)
        for name in data.methods
    }
    session.add_all(methods.values())
    session.flush()
    _put_runs(session, {name: row.id for name, row in methods.items()}, data.runs)


def _put_runs(
    session: Session, methods: dict[str, int], runs: tuple[ImportedRun, ...]
) -> None:
    rows = [
        ImportedRunRow(
            imported_method_id=methods[run.method],
            task=run.task,
            number=run.run,
            score=run.score,
        )
        for run in runs
    ]
    session.add_all(rows)
    session.flush()
    points = [
        {"imported_run_id": row.id, "agent_steps": steps, "score": score}
        for row, run in zip(rows, runs, strict=True)
        for steps, score in run.points
    ]
    if points:
        session.execute(insert(ImportedPointRow), points)
