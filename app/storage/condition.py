"""Know whether the database takes what is written, why not, and since when; and say so once in the log."""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.errors import StorageUnavailable

FRESH_SECONDS = 2.0
"""So long what was found, or written by anyone in this process, answers for the next look."""
TOLD_SECONDS = 60.0
"""No more than one line in so long for one cause, however often it comes and goes."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing can be written, as anybody may read it, and since when (epoch seconds)."""

    cause: str
    since: float


class Condition:
    """What the storages of one gateway have found, by writing; to have read something says nothing of that."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._told_at: dict[str, float] = {}

    def look(self, write: Callable[[], None]) -> Trouble | None:
        """Return why nothing can be written, or None where something could, not long ago."""
        with self._looking:
            if time.monotonic() - self._looked_at >= FRESH_SECONDS:
                with contextlib.suppress(StorageUnavailable):
                    write()
                    self.note_written()
                self._looked_at = time.monotonic()
        return self.trouble

    def note_written(self) -> None:
        """Take that something was written just now."""
        self._looked_at = time.monotonic()
        if self.trouble is not None:
            logger.info("The database takes what is written again")
            self.trouble = None

    def note_failure(self, error: BaseException) -> None:
        """Take that the database did not do what it was asked, and why."""
        # What SQLAlchemy adds would quote the statement and its values.
        driven = getattr(error, "orig", None) or error
        cause, before, now = _get_cause(driven), self.trouble, time.monotonic()
        self.trouble = Trouble(cause, before.since if before else time.time())
        is_new = before is None or before.cause != cause
        if is_new and now - self._told_at.get(cause, float("-inf")) >= TOLD_SECONDS:
            self._told_at[cause] = now
            logger.error("The database does not serve: %s", str(driven).partition("\n")[0])


def _get_cause(driven: Any) -> str:
    """Return the database's own sentence; a driver that finds none would tell anybody of addresses and users."""
    said = getattr(getattr(driven, "diag", None), "message_primary", None)
    told = driven if isinstance(driven, sqlite3.Error) else said
    return f"nothing can be written ({told})" if told else "it does not answer"
