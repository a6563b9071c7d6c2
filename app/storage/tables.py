"""The tables of the shared database. A change here needs a migration beside it.

Times are epoch milliseconds in UTC, which both databases store and compare alike.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

api_keys = Table(
    "tiger_rest_api_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("accounts", Text, nullable=False),  # a JSON list; ["*"] for all
    Column("permissions", Text, nullable=False),  # a JSON list
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("requires_idempotency", Boolean, nullable=False, default=False),
    Column("requires_confirmation", Boolean, nullable=False, default=False),
)

api_key_digests = Table(
    "tiger_rest_api_key_digests",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("api_key_id", String(32), ForeignKey("tiger_rest_api_keys.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),  # set when a rotation ends it
    Column("secret_id", String(8)),  # of the secret it was made with; null where an earlier release made it
)

Index(None, api_key_digests.c.api_key_id)
