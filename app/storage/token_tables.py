"""The tables of the election and of the tokens. Times are epoch milliseconds in UTC, for people and for restarts.

No decision about who leads is made from them: those are made from counters and each process's own elapsed time.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Table, Text

from app.storage.tables import metadata

leadership = Table(
    "tiger_rest_leadership",
    metadata,
    Column("name", String(32), primary_key=True),  # one row for each thing that is led
    Column("holder", String(200)),  # host:pid:random, or null after a clean handover
    Column("term", BigInteger, nullable=False),  # grows with each change of leader
    Column("beat", BigInteger, nullable=False),  # grows with each heartbeat
    Column("taken_at", BigInteger),
)

tokens = Table(
    "tiger_rest_tokens",
    metadata,
    Column("tiger_id", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),  # grows with each change of the token
    Column("token", Text),  # sealed with the gateway's secret
    Column("previous_token", Text),  # sealed; kept until a call with the new one has succeeded
    Column("issued_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("obtained_at", BigInteger),
    Column("obtained_by", BigInteger, nullable=False),  # the newest attempt when the token came
    Column("attempt", BigInteger, nullable=False),  # the number of the newest attempt
    Column("is_refreshing", Boolean, nullable=False),  # the newest attempt has not ended
    Column("announced_at", BigInteger),  # when that began, by the clock of all who share the database
    Column("failures", Integer, nullable=False),  # in a row
    Column("refreshed_at", BigInteger),
    Column("wait_seconds", Float, nullable=False),  # from the end of the newest attempt until the next is due
    Column("due_at", BigInteger),
)

token_attempts = Table(
    "tiger_rest_token_attempts",
    metadata,
    Column("tiger_id", String(64), primary_key=True),
    Column("attempt", BigInteger, primary_key=True),
    Column("cause", String(16), nullable=False),  # schedule | manual | command | file
    Column("requested_by", String(200), nullable=False),
    Column("holder", String(200), nullable=False),  # the process that did it
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("outcome", String(16), nullable=False),
    Column("code", String(40)),
    Column("tiger_code", Integer),
    Column("message", Text),
    Column("token_expires_at", BigInteger),
)
