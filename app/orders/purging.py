"""Delete old commands from the journal, so that no order waits for it."""

import time
from typing import Final

from sqlalchemy import ColumnElement, bindparam, delete, select

from app.orders.states import OUTCOMES, State
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

PURGED_AT_ONCE: Final = 1_000
"""So many rows are deleted in one transaction: on SQLite every order waits for it."""
PURGE_PAUSE_SECONDS: Final = 0.05
"""After each of them the orders that waited get their turn."""


def purge(storage: Storage, made_before: ColumnElement[int]) -> int:
    """Delete commands that were made before and are resolved, or looked for no longer, and return how many.

    Some go at a time, in the order of their ids, so that the database's log stays short, too. A power cut may bring the
    last of them back, for the next purge.
    """
    table = order_commands.c
    # What is absent surfaces within its hour, or never.
    resolved = [state.value for state in State if OUTCOMES[state] != "unknown"]
    old = (table.created_at < made_before, table.state.in_(resolved))
    following = select(table.id).where(table.id > bindparam("after"), *old).order_by(table.id).limit(PURGED_AT_ONCE)
    part = delete(order_commands).where(table.id > bindparam("after"), table.id <= bindparam("last"), *old)
    deleted, after = 0, ""
    while True:
        now = {"now": time.time_ns() // 1_000_000} if storage.is_sqlite else {}
        with storage.reading() as connection:
            ids = connection.execute(following, {"after": after, **now}).scalars().all()
        if not ids:
            return deleted
        with storage.writing(relaxed=True) as connection:
            deleted += connection.execute(part, {"after": after, "last": ids[-1], **now}).rowcount
        storage.checkpoint()
        if len(ids) < PURGED_AT_ONCE:
            return deleted
        after = ids[-1]
        time.sleep(PURGE_PAUSE_SECONDS)
