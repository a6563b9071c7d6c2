"""Create the table of how each connection to Tiger's push service stands."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TABLE = "tiger_rest_push_states"


def upgrade() -> None:
    """Create it."""
    op.create_table(
        TABLE,
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("condition", sa.String(16), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("until_ms", sa.BigInteger),
        sa.Column("kicks", sa.Integer, nullable=False),
        sa.Column("term", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tiger_id", name=f"pk_{TABLE}"),
    )


def downgrade() -> None:
    """Drop it; the next leader finds out anew."""
    op.drop_table(TABLE)
