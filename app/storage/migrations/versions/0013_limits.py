"""Keep the limits of keys and accounts, what was counted of them, and what each command took."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

LIMITS = "tiger_rest_limits"
USES = "tiger_rest_limit_uses"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        LIMITS,
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("counters", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("updated_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{LIMITS}"),
    )
    op.create_table(
        USES,
        sa.Column("command_id", sa.String(24), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("is_released", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("command_id", name=f"pk_{USES}"),
    )
    op.create_index(f"ix_{USES}_account_sequence", USES, ["account", "sequence"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table(USES)
    op.drop_table(LIMITS)
