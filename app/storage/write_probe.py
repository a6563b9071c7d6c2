"""Find out whether the database takes what orders and the election write, by writing next to nothing."""

import contextlib
import time

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.errors import StorageUnavailable
from app.storage.condition import Trouble
from app.storage.engine import Storage
from app.storage.token_tables import leadership

FRESH_SECONDS = 2.0
"""So long what was found, or written by anyone in this process, answers for the next look."""
NAME = "probe"
"""A row beside the leader's, which nobody reads."""


def find_trouble(storage: Storage) -> Trouble | None:
    """Return why nothing can be written, or None where something could, at most two seconds ago."""
    condition = storage.condition
    with condition.looking:
        if time.monotonic() - max(condition.written_at, condition.looked_at) >= FRESH_SECONDS:
            with contextlib.suppress(StorageUnavailable):
                _write(storage)
            condition.looked_at = time.monotonic()
    return condition.trouble


def _write(storage: Storage) -> None:
    with contextlib.suppress(IntegrityError), storage.writing(relaxed=True) as connection:
        row = {"name": NAME, "term": 0, "beat": leadership.c.beat + 1}
        if not connection.execute(update(leadership).where(leadership.c.name == NAME).values(row)).rowcount:
            connection.execute(insert(leadership).values(row | {"beat": 0}))
