"""Create the tables of the audit trail, and note which secret the digest of a key was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

DIGESTS = "tiger_rest_api_key_digests"
ROWS, CHAIN, CHECKPOINTS = "tiger_rest_audit", "tiger_rest_audit_chain", "tiger_rest_audit_checkpoints"


def upgrade() -> None:
    """Create them; what happened before is not in them."""
    op.add_column(DIGESTS, sa.Column("secret_id", sa.String(8)))
    op.create_table(
        ROWS,
        sa.Column("writer", sa.String(16), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("account", sa.String(32)),
        sa.Column("subject", sa.String(100)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("code", sa.String(72), nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("hash", sa.String(64)),
        sa.PrimaryKeyConstraint("writer", "number", name=f"pk_{ROWS}"),
    )
    linked, waiting = sa.text("position IS NOT NULL"), sa.text("position IS NULL")
    op.create_index(
        f"ix_{ROWS}_position", ROWS, ["position"], unique=True, sqlite_where=linked, postgresql_where=linked
    )
    op.create_index(f"ix_{ROWS}_waiting", ROWS, ["writer", "number"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        CHAIN,
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("chain", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("checkpoints", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("code", sa.String(72), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{CHAIN}"),
    )
    op.create_table(
        CHECKPOINTS,
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=f"pk_{CHECKPOINTS}"),
    )


def downgrade() -> None:
    """Drop them, and with them the record: export it before."""
    for table in (CHECKPOINTS, CHAIN, ROWS):
        op.drop_table(table)
    op.drop_column(DIGESTS, "secret_id")
