"""Count what the journal holds, for those who watch over it."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select, union_all

from app.orders.records import Kind
from app.orders.states import RESOLVED, State
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

WINDOW_MS: Final = 86_400_000
QUIET_MS: Final = 600_000
"""A command that is resolved and older than that hardly changes any more, nor does one of its minute appear."""
MINUTE_DIGITS: Final = 8
"""An id begins with the millisecond it was made in, twelve hexadecimal digits: so many of them tell 65.5 s apart."""

Key = tuple[Kind, State]


@dataclass(frozen=True, slots=True)
class JournalCounts:
    """Commands by kind and state, and since when (epoch milliseconds) the oldest unresolved one is there, if any is."""

    commands: Mapping[Key, int]
    unresolved_since: int | None


class JournalStats:
    """Count the commands of the last 24 hours, and what is left to find out of older ones.

    A minute of which all is resolved is counted once by each process, so that neither a long journal nor a busy day
    makes every scrape dear.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._counting = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._by_minute: dict[str, Counter[Key]] = {}
        self._total: Counter[Key] = Counter()
        self._counted_until = ""

    def fetch(self) -> JournalCounts:
        """Return the counts as they stand.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        now_ms = time.time_ns() // 1_000_000
        first, quiet = _get_minute(now_ms - WINDOW_MS), _get_minute(now_ms - QUIET_MS)
        with self._counting:
            rows = self._fetch_rows(first)
            if self._counted_until > quiet or any(first <= row.minute < self._counted_until for row in rows):
                # The clock was put back, or something of a minute that was counted is open again.
                self._forget()
                rows = self._fetch_rows(first)
            is_open = [row.minute for row in rows if row.minute >= first and (row.looks or row.state not in RESOLVED)]
            until = min([quiet, *is_open])
            for row in rows:
                if first <= row.minute < until:
                    self._by_minute.setdefault(row.minute, Counter())[get_kind(row)] += row.commands
                    self._total[get_kind(row)] += row.commands
            for minute in [minute for minute in self._by_minute if minute < first]:
                self._total.subtract(self._by_minute.pop(minute))
            self._counted_until = until
            counted = self._total.copy()
        for row in rows:
            if not first <= row.minute < until:
                counted[get_kind(row)] += row.commands
        unresolved = [row.oldest for row in rows if row.state not in RESOLVED]
        commands = {(kind, state): counted[kind, state] for kind in Kind for state in State}
        return JournalCounts(commands, min(unresolved, default=None))

    def _fetch_rows(self, first: str) -> list[Row[Any]]:
        """Count by minute what is newer than what was counted, and of all that is older what is still looked for.

        Each is found by an index of its own. Joined by OR, both would make SQLite read the whole journal, and so would
        IS NOT NULL, for which it uses none.
        """
        columns = order_commands.c
        start = max(first, self._counted_until)
        wanted = select(columns.id, columns.kind, columns.state, columns.created_at, columns.next_look_at)
        found = union_all(
            wanted.where(columns.id >= start), wanted.where(columns.next_look_at >= 0, columns.id < start)
        ).subquery()
        minute = func.substr(found.c.id, 1, MINUTE_DIGITS).label("minute")
        statement = select(
            minute,
            found.c.kind,
            found.c.state,
            func.count().label("commands"),
            func.count(found.c.next_look_at).label("looks"),
            func.min(found.c.created_at).label("oldest"),
        ).group_by(minute, found.c.kind, found.c.state)
        with self._storage.reading() as connection:
            return list(connection.execute(statement).all())


def get_kind(row: Row[Any]) -> Key:
    """Return the kind and the state of what was counted."""
    return Kind(row.kind), State(row.state)


def _get_minute(moment_ms: int) -> str:
    return f"{moment_ms:012x}"[:MINUTE_DIGITS]
