"""How SQLite is written to directly: by one connection that is kept at hand, since a file has one writer at a time.

Given out by the pool anew it would be made ready each time, and as often as not be one that has to read again what
another one has just written.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Final, cast

from sqlalchemy import PoolProxiedConnection

from app.storage.write_queue import WriteQueue

SYNCHRONOUS: Final = "tiger_rest_synchronous"
"""What the connection was last told of waiting for the disk."""


class FileWriter:
    """The connection for whoever of this process has the turn to write."""

    def __init__(self, connect: Callable[[], PoolProxiedConnection], queue: WriteQueue, *, is_durable: bool) -> None:
        """Take how the pool gives a connection out."""
        self._connect = connect
        self._queue = queue
        self._is_durable = is_durable
        self._is_closed = False
        # Taken out and put back at one stroke each, so that whoever closes it never meets one in use.
        self._spare: deque[PoolProxiedConnection] = deque()

    def begin(self, patience_seconds: float, *, relaxed: bool) -> PoolProxiedConnection:
        """Return the connection in a transaction that has the lock; a relaxed one reaches the disk later.

        Raises:
            sqlite3.Error: It cannot be had in time, or not at all.
        """
        ends_at = self._queue.enter(patience_seconds)
        try:
            connection = self._spare.pop() if self._spare else self._open()
            try:
                driver = cast("sqlite3.Connection", connection.dbapi_connection)
                wanted = "NORMAL" if relaxed or not self._is_durable else "FULL"
                if connection.info.get(SYNCHRONOUS) != wanted:
                    driver.execute(f"PRAGMA synchronous={wanted}").close()
                    connection.info[SYNCHRONOUS] = wanted
                self._queue.begin(driver, ends_at)
            except BaseException:
                self._put_back(connection)
                raise
        except BaseException:
            self._queue.leave()
            raise
        return connection

    def end(self, connection: PoolProxiedConnection) -> None:
        """Undo what is not committed, and let the next one have its turn."""
        self._put_back(connection)
        self._queue.leave()

    def close(self) -> None:
        """Let go of the connection, now or when it is put back."""
        self._is_closed = True
        self._close_spare()

    def forget(self) -> None:
        """Drop what was opened before a fork."""
        self._spare.clear()

    def _open(self) -> PoolProxiedConnection:
        connection = self._connect()
        # The pool has it no longer, so that it can give out as many as ever.
        connection.detach()
        # Who has the turn asks for the lock time and again; nothing else is waited for by whoever has the lock.
        cast("sqlite3.Connection", connection.dbapi_connection).execute("PRAGMA busy_timeout=0").close()
        return connection

    def _put_back(self, connection: PoolProxiedConnection) -> None:
        try:
            connection.rollback()
        except sqlite3.Error:
            _close(connection)
            return
        self._spare.append(connection)
        if self._is_closed:
            self._close_spare()

    def _close_spare(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                _close(self._spare.pop())


def _close(connection: PoolProxiedConnection) -> None:
    """Close what the pool has no part in any more, whatever state it is in."""
    with contextlib.suppress(sqlite3.Error):
        cast("sqlite3.Connection", connection.dbapi_connection).close()
