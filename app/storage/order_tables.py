"""The tables of the order journal. A change here needs a migration beside it.

Times are epoch milliseconds of one clock for all workers: the machine's on SQLite, the database server's on PostgreSQL.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from app.storage.tables import metadata

order_commands = Table(
    "tiger_rest_order_commands",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(8), nullable=False),  # place, modify, cancel
    Column("account", String(32), nullable=False),
    Column("api_key_id", String(32), nullable=False),
    Column("api_key_name", String(100), nullable=False),
    Column("idempotency_key", String(255)),
    Column("body_digest", String(64), nullable=False),
    Column("body", Text, nullable=False),  # JSON, as validated
    Column("state", String(10), nullable=False),
    Column("revision", Integer, nullable=False),  # counts the changes: who changes names the one it has read
    Column("attempts", Integer, nullable=False),  # how often it may have been sent
    Column("requested_order_id", String(24)),  # what a modification or cancellation names
    Column("order_number", BigInteger),  # the account's own number, reserved for this placement
    Column("order_id", String(24)),  # Tiger's global id
    Column("answer", Text),  # JSON, once there is one
    Column("looks", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("busy_until", BigInteger, nullable=False),  # a worker may be at it until then
    Column("sent_by", BigInteger, nullable=False),  # after this, no attempt puts it on the wire any more
    Column("next_look_at", BigInteger),  # none once nothing is left to find out
    UniqueConstraint("account", "order_number"),
)

Index(None, order_commands.c.account, order_commands.c.order_id)
Index(None, order_commands.c.account, order_commands.c.requested_order_id)
Index(None, order_commands.c.idempotency_key)
Index(None, order_commands.c.next_look_at)
Index(None, order_commands.c.created_at)

order_claims = Table(
    "tiger_rest_order_claims",
    metadata,
    Column("api_key_id", String(32), primary_key=True),
    Column("account", String(32), primary_key=True),
    Column("idempotency_key", String(255), primary_key=True),
    Column("command_id", String(24), ForeignKey("tiger_rest_order_commands.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

Index(None, order_claims.c.command_id)
Index(None, order_claims.c.expires_at)

order_events = Table(
    "tiger_rest_order_events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("command_id", String(24), ForeignKey("tiger_rest_order_commands.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("details", Text, nullable=False),  # a JSON object
)

Index(None, order_events.c.command_id)
