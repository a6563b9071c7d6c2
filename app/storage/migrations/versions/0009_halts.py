"""Create the tables of halts and confirmations, and let a key ask for them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

HALTS = "tiger_rest_halts"
CONFIRMATIONS = "tiger_rest_confirmations"
KEYS = "tiger_rest_api_keys"
COLUMN = "requires_confirmation"


def upgrade() -> None:
    """Create them; the keys that there are go on without."""
    op.create_table(
        HALTS,
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("cancels_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("account", name=f"pk_{HALTS}"),
    )
    op.create_table(
        CONFIRMATIONS,
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("halts", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=f"pk_{CONFIRMATIONS}"),
    )
    op.add_column(KEYS, sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop them: trading is open then, and keys need no confirmation."""
    op.drop_column(KEYS, COLUMN)
    op.drop_table(CONFIRMATIONS)
    op.drop_table(HALTS)
