"""How a database on a server is written to directly: by connections of the pool, several at a time."""

import math
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection

RELAX: Final = "SET LOCAL synchronous_commit TO OFF"


class ServerWriter:
    """Connections for those who write; ``busy_seconds`` is how long each waits for a lock by itself."""

    def __init__(self, connect: Callable[[], PoolProxiedConnection], busy_seconds: float) -> None:
        """Take how the pool gives a connection out."""
        self._connect = connect
        self._busy_seconds = busy_seconds
        self._is_closed = False

    def begin(self, patience_seconds: float, *, relaxed: bool) -> PoolProxiedConnection:
        """Return a connection in a transaction; a relaxed one reaches the disk later. Raises what the driver raises."""
        connection = self._connect()
        try:
            self._begin(connection.driver_connection, patience_seconds, relaxed=relaxed)
        except BaseException:
            self.end(connection)
            raise
        return connection

    def end(self, connection: PoolProxiedConnection) -> None:
        """Give a connection back to the pool, which undoes what is not committed."""
        driver: Any = connection.driver_connection
        # One that is broken would be an error in the log there.
        if self._is_closed or driver is None or driver.closed:
            connection.invalidate()
        connection.close()

    def close(self) -> None:
        """Give nothing back to the pool any more."""
        self._is_closed = True

    def close_idle(self) -> None:
        """Let go of what nobody uses now: nothing is kept here."""

    def forget(self) -> None:
        """Drop what was opened before a fork: nothing is kept here."""

    def _begin(self, driver: Any, patience_seconds: float, *, relaxed: bool) -> None:
        if patience_seconds < self._busy_seconds:
            # Given out it has the patience for a lock, and that for the answer.
            driver.patience_seconds -= self._busy_seconds - patience_seconds
            driver.execute(f"SET LOCAL lock_timeout = {max(1, math.ceil(patience_seconds * 1_000))}")
        if relaxed:
            driver.execute(RELAX)
