"""Create the order journal."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COMMANDS = "tiger_rest_order_commands"


def upgrade() -> None:
    """Create the table and its partial indexes."""
    op.create_table(
        COMMANDS,
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("api_key_name", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("claim", sa.String(255)),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("requested_order_id", sa.String(24)),
        sa.Column("order_number", sa.BigInteger),
        sa.Column("order_id", sa.String(24)),
        sa.Column("answer", sa.Text),
        sa.Column("history", sa.Text, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("busy_until", sa.BigInteger, nullable=False),
        sa.Column("sent_by", sa.BigInteger, nullable=False),
        sa.Column("next_look_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name=f"pk_{COMMANDS}"),
    )
    _index("order_number", ["account", "order_number"], unique=True)
    _index("claim", ["account", "claim", "api_key_id"], unique=True)
    _index("order_id", ["account", "order_id"])
    _index("requested_order_id", ["account", "requested_order_id"])
    _index("next_look_at", ["next_look_at"])


def downgrade() -> None:
    """Drop the journal, and with it what is known about orders in doubt."""
    op.drop_table(COMMANDS)


def _index(present: str, columns: list[str], *, unique: bool = False) -> None:
    where = sa.text(f"{present} IS NOT NULL")
    name = f"{'uq' if unique else 'ix'}_{COMMANDS}_{'_'.join(columns)}"
    op.create_index(name, COMMANDS, columns, unique=unique, sqlite_where=where, postgresql_where=where)
