"""Create the tables of the order journal."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

COMMANDS = "tiger_rest_order_commands"
CLAIMS = "tiger_rest_order_claims"
EVENTS = "tiger_rest_order_events"


def upgrade() -> None:
    """Create commands, claims and events."""
    op.create_table(
        COMMANDS,
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("api_key_name", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("requested_order_id", sa.String(24)),
        sa.Column("order_number", sa.BigInteger),
        sa.Column("order_id", sa.String(24)),
        sa.Column("answer", sa.Text),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("busy_until", sa.BigInteger, nullable=False),
        sa.Column("sent_by", sa.BigInteger, nullable=False),
        sa.Column("next_look_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name=f"pk_{COMMANDS}"),
        sa.UniqueConstraint("account", "order_number", name=f"uq_{COMMANDS}_account_order_number"),
    )
    for columns in (["account", "order_id"], ["account", "requested_order_id"]):
        op.create_index(f"ix_{COMMANDS}_{'_'.join(columns)}", COMMANDS, columns)
    for column in ("idempotency_key", "next_look_at", "created_at"):
        op.create_index(f"ix_{COMMANDS}_{column}", COMMANDS, [column])
    op.create_table(
        CLAIMS,
        sa.Column("api_key_id", sa.String(32), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("command_id", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("api_key_id", "account", "idempotency_key", name=f"pk_{CLAIMS}"),
        sa.ForeignKeyConstraint(["command_id"], [f"{COMMANDS}.id"], name=f"fk_{CLAIMS}_command_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{CLAIMS}_command_id", CLAIMS, ["command_id"])
    op.create_index(f"ix_{CLAIMS}_expires_at", CLAIMS, ["expires_at"])
    op.create_table(
        EVENTS,
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("command_id", sa.String(24), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["command_id"], [f"{COMMANDS}.id"], name=f"fk_{EVENTS}_command_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{EVENTS}_command_id", EVENTS, ["command_id"])


def downgrade() -> None:
    """Drop the journal, and with it what is known about orders in doubt."""
    op.drop_table(EVENTS)
    op.drop_table(CLAIMS)
    op.drop_table(COMMANDS)
