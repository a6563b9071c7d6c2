"""The tables of halts and of confirmations. A change here needs a migration beside it.

Times are epoch milliseconds of one clock for all workers, as in the journal.
"""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from app.storage.tables import metadata

halts = Table(
    "tiger_rest_halts",
    metadata,
    Column("account", String(32), primary_key=True),  # an account, or * for all
    Column("mode", String(16), nullable=False),  # halted, reduce_only; open once it was resumed
    Column("number", Integer, nullable=False),  # counts the halts: a confirmation knows which it has seen
    Column("reason", String(200), nullable=False),
    Column("changed_by", String(100), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("cancels_at", BigInteger),  # when open orders are cancelled next; null where nothing is left to be cancelled
)

confirmations = Table(
    "tiger_rest_confirmations",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the token, which is stored nowhere
    Column("api_key_id", String(32), nullable=False),
    Column("account", String(32), nullable=False),
    Column("body_digest", String(64), nullable=False),  # of the command, as the journal has it
    Column("halts", Integer, nullable=False),  # how many halts of the account there had been
    Column("expires_at", BigInteger, nullable=False),
)
