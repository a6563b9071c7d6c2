"""A transaction on the driver's own connection, for statements that are prepared.

An order waits for three of these. Put together of a context manager for each of their concerns they would cost it more
than their statements do.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from sqlalchemy import PoolProxiedConnection

from app.storage.outcomes import KEY, Ending, Outcome


class Writer(Protocol):
    """How a transaction that writes is begun on one kind of database."""

    def begin(self, patience_seconds: float, *, relaxed: bool) -> PoolProxiedConnection:
        """Return a connection in a transaction, or raise what the driver raises; no lock is waited for longer."""

    def end(self, connection: PoolProxiedConnection) -> None:
        """Take the connection back; what is not committed is undone. Nothing is raised."""

    def close(self) -> None:
        """Keep no connection any more."""

    def close_idle(self) -> None:
        """Let go of what nobody uses now."""

    def forget(self) -> None:
        """Drop what was opened before a fork."""


class DirectTransaction:
    """One transaction: committed where the block ends without an error, and undone otherwise."""

    __slots__ = ("_connection", "_ending", "_patience_seconds", "_relaxed", "_translate", "_writer", "_written")

    def __init__(
        self,
        writer: Writer,
        patience_seconds: float,
        *,
        relaxed: bool,
        translate: Callable[[BaseException], Exception | None],
        written: Callable[[], None],
    ) -> None:
        """Take what makes of an error what is raised in its place, if anything is, and whom to tell of a commit."""
        self._writer = writer
        self._patience_seconds = patience_seconds
        self._relaxed = relaxed
        self._translate = translate
        self._written = written

    def __enter__(self) -> PoolProxiedConnection:
        """Begin."""
        try:
            connection = self._connection = self._writer.begin(self._patience_seconds, relaxed=self._relaxed)
        except BaseException as error:
            self._raise_instead(error)
            raise
        self._ending = connection.info[KEY] = Ending()
        return connection

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Commit or undo, and say so to those who asked."""
        if error is not None:
            self._end(Outcome.UNDONE)
            self._raise_instead(error)
            return
        try:
            self._connection.commit()
        except BaseException as failure:
            self._end(Outcome.UNKNOWN)
            self._raise_instead(failure)
            raise
        self._end(Outcome.COMMITTED)
        self._written()

    def _end(self, outcome: Outcome) -> None:
        try:
            self._ending.report(outcome)
        finally:
            self._connection.info.pop(KEY, None)
            self._writer.end(self._connection)

    def _raise_instead(self, error: BaseException) -> None:
        told = self._translate(error)
        if told is not None:
            raise told from error
