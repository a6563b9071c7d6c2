"""Know whether the database takes what is written, why not, and since when; and say so once in the log."""

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)

TOLD_SECONDS = 60.0
"""No more than one line in so long for one cause, however often it comes and goes."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing can be written, as anybody may read it, and since when (epoch seconds)."""

    cause: str
    since: float


class Condition:
    """What the storages of one gateway have found, by writing; to have read something says nothing of that."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.looking = threading.Lock()
        self.written_at = self.looked_at = float("-inf")
        self._told_at: dict[str, float] = {}
        self._is_told = False

    def note_written(self) -> None:
        """Take that something was written just now."""
        self.written_at = time.monotonic()
        if self.trouble is not None:
            self.trouble = None
            if self._is_told:
                self._is_told = False
                logger.warning("The database takes what is written again")

    def note_failure(self, error: BaseException) -> None:
        """Take that the database did not do what it was asked, and why."""
        # What SQLAlchemy adds would quote the statement and its values.
        driven = getattr(error, "orig", None) or error
        cause, before, now = _get_cause(driven), self.trouble, time.monotonic()
        self.trouble = Trouble(cause, before.since if before else time.time())
        is_new = before is None or before.cause != cause
        if is_new and now - self._told_at.get(cause, float("-inf")) >= TOLD_SECONDS:
            self._told_at[cause], self._is_told = now, True
            words = next(iter(str(driven).splitlines()), "") or type(driven).__name__
            logger.error("The database does not serve: %s; what needs it is refused until it does", words)


def _get_cause(driven: Any) -> str:
    """Return the database's own sentence; a driver that finds none would tell anybody of addresses and users."""
    if isinstance(driven, sqlite3.Error):
        return f"nothing can be written ({driven})"
    told: str | None = getattr(getattr(driven, "diag", None), "message_primary", None)
    return f"nothing can be written ({told})" if told else "it does not answer"
