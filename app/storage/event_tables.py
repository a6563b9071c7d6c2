"""The tables of the account events. Times are epoch milliseconds of the clock on the wall.

An order waits for what is written here, so each table has its key and nothing besides.
"""

from sqlalchemy import BigInteger, Column, String, Table, Text

from app.storage.tables import metadata

event_counters = Table(
    "tiger_rest_event_counters",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("era", String(16), nullable=False),  # of this row: what was numbered before it was made is told apart
    Column("boot", String(64), nullable=False),  # of the machine whose power keeps what is written
    Column("last", BigInteger, nullable=False),  # number of the newest event, 0 before the first
    Column("purged", BigInteger, nullable=False),  # number of the newest event that was deleted
    Column("purged_at", BigInteger, nullable=False),  # when that one happened
    Column("watched_since", BigInteger, nullable=False),  # what was over before is nobody's news
    Column("compared_at", BigInteger),  # when the account was last compared with Tiger
    Column("listened_at", BigInteger),  # when somebody last listened
)

account_events = Table(
    "tiger_rest_account_events",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("topic", String(16), nullable=False),
    Column("type", String(24), nullable=False),
    Column("source", String(12), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),  # JSON; a kilobyte, which SQLite keeps well beside a rowid only
)

told_states = Table(
    "tiger_rest_told_states",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("subject", String(80), primary_key=True),  # an order, an execution, a position, a segment
    Column("state", Text, nullable=False),  # JSON: how it was when something was last told of it
    Column("told_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

stream_tickets = Table(
    "tiger_rest_stream_tickets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("api_key_id", String(32), nullable=False),
    Column("account", String(32), nullable=False),
    Column("content", Text, nullable=False),  # JSON: the stream it is for, and who took it
    Column("expires_at", BigInteger, nullable=False),
)
