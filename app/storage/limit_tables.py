"""The tables of limits. A change here needs a migration beside it."""

from sqlalchemy import BigInteger, Column, Index, SmallInteger, String, Table, Text

from app.storage.tables import metadata

limit_owners = Table(
    "tiger_rest_limits",
    metadata,
    Column("id", String(80), primary_key=True),  # account:A, key:ID, or holdings: keys have limits that need them
    Column("name", String(100), nullable=False),  # the account, or the name of the key
    Column("currency", String(8), nullable=False),  # of all its amounts
    Column("content", Text, nullable=False),  # JSON: the limits that are set
    Column("counters", Text, nullable=False),  # JSON: what was counted of the day and the minute
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", String(100), nullable=False),
)

limit_uses = Table(
    "tiger_rest_limit_uses",
    metadata,
    Column("command_id", String(24), primary_key=True),
    Column("account", String(32), nullable=False),
    Column("api_key_id", String(32), nullable=False),
    Column("sequence", BigInteger, nullable=False),  # grows with each change of the account's uses
    Column("is_released", SmallInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("content", Text, nullable=False),  # JSON: what it may do, and what it took of the counters
)

Index(None, limit_uses.c.account, limit_uses.c.sequence)
