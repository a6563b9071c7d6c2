"""Keep the events of accounts, how far they were told, and tickets for streams."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "tiger_rest_event_counters",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("era", sa.String(16), nullable=False),
        sa.Column("boot", sa.String(64), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("purged", sa.BigInteger, nullable=False),
        sa.Column("purged_at", sa.BigInteger, nullable=False),
        sa.Column("watched_since", sa.BigInteger, nullable=False),
        sa.Column("compared_at", sa.BigInteger),
        sa.Column("listened_at", sa.BigInteger),
    )
    op.create_table(
        "tiger_rest_account_events",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "tiger_rest_told_states",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tiger_rest_stream_tickets",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("stream_tickets", "told_states", "account_events", "event_counters"):
        op.drop_table(f"tiger_rest_{name}")
