"""The tables of the audit trail. A change here needs a migration beside it.

Times are epoch milliseconds in UTC. A row is written without a position; whoever links the chain gives it one.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from app.storage.tables import metadata

audit_rows = Table(
    "tiger_rest_audit",
    metadata,
    Column("writer", String(16), primary_key=True),  # one connection of one process
    Column("number", BigInteger, primary_key=True),  # of the row among its writer's, without gaps
    Column("at", BigInteger, nullable=False),
    Column("event", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("account", String(32)),
    Column("subject", String(100)),  # what it is about: a command, a key, a halt
    Column("details", Text, nullable=False),  # JSON
    Column("code", String(72), nullable=False),  # proves that a gateway wrote it: key id and HMAC
    Column("position", BigInteger),  # in the chain, from 1; null until it is linked
    Column("hash", String(64)),  # of the row before and this one
)

# Each row is in one of these: among those that wait, in the order in which they are linked, or at its place.
_waiting, _linked = audit_rows.c.position.is_(None), audit_rows.c.position.is_not(None)
Index(None, audit_rows.c.position, unique=True, sqlite_where=_linked, postgresql_where=_linked)
Index(
    "ix_tiger_rest_audit_waiting",
    audit_rows.c.writer,
    audit_rows.c.number,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

audit_chain = Table(
    "tiger_rest_audit_chain",
    metadata,
    Column("name", String(16), primary_key=True),  # one row; who links locks it
    Column("chain", String(32), nullable=False),  # the chain's own id
    Column("position", BigInteger, nullable=False),  # of the last row
    Column("hash", String(64), nullable=False),  # of the last row
    Column("checkpoints", BigInteger, nullable=False),  # how many there are
    Column("at", BigInteger, nullable=False),
    Column("code", String(72), nullable=False),
)

audit_checkpoints = Table(
    "tiger_rest_audit_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True),  # from 1, without gaps
    Column("position", BigInteger, nullable=False),  # of the last row that it vouches for
    Column("hash", String(64), nullable=False),  # of that row
    Column("at", BigInteger, nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)
