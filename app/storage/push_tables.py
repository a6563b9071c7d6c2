"""The table of how each connection to Tiger's push service stands. Times are epoch milliseconds in UTC."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from app.storage.tables import metadata

push_states = Table(
    "tiger_rest_push_states",
    metadata,
    Column("tiger_id", String(64), primary_key=True),
    Column("condition", String(16), nullable=False),  # idle, connecting, connected, down, refused, kicked
    Column("since_ms", BigInteger, nullable=False),
    Column("reason", Text),
    Column("until_ms", BigInteger),  # no other try before
    Column("kicks", Integer, nullable=False),  # by other programs, each soon after the one before it
    Column("term", BigInteger, nullable=False),  # of the leader that wrote this
)
