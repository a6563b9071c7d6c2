"""Open a PostgreSQL database, on whose connections nothing waits without end for a server that stands still.

The server's own limits, for locks and idle transactions, are of no use where it says nothing more: a machine that is
stopped, a commit that waits for a standby that was lost. Its kernel still answers for it, so that TCP notices nothing.
The driver is an extra: nothing else imports this module before it is needed.
"""

import math
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Dialect, Engine, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

UNHEARD_MS = 10_000
PING_SECONDS = 3.0
"""A server that has not said that it is there by then is not asked again for a moment."""
ANSWER_SECONDS = 1.0
"""So much longer than it may wait for a lock a statement may take: where the server can say why, it says so."""

Received = TypeVar("Received")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed once an answer has not come within ``patience_seconds``; None waits for ever."""

    patience_seconds: float | None = None

    def wait(self, gen: PQGen[Received], interval: float = 0.1, timeout: float | None = None) -> Received:
        """Wait for an answer of the server's.

        Raises:
            OperationalError: It did not come in time. Whether the statement was carried out is not known.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_seconds)
        except errors._WaitTimeout as error:  # noqa: SLF001 - the driver asks callers to make of it what they mean.
            # Halfway through a statement it is of no use for another one.
            self.close()
            raise psycopg.OperationalError(f"no answer within {self.patience_seconds:g} s") from error


def open_postgresql(url: URL, *, is_durable: bool, busy_seconds: float, **pool: float) -> Engine:
    """Return the engine; its parameters are those of ``Storage``, and of the pool."""
    # An option of the user's own in the URL stays.
    given = str(url.query.get("options", ""))
    # A process that stands still in the middle of a transaction must not keep its locks from all others, and nobody
    # waits for a lock longer than on SQLite: a cancellation would not go out, and every order would miss its deadline.
    own = f"-c idle_in_transaction_session_timeout={UNHEARD_MS} -c lock_timeout={round(busy_seconds * 1_000)}"
    own += "" if is_durable else " -c synchronous_commit=off"
    engine = create_engine(
        url,
        **pool,
        # What a statement is given may be a secret, and errors are logged.
        hide_parameters=True,
        pool_pre_ping=True,
        # Whatever the server's default is: what is read under a lock must be what stands there by then.
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": math.ceil(PING_SECONDS),
            "application_name": "tiger-rest",
            # A server that vanished without a word, or a cut network, is noticed in seconds instead of a quarter hour.
            "tcp_user_timeout": UNHEARD_MS,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": f"{own} {given}".strip(),
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: Dialect, _record: ConnectionPoolEntry, positional: list[Any], named: dict[str, Any]
    ) -> PatientConnection:
        connection = PatientConnection.connect(*positional, **named)
        connection.patience_seconds = PING_SECONDS
        return connection

    @event.listens_for(engine, "checkout")
    def check_out(connection: PatientConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        connection.patience_seconds = busy_seconds + ANSWER_SECONDS

    @event.listens_for(engine, "checkin")
    def check_in(connection: PatientConnection | None, _record: ConnectionPoolEntry) -> None:
        # In the pool it is asked first of all whether the server is there.
        if connection is not None:
            connection.patience_seconds = PING_SECONDS

    return engine


def lift_limits(connection: Connection) -> None:
    """Let the server take its time, for locks as well, until the transaction ends and the connection is given back."""
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    cast("PatientConnection", connection.connection.driver_connection).patience_seconds = None
