"""Connections to PostgreSQL on which nothing waits without end for a server that stands still.

The server's own limits, for locks and idle transactions, are of no use where it says nothing more: a machine that is
stopped, a commit that waits for a standby that was lost. Its kernel still answers for it, so that TCP notices nothing.
"""

from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

Answer = TypeVar("Answer")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed once an answer has not come within ``patience_seconds``; None waits for ever."""

    patience_seconds: float | None = None

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
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
