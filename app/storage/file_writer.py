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
        """Take what opens a connection without waiting for anybody: who has the turn keeps all others waiting."""
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
            connection = self._take_spare() or self._open()
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
        try:
            self._put_back(connection)
        finally:
            self._queue.leave()

    def close(self) -> None:
        """Let go of the connection, now or when it is put back."""
        self._is_closed = True
        self.close_idle()

    def close_idle(self) -> None:
        """Let go of the connection, if nobody uses it now."""
        while (spare := self._take_spare()) is not None:
            spare.close()

    def forget(self) -> None:
        """Drop what was opened before a fork."""
        self._spare.clear()

    def _take_spare(self) -> PoolProxiedConnection | None:
        with contextlib.suppress(IndexError):
            return self._spare.pop()
        return None

    def _open(self) -> PoolProxiedConnection:
        connection = self._connect()
        driver = cast("sqlite3.Connection", connection.dbapi_connection)
        # Who has the turn asks for the lock time and again; with the lock nothing is waited for, but for readers where
        # the file cannot have a write-ahead log.
        if driver.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            driver.execute("PRAGMA busy_timeout=0").close()
        return connection

    def _put_back(self, connection: PoolProxiedConnection) -> None:
        try:
            connection.rollback()
        except sqlite3.Error:
            connection.invalidate()
            connection.close()
            return
        self._spare.append(connection)
        if self._is_closed:
            self.close_idle()
