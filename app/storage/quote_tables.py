"""The table of who has the permission for real-time quotes. Times are epoch milliseconds in UTC."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from app.storage.tables import metadata

quote_permissions = Table(
    "tiger_rest_quote_permissions",
    metadata,
    Column("tiger_id", String(64), primary_key=True),
    Column("device_id", String(200), nullable=False),  # under which it was grabbed
    Column("number", BigInteger, nullable=False),  # of the newest grab that succeeded, 0 before the first
    Column("grabbed_at", BigInteger),
    Column("lost_at", BigInteger),  # since then calls are refused for the device
    Column("losses", Integer, nullable=False),  # each soon after the grab before it
    Column("failures", Integer, nullable=False),  # grabs that failed, in a row
    Column("due_at", BigInteger, nullable=False),  # no grab before
    Column("message", Text),  # why the newest grab failed
)
