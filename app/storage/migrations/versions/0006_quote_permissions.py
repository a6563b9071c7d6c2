"""Create the table of the permission for real-time quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TABLE = "tiger_rest_quote_permissions"


def upgrade() -> None:
    """Create it."""
    op.create_table(
        TABLE,
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("device_id", sa.String(200), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("grabbed_at", sa.BigInteger),
        sa.Column("lost_at", sa.BigInteger),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text),
        sa.PrimaryKeyConstraint("tiger_id", name=f"pk_{TABLE}"),
    )


def downgrade() -> None:
    """Drop it; the permission is grabbed anew."""
    op.drop_table(TABLE)
