"""Create the tables of the election and of the tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables, and the one seat that every worker may take."""
    seat = op.create_table(
        "tiger_rest_leadership",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(200)),
        sa.Column("term", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="pk_tiger_rest_leadership"),
    )
    op.bulk_insert(seat, [{"name": "duties", "holder": None, "term": 0, "beat": 0, "taken_at": None}])
    op.create_table(
        "tiger_rest_tokens",
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("previous_token", sa.Text),
        sa.Column("issued_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("obtained_at", sa.BigInteger),
        sa.Column("obtained_by", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("is_refreshing", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("refreshed_at", sa.BigInteger),
        sa.Column("wait_seconds", sa.Float, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("tiger_id", name="pk_tiger_rest_tokens"),
    )
    op.create_table(
        "tiger_rest_token_attempts",
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("code", sa.String(40)),
        sa.Column("tiger_code", sa.Integer),
        sa.Column("message", sa.Text),
        sa.Column("token_expires_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("tiger_id", "attempt", name="pk_tiger_rest_token_attempts"),
    )


def downgrade() -> None:
    """Drop them; the token files remain what the gateway works from."""
    op.drop_table("tiger_rest_token_attempts")
    op.drop_table("tiger_rest_tokens")
    op.drop_table("tiger_rest_leadership")
