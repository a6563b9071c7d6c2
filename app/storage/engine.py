"""Open the database and hand out transactions."""

import contextlib
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import URL, Connection, Dialect, Engine, PoolProxiedConnection, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import StorageUnavailable
from app.storage.condition import Condition

if TYPE_CHECKING:
    from app.storage.patience import PatientConnection

BUSY_SECONDS = 5.0
BUSY_PAUSE_SECONDS = 0.005
CHECKPOINT_MS = 100
"""So long a checkpoint waits for readers: whoever writes waits for it meanwhile."""
LONGEST_LOG_BYTES = 64 * 1024 * 1024
"""What SQLite's log is cut down to once all of it is in the file; otherwise it stays as long as it ever was."""
UNHEARD_MS = 10_000
PING_SECONDS = 3.0
"""A PostgreSQL server that has not said that it is there by then is not asked again for a moment."""
AVOIDED_SECONDS = 1.0
ANSWER_SECONDS = 1.0
"""So much longer than it may wait for a lock a statement may take: where the server can say why, it says so."""
DATABASE_DOWN = "The gateway's database does not answer; this request did nothing. Try again shortly."
WRITING = "tiger_rest_writing"
RELAXED = "tiger_rest_relaxed"
RELAX = "SET LOCAL synchronous_commit TO OFF"

Taken = TypeVar("Taken")


class Storage:
    """The database of one gateway: its engine, and transactions whose failures are ours.

    ``reading`` and ``writing`` raise ``StorageUnavailable`` where the database does not answer; an ``IntegrityError``
    passes through, since only the caller knows what a conflict means, and so does a ``DataError``: the database does
    answer, and no repeat will make a value fit. Not ``is_durable``, commits do not wait for the
    disk: whole, but the last of them may be lost when the machine loses its power. A lock is waited for no longer
    than ``busy_seconds``. To open it raises OSError where the file of SQLite cannot be written.
    """

    def __init__(
        self,
        database_url: str,
        instance: Path,
        *,
        connections: int = 16,
        is_durable: bool = True,
        busy_seconds: float = BUSY_SECONDS,
        condition: Condition | None = None,
    ) -> None:
        url = make_url(database_url.replace("<instance>", str(instance)))
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite and url.database and url.database != ":memory:" and "uri" not in url.query:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives the files beside it the rights that it has itself. One that is there must not be opened and
            # closed: with that the process would lose its locks on it.
            Path(url.database).touch(0o600)
        open_engine = _open_sqlite if self.is_sqlite else _open_postgresql
        self.engine = open_engine(url, connections, is_durable=is_durable, busy_seconds=busy_seconds)
        self._answer_seconds = busy_seconds + ANSWER_SECONDS
        self._driver = self.engine.dialect.loaded_dbapi
        self.condition = condition or Condition()
        self._is_durable = is_durable
        self._avoided_until = float("-inf")
        self._is_closed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the database."""
        with self._translated(), self._connected() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, *, relaxed: bool = False) -> Iterator[Connection]:
        """Give a transaction that is committed, durably, when the block ends without an error.

        A relaxed one is seen by all at once but reaches the disk with the next that is not, or moments later: a power
        cut may undo it. It is for what can be learnt again.
        """
        with (
            self._translated(writes=True),
            self._connected(**{WRITING: True, RELAXED: relaxed}) as connection,
            connection.begin(),
        ):
            if relaxed and not self.is_sqlite:
                connection.execute(text(RELAX))
            yield connection

    @contextlib.contextmanager
    def writing_directly(self, *, relaxed: bool = False) -> Iterator[PoolProxiedConnection]:
        """Give the driver's own connection in a transaction as ``writing`` gives it, for statements that are prepared.

        An order waits for two of these, and the engine's layers would cost it as much as the disk does.
        """
        with self._translated(writes=True):
            connection = self._check_out(self.engine.raw_connection)
            driver: Any = connection.driver_connection
            try:
                if self.is_sqlite:
                    _begin_sqlite(driver, writes=True, relaxed=relaxed if self._is_durable else None)
                elif relaxed:
                    driver.execute(RELAX)
                yield connection
                connection.commit()
            finally:
                # Given back to the pool it is rolled back, and one that is broken there would be an error in the log.
                if self._is_closed or getattr(driver, "closed", False):
                    connection.invalidate()
                connection.close()

    @contextlib.contextmanager
    def unhurried(self, connection: Connection) -> Iterator[None]:
        """Let the database take its time on this connection, for locks as well, until the block ends."""
        if self.is_sqlite:
            yield
            return
        driver = cast("PatientConnection", connection.connection.driver_connection)
        connection.execute(text("SET lock_timeout = 0"))
        driver.patience_seconds = None
        yield
        driver.patience_seconds = self._answer_seconds
        connection.execute(text("RESET lock_timeout"))

    def ping(self) -> None:
        """Ask the database for a sign of life, or raise ``StorageUnavailable``."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def checkpoint(self) -> None:
        """Have SQLite take what is written ahead of its file into it, as far as readers let it; nothing elsewhere."""
        if not self.is_sqlite:
            return
        with self._translated():
            connection = self._check_out(self.engine.raw_connection)
            try:
                for step in (f"busy_timeout={CHECKPOINT_MS}", "wal_checkpoint(TRUNCATE)"):
                    connection.cursor().execute(f"PRAGMA {step}").close()
            finally:
                # Its patience is not that of the others.
                connection.invalidate()
                connection.close()

    def close(self) -> None:
        """Let go of every connection, those included that threads still at work have or will open."""
        self._is_closed = True
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Drop connections that were opened before a fork, without closing what the parent still uses."""
        self.engine.dispose(close=False)

    @contextlib.contextmanager
    def _connected(self, **options: bool) -> Iterator[Connection]:
        with self._check_out(self.engine.connect).execution_options(**options) as connection:
            try:
                yield connection
            finally:
                if self._is_closed:
                    connection.invalidate()

    def _check_out(self, connect: Callable[[], Taken]) -> Taken:
        if time.monotonic() < self._avoided_until:
            raise StorageUnavailable(DATABASE_DOWN, retry_after=1)
        try:
            return connect()
        except (DBAPIError, self._driver.Error):
            # Each caller would wait as long as this one did, one after the other.
            self._avoided_until = time.monotonic() + AVOIDED_SECONDS
            raise

    @contextlib.contextmanager
    def _translated(self, *, writes: bool = False) -> Iterator[None]:
        try:
            yield
            if writes:
                self.condition.note_written()
        except (IntegrityError, DataError):
            raise
        except self._driver.IntegrityError as error:
            raise IntegrityError(None, None, error) from error
        except self._driver.DataError as error:
            raise DataError(None, None, error) from error
        except (DBAPIError, PoolTimeoutError, self._driver.Error) as error:
            self.condition.note_failure(error)
            raise StorageUnavailable(DATABASE_DOWN, retry_after=1) from error


def _open_sqlite(url: URL, connections: int, *, is_durable: bool, busy_seconds: float) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=busy_seconds,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        # The driver's own transactions begin late and only for some statements; ours are begun below.
        connection.isolation_level = None
        _turn_on_wal(connection)
        synchronous = "synchronous=FULL" if is_durable else "synchronous=NORMAL"
        limit = f"journal_size_limit={LONGEST_LOG_BYTES}"
        for pragma in (synchronous, limit, "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        relaxed = options.get(RELAXED, False) if is_durable else None
        _begin_sqlite(driver, writes=options.get(WRITING, False), relaxed=relaxed)

    return engine


def _begin_sqlite(driver: sqlite3.Connection, *, writes: bool, relaxed: bool | None) -> None:
    """Begin a transaction; ``relaxed`` is None where commits never wait for the disk."""
    if writes and relaxed is not None:
        # It holds for the connection, so that each writer sets it, whoever had the connection before.
        driver.execute(f"PRAGMA synchronous={'NORMAL' if relaxed else 'FULL'}").close()
    # A transaction that will write takes the write lock at once: upgrading a read lock can fail without waiting.
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED").close()


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Switch the journal; of several who do so with a new file at once, SQLite refuses some without waiting."""
    ends = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(BUSY_PAUSE_SECONDS)
        else:
            return


def _open_postgresql(url: URL, connections: int, *, is_durable: bool, busy_seconds: float) -> Engine:
    # The driver is an extra.
    from app.storage.patience import PatientConnection  # noqa: PLC0415

    # An option of the user's own in the URL stays.
    given = str(url.query.get("options", ""))
    # A process that stands still in the middle of a transaction must not keep its locks from all others, and nobody
    # waits for a lock longer than on SQLite: a cancellation would not go out, and every order would miss its deadline.
    own = f"-c idle_in_transaction_session_timeout={UNHEARD_MS} -c lock_timeout={round(busy_seconds * 1_000)}"
    own += "" if is_durable else " -c synchronous_commit=off"
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=4,
        pool_timeout=busy_seconds,
        pool_pre_ping=True,
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
