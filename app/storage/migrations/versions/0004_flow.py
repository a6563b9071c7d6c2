"""Create the tables of the call budget and of shared answers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

METERS = "tiger_rest_call_meters"
LEASES = "tiger_rest_call_leases"
ANSWERS = "tiger_rest_shared_answers"


def upgrade() -> None:
    """Create meters, leases and answers."""
    op.create_table(
        METERS,
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("reads_paused_until", sa.BigInteger, nullable=False),
        sa.Column("orders_paused_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tiger_id", "method", name=f"pk_{METERS}"),
    )
    op.create_table(
        LEASES,
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("tiger_id", sa.String(64), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.Column("free_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{LEASES}"),
    )
    op.create_index(f"ix_{LEASES}_tiger_id_method", LEASES, ["tiger_id", "method"])
    op.create_table(
        ANSWERS,
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("put_at", sa.BigInteger, nullable=False),
        sa.Column("keep_until", sa.BigInteger, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{ANSWERS}"),
    )


def downgrade() -> None:
    """Drop what was worth something for a minute."""
    op.drop_table(ANSWERS)
    op.drop_table(LEASES)
    op.drop_table(METERS)
