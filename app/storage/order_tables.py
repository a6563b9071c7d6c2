"""The table of the order journal. A change here needs a migration beside it.

Times are epoch milliseconds of one clock for all workers: the machine's on SQLite, the database server's on PostgreSQL.
An order waits for two writes to this table, so each index is partial, and ids grow with time.
"""

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, String, Table, Text

from app.storage.tables import metadata

order_commands = Table(
    "tiger_rest_order_commands",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(16), nullable=False),  # place, modify, cancel, cancel_all
    Column("account", String(32), nullable=False),
    Column("api_key_id", String(32), nullable=False),
    Column("api_key_name", String(100), nullable=False),
    Column("idempotency_key", String(255)),
    Column("claim", String(255)),  # the idempotency key, until another command takes it over
    Column("body_digest", String(64), nullable=False),
    Column("body", Text, nullable=False),  # JSON, as validated
    Column("state", String(10), nullable=False),
    Column("revision", Integer, nullable=False),  # counts the changes: who changes names the one it has read
    Column("attempts", Integer, nullable=False),  # how often it may have been sent
    Column("requested_order_id", String(24)),  # what a modification or cancellation names
    Column("order_number", BigInteger),  # the account's own number that this placement was or will be sent under
    Column("number_claim", BigInteger),  # the same, as long as no other command may be sent under it
    Column("order_id", String(24)),  # Tiger's global id
    Column("answer", Text),  # JSON, once there is one
    Column("history", Text, nullable=False),  # a line of JSON for each thing that happened
    Column("looks", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("busy_until", BigInteger, nullable=False),  # a worker may be at it until then
    Column("sent_by", BigInteger, nullable=False),  # after this, no attempt puts it on the wire any more
    Column("sent_by_tiger", BigInteger),  # sent_by in Tiger's own time, once that is known
    Column("next_look_at", BigInteger),  # none once nothing is left to find out
)

learned_refusals = Table(
    "tiger_rest_learned_refusals",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("market", String(16), primary_key=True),
    Column("subject", String(32), primary_key=True),  # outside_rth, or a time_in_force
    Column("learned_at", BigInteger, nullable=False),
)


def _index(*names: str, unique: bool = False) -> None:
    """Index rows that have all of these."""
    columns = [order_commands.c[name] for name in names]
    present: ColumnElement[bool] = columns[1 if len(columns) > 1 else 0].is_not(None)
    prefix = "uq" if unique else "ix"
    name = f"{prefix}_{order_commands.name}_{'_'.join(names)}"
    Index(name, *columns, unique=unique, sqlite_where=present, postgresql_where=present)


_index("account", "order_number")
_index("account", "number_claim", unique=True)
_index("account", "claim", "api_key_id", unique=True)
_index("account", "order_id")
_index("account", "requested_order_id")
_index("next_look_at")
