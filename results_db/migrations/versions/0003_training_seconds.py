"""The third schema: how long a training had taken at each evaluation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("training_seconds", sa.Float()))


def downgrade() -> None:
    op.drop_column("evaluations", "training_seconds")
