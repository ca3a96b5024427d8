"""The second schema: results of others, imported from files."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("suite", sa.String(length=64), nullable=False),
        sa.Column("scoring_hash", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("evaluation", sa.String(length=32), nullable=False),
        sa.Column("citation", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.String(length=24), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("digest", name=op.f("uq_imports_digest")),
    )
    op.create_index(op.f("ix_imports_suite"), "imports", ["suite"], unique=False)
    op.create_table(
        "imported_methods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_imported_methods_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_methods")),
        sa.UniqueConstraint("suite", "name", name=op.f("uq_imported_methods_suite")),
    )
    op.create_index(
        op.f("ix_imported_methods_import_id"),
        "imported_methods",
        ["import_id"],
        unique=False,
    )
    op.create_table(
        "imported_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("imported_method_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["imported_method_id"],
            ["imported_methods.id"],
            name=op.f("fk_imported_runs_imported_method_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_runs")),
        sa.UniqueConstraint(
            "imported_method_id",
            "task",
            "number",
            name=op.f("uq_imported_runs_imported_method_id"),
        ),
    )
    op.create_table(
        "imported_points",
        sa.Column("imported_run_id", sa.Integer(), nullable=False),
        sa.Column("agent_steps", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["imported_run_id"],
            ["imported_runs.id"],
            name=op.f("fk_imported_points_imported_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "imported_run_id", "agent_steps", name=op.f("pk_imported_points")
        ),
    )


def downgrade() -> None:
    for table in ("imported_points", "imported_runs", "imported_methods", "imports"):
        op.drop_table(table)
