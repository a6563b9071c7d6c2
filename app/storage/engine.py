"""Open the database and hand out transactions."""

import contextlib
import os
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool

from app.errors import StorageUnavailable
from app.storage.condition import Condition
from app.storage.direct_writing import DirectTransaction, Writer
from app.storage.file_writer import FileWriter
from app.storage.outcomes import reporting
from app.storage.server_writer import RELAX, ServerWriter
from app.storage.sqlite import BUSY_SECONDS, CHECKPOINT_MS, RELAXED, WRITING, get_folder, open_sqlite
from app.storage.write_queue import Begin, WriteQueue

AVOIDED_SECONDS = 1.0
"""So long a server that was not there is not asked again."""
DATABASE_DOWN = "The gateway's database does not answer; this request did nothing. Try again shortly."

Taken = TypeVar("Taken")
_opened: weakref.WeakSet["Storage"] = weakref.WeakSet()
_NO_TURN: contextlib.nullcontext[Begin] = contextlib.nullcontext(lambda _driver: None)


class Storage:
    """The database of one gateway: its engine, and transactions whose failures are ours.

    ``reading`` and ``writing`` raise ``StorageUnavailable`` where the database does not answer; an ``IntegrityError``
    passes through, since only the caller knows what a conflict means, and so does a ``DataError``: the database does
    answer, and no repeat will make a value fit. Not ``is_durable``, commits do not wait for the
    disk: whole, but the last of them may be lost when the machine loses its power. A lock is waited for no longer
    than ``busy_seconds``. Those that a process has of one file of SQLite share a ``write_queue``. To open it raises
    OSError where the file of SQLite cannot be written.
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
        write_queue: WriteQueue | None = None,
    ) -> None:
        url = make_url(database_url.replace("<instance>", str(instance)))
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            open_engine = open_sqlite
        else:
            from app.storage.postgresql import open_postgresql as open_engine  # noqa: PLC0415 - its driver is an extra.
        self.engine = open_engine(
            url,
            is_durable=is_durable,
            busy_seconds=busy_seconds,
            pool_size=connections,
            max_overflow=4,
            pool_timeout=busy_seconds,
        )
        self._driver = self.engine.dialect.loaded_dbapi
        self.condition = condition or Condition()
        self.write_queue = write_queue or WriteQueue(get_folder(url) if self.is_sqlite else None)
        self._busy_seconds = busy_seconds
        self._avoided_until = float("-inf")
        self._is_closed = False
        self._writer: Writer
        if self.is_sqlite:
            # It has no part in the pool, whose connections may all be with those who wait for their turn.
            own = open_sqlite(url, is_durable=is_durable, busy_seconds=busy_seconds, poolclass=NullPool)
            self._writer = FileWriter(
                lambda: self._check_out(own.raw_connection), self.write_queue, is_durable=is_durable
            )
        else:
            self._writer = ServerWriter(lambda: self._check_out(self.engine.raw_connection), busy_seconds)
        _opened.add(self)

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
            self._connected() as connection,
            reporting(connection.info) as ending,
            self._turn() as begin,
            connection.execution_options(**{WRITING: begin, RELAXED: relaxed}).begin(),
        ):
            if relaxed and not self.is_sqlite:
                connection.execute(text(RELAX))
            yield connection
            ending.is_committing = True

    def writing_directly(self, *, relaxed: bool = False, patience_seconds: float | None = None) -> DirectTransaction:
        """Give the driver's own connection in a transaction as ``writing`` gives it, for statements that are prepared.

        The engine's layers would cost an order as much as the disk does. A lock is waited for no longer than the
        patience, where that is less than that of the others.
        """
        patience = self._busy_seconds if patience_seconds is None else min(patience_seconds, self._busy_seconds)
        return DirectTransaction(
            self._writer,
            patience,
            relaxed=relaxed,
            translate=self._translate,
            written=self.condition.note_written,
        )

    @contextlib.contextmanager
    def without_conflict(self) -> Iterator[None]:
        """Make of a conflict that statements of the block meet a ``StorageUnavailable``: the caller expects others."""
        try:
            yield
        except self._driver.IntegrityError as error:
            raise StorageUnavailable("Another writer was first; nothing was done. Try again.", retry_after=1) from error

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
        self._writer.close()
        self.engine.dispose()

    def close_idle(self) -> None:
        """Let go of every connection that nobody uses now."""
        self._writer.close_idle()
        self.engine.dispose()

    def forget_connections(self) -> None:
        """Drop connections that were opened before a fork, without closing what the parent still uses."""
        self._writer.forget()
        self.engine.dispose(close=False)
        self.write_queue.begin_anew()

    def _turn(self) -> contextlib.AbstractContextManager[Begin]:
        """Wait for other writers of this process, where the database itself keeps no queue."""
        return self.write_queue.turn(self._busy_seconds) if self.is_sqlite else _NO_TURN

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._check_out(self.engine.connect) as connection:
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
        except Exception as error:
            told = self._translate(error)
            if told is None:
                raise
            raise told from error
        if writes:
            self.condition.note_written()

    def _translate(self, error: BaseException) -> Exception | None:
        """Return what is raised in the place of what the database, its driver or the pool raised."""
        if isinstance(error, IntegrityError | DataError):
            return None
        if isinstance(error, self._driver.IntegrityError):
            return IntegrityError(None, None, error)
        if isinstance(error, self._driver.DataError):
            return DataError(None, None, error)
        if isinstance(error, DBAPIError | PoolTimeoutError | self._driver.Error):
            self.condition.note_failure(error)
            return StorageUnavailable(DATABASE_DOWN, retry_after=1)
        return None


def _close_idle() -> None:
    """Hand down no connection to a child: SQLite believes there that it has the locks of its parent, and has none.

    Whoever opens and closes the file later would take the log away, with all that the child has written.
    """
    for storage in tuple(_opened):
        storage.close_idle()


os.register_at_fork(before=_close_idle)
