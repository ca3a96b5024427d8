"""The tables: an index of the run files that can be rebuilt from them at any time."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Digest = String(64)
Time = String(24)
"""UTC, `2026-11-21T07:31:00.123Z`; as text it sorts and means the same everywhere."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


class MethodRow(Base):
    """A method version: an agent with a configuration."""

    __tablename__ = "methods"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(Digest, unique=True)
    name: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    code_digest: Mapped[str] = mapped_column(Digest)
    config_digest: Mapped[str] = mapped_column(Digest)
    overrides: Mapped[dict[str, Any]]
    tuning: Mapped[str] = mapped_column(String(16))


class SubmissionRow(Base):
    """One method's planned runs on one protocol."""

    __tablename__ = "submissions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    suite: Mapped[str] = mapped_column(String(64), index=True)
    measurement_hash: Mapped[str] = mapped_column(Digest)
    scoring_hash: Mapped[str] = mapped_column(Digest)
    method_id: Mapped[int] = mapped_column(ForeignKey("methods.id"), index=True)
    planned_runs: Mapped[int]
    method: Mapped[MethodRow] = relationship()


class RunRow(Base):
    """A planned run and what became of it; one row for each folder."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("submission_id", "task", "seed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE")
    )
    cell: Mapped[str] = mapped_column(Digest, index=True)
    task: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    """`planned`, `started`, or the outcome of the last attempt."""
    origin: Mapped[str] = mapped_column(String(16))
    """`here`, or `bundle` where another machine's run files were ingested."""
    isolation: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    started_at: Mapped[str | None] = mapped_column(Time)
    ended_at: Mapped[str | None] = mapped_column(Time)
    agent_steps: Mapped[int | None] = mapped_column(BigInteger)
    unspent_agent_steps: Mapped[int | None] = mapped_column(BigInteger)
    env_frames: Mapped[int | None] = mapped_column(BigInteger)
    training_episodes: Mapped[int | None] = mapped_column(BigInteger)
    wall_seconds: Mapped[float | None] = mapped_column(Float)
    digest: Mapped[str | None] = mapped_column(String(32))
    """Running digest over actions, rewards and ends."""
    config: Mapped[dict[str, Any] | None]
    provenance: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    source_digest: Mapped[str] = mapped_column(Digest)
    """Of the files that this row was made from; equal means nothing to do."""
    submission: Mapped[SubmissionRow] = relationship()


class AttemptRow(Base):
    """One attempt at a run."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    number: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(String(16))
    started_at: Mapped[str | None] = mapped_column(Time)
    ended_at: Mapped[str | None] = mapped_column(Time)
    details: Mapped[dict[str, Any]]


class EvaluationRow(Base):
    """One evaluation of a run on one split."""

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("run_id", "point", "split"),
        Index("ix_evaluations_final", "final", "split"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    point: Mapped[int]
    """0 is the final evaluation; 1, 2, ... lie along the curve."""
    final: Mapped[bool]
    split: Mapped[str] = mapped_column(String(32))
    agent_steps: Mapped[int] = mapped_column(BigInteger)
    episodes: Mapped[int]
    mean_return: Mapped[float] = mapped_column(Float)
    wall_seconds: Mapped[float] = mapped_column(Float)
    """That it took itself."""
    training_seconds: Mapped[float | None] = mapped_column(Float)
    """Wall seconds of training before it (harness/recorder.py says what counts); None
    where an older Podium ran."""


class EpisodeRow(Base):
    """One evaluation episode; its number fixes its seed, the same for all methods."""

    __tablename__ = "episodes"

    evaluation_id: Mapped[int] = mapped_column(
        ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    episode_return: Mapped[float] = mapped_column(Float)
    length: Mapped[int]
    env_frames: Mapped[int]
    terminated: Mapped[bool]


class EventRow(Base):
    """One line of a submission's ledger."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE")
    )
    number: Mapped[int]
    time: Mapped[str] = mapped_column(Time)
    event: Mapped[str] = mapped_column(String(32))
    task: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[int | None]
    details: Mapped[dict[str, Any]]


class ImportRow(Base):
    """One file of somebody else's results, as it was declared."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(Digest, unique=True)
    """Of suite, file and name: the import's identity."""
    suite: Mapped[str] = mapped_column(String(64), index=True)
    scoring_hash: Mapped[str] = mapped_column(Digest)
    """The suite's when it was imported; what a normalised score was made by."""
    unit: Mapped[str] = mapped_column(String(64))
    """`raw`, or the suite's own normalisation."""
    evaluation: Mapped[str] = mapped_column(String(32))
    citation: Mapped[str | None] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[str] = mapped_column(Time)
    remarks: Mapped[list[str]]
    """What a reader must know of how the scores were made."""
    source_digest: Mapped[str] = mapped_column(Digest)


class ImportedMethodRow(Base):
    """A method of an import; its name stands once a suite."""

    __tablename__ = "imported_methods"
    __table_args__ = (UniqueConstraint("suite", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), index=True
    )
    suite: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)


class ImportedRunRow(Base):
    """One run of an imported method, with its one score."""

    __tablename__ = "imported_runs"
    __table_args__ = (UniqueConstraint("imported_method_id", "task", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    imported_method_id: Mapped[int] = mapped_column(
        ForeignKey("imported_methods.id", ondelete="CASCADE")
    )
    task: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    score: Mapped[float] = mapped_column(Float)
    """In the import's unit."""


class ImportedPointRow(Base):
    """One point of an imported run's curve."""

    __tablename__ = "imported_points"

    imported_run_id: Mapped[int] = mapped_column(
        ForeignKey("imported_runs.id", ondelete="CASCADE"), primary_key=True
    )
    agent_steps: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )
    score: Mapped[float] = mapped_column(Float)
