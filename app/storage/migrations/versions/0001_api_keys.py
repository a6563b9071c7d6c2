"""Create the tables of API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the keys and their digests."""
    op.create_table(
        "tiger_rest_api_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("accounts", sa.Text, nullable=False),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("requires_idempotency", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tiger_rest_api_keys"),
        sa.UniqueConstraint("name", name="uq_tiger_rest_api_keys_name"),
    )
    op.create_table(
        "tiger_rest_api_key_digests",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_tiger_rest_api_key_digests"),
        sa.ForeignKeyConstraint(
            ["api_key_id"],
            ["tiger_rest_api_keys.id"],
            name="fk_tiger_rest_api_key_digests_api_key_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_tiger_rest_api_key_digests_api_key_id", "tiger_rest_api_key_digests", ["api_key_id"])


def downgrade() -> None:
    """Drop the keys; every client must be given a new one afterwards."""
    op.drop_table("tiger_rest_api_key_digests")
    op.drop_table("tiger_rest_api_keys")
