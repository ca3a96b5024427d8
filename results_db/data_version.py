"""What the database holds, as one digest: the key of everything that is kept in memory,
so that nothing old is shown after an ingest."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from results_db.models import ImportedMethodRow, ImportRow, RunRow, SubmissionRow

_STATES = (
    select(SubmissionRow.name, SubmissionRow.planned_runs).order_by(SubmissionRow.name),
    select(
        RunRow.id, RunRow.submission_id, RunRow.origin, RunRow.source_digest
    ).order_by(RunRow.id),
    select(ImportRow.digest, ImportRow.source_digest).order_by(ImportRow.digest),
    select(ImportedMethodRow.import_id, ImportedMethodRow.name).order_by(
        ImportedMethodRow.id
    ),
)
"""Every row is made from files, and `source_digest` names those of a run or import. In
order, because PostgreSQL may begin to read a large table anywhere."""


def data_version(session: Session) -> str:
    """Changes with every ingest that changes a number."""
    found = hashlib.sha256()
    for query in _STATES:
        rows = list(map(tuple, session.execute(query)))
        found.update(repr(rows).encode("utf-8", "surrogatepass"))
    return found.hexdigest()
