"""The tables of what is short-lived: calls counted against Tiger's limits, and answers that all workers share.

Times are milliseconds of one clock for all who share the database (``app.storage.clock``), and mean nothing besides.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from app.storage.tables import metadata

call_meters = Table(
    "tiger_rest_call_meters",
    metadata,
    Column("tiger_id", String(64), primary_key=True),
    Column("method", String(64), primary_key=True),
    Column("reads_paused_until", BigInteger, nullable=False),
    Column("orders_paused_until", BigInteger, nullable=False),
)

call_leases = Table(
    "tiger_rest_call_leases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tiger_id", String(64), nullable=False),
    Column("method", String(64), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("free_at", BigInteger, nullable=False),  # counted until then
)

Index(None, call_leases.c.tiger_id, call_leases.c.method)

shared_answers = Table(
    "tiger_rest_shared_answers",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("content", LargeBinary),  # none while the first one asks
    Column("put_at", BigInteger, nullable=False),
    Column("keep_until", BigInteger, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
)
