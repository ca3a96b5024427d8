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
    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012


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
