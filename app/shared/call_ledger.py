"""The shared count of calls: one row for each lease, which counts until a minute after its last possible call."""

import functools
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, TextClause, text

from app.storage.clock import fetch_now
from app.storage.engine import Storage
from app.storage.flow_tables import call_leases, call_meters
from app.tiger.pipeline.budget import LEASE_SECONDS, Grant, Settlement
from app.tiger.pipeline.limits import WINDOW_SECONDS, Count

OVER_AT_ONCE: Final = 8
"""Leases that count no longer are deleted so many at a time: no order is to wait for that each time."""
MOST_HELD_MS: Final = round(3 * (LEASE_SECONDS + WINDOW_SECONDS) * 1_000)
"""Nothing is held longer; a time beyond this was written before the clock began anew."""

# A meter and its leases are those of one count: whose it is (of most, a tiger_id's) and of what (of most, a method).
_IS_OF: Final = "(tiger_id = :owner_{0} AND method = :name_{0})"
_METERS: Final = f"SELECT tiger_id, method, reads_paused_until, orders_paused_until FROM {call_meters.name} WHERE "
_LEASES: Final = f"SELECT tiger_id, method, id, calls, granted_at, free_at FROM {call_leases.name} WHERE {_IS_OF}"
_ADD_METER: Final = text(
    f"INSERT INTO {call_meters.name} (tiger_id, method, reads_paused_until, orders_paused_until) "
    "VALUES (:owner_0, :name_0, 0, 0) ON CONFLICT DO NOTHING"
)
_PAUSE: Final = text(
    f"UPDATE {call_meters.name} SET reads_paused_until = :reads_until, orders_paused_until = :orders_until "
    "WHERE tiger_id = :owner_0 AND method = :name_0"
)
_ADD_LEASES: Final = f"INSERT INTO {call_leases.name} (id, tiger_id, method, calls, granted_at, free_at) VALUES "
_ADD_LEASE: Final = "(:id_{0}, :owner_{0}, :name_{0}, :calls, :now, :free_at_{0})"
_DROP_OVER: Final = f"DELETE FROM {call_leases.name} WHERE free_at <= :now AND ("
_SETTLE: Final = text(f"UPDATE {call_leases.name} SET calls = :calls, free_at = free_at + :longer WHERE id = :id")
_HOLD_ANEW: Final = text(f"UPDATE {call_leases.name} SET granted_at = :now, free_at = :free_at WHERE id = :id")
_DROP: Final = text(f"DELETE FROM {call_leases.name} WHERE id = :id")
_PAUSES: Final = text(
    f"SELECT tiger_id, MAX(reads_paused_until) AS until FROM {call_meters.name} WHERE reads_paused_until > :now "
    "GROUP BY tiger_id"
)
_COUNT: Final = text(
    f"SELECT tiger_id, method, SUM(calls) AS calls FROM {call_leases.name} WHERE free_at > :now "
    "GROUP BY tiger_id, method"
)


class CallLedger:
    """Lease calls to processes so that all together stay within a limit."""

    def __init__(self, storage: Storage, fetch_now: Callable[[Connection], int] = fetch_now) -> None:
        self._storage = storage
        self._fetch_now = fetch_now

    def take(self, counts: Sequence[Count], wanted: int, *, is_urgent: bool, arrival_seconds: float) -> Grant:
        """Lease up to so many calls that go into all of these counts; where there are none, say when there are.

        They are counted as if they reached Tiger ``arrival_seconds`` from now at the latest.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        keys = _get_keys(counts)
        with self._storage.writing() as connection:
            paused_until = self._lock(connection, counts, is_urgent=is_urgent)
            # Only now: whoever waited for the lock must not count from before it.
            now = self._fetch_now(connection)
            if 0 < paused_until - now < MOST_HELD_MS:
                return Grant((), 0, (paused_until - now) / 1_000)
            holds = {count.key: round((arrival_seconds + count.window_seconds) * 1_000) for count in counts}
            held = self._read_held(connection, keys, holds, now)
            rooms = {count.key: count.most - sum(calls for calls, _ in held[count.key]) for count in counts}
            calls = min(wanted, *rooms.values())
            if calls <= 0:
                waits = (_get_wait(held[key], 1 - room, now) for key, room in rooms.items() if room <= 0)
                return Grant((), 0, max(waits))
            lease = secrets.token_hex(12)
            rows = {f"id_{index}": f"{lease}{index}" for index in range(len(holds))}
            ends = {f"free_at_{index}": now + hold for index, hold in enumerate(holds.values())}
            add = _for_each(_ADD_LEASES, _ADD_LEASE, ", ", len(holds))
            connection.execute(add, {**keys, **rows, **ends, "calls": calls, "now": now})
            return Grant(tuple(rows.values()), calls, 0.0)

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Put down what leases were really used for.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.writing() as connection:
            for one in settlements:
                longer = round(one.longer_seconds * 1_000)
                rows = [{"id": row, "calls": one.calls, "longer": longer} for row in one.rows]
                connection.execute(_SETTLE if one.calls else _DROP, rows)

    def pause(self, owner: str, name: str, read_seconds: float, urgent_seconds: float) -> None:
        """Lease nothing of a count for so long.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        count = Count(owner, name, 0, WINDOW_SECONDS)
        with self._storage.writing() as connection:
            self._lock(connection, (count,), is_urgent=True)
            now = self._fetch_now(connection)
            times = {
                "reads_until": now + round(read_seconds * 1_000),
                "orders_until": now + round(urgent_seconds * 1_000),
            }
            connection.execute(_PAUSE, {**_get_keys((count,)), **times})

    def fetch_pauses(self) -> dict[str, float]:
        """Return how many seconds are left of the newest pause that a refusal of Tiger's began, by tiger_id.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.reading() as connection:
            now = self._fetch_now(connection)
            return {row.tiger_id: (row.until - now) / 1_000 for row in connection.execute(_PAUSES, {"now": now})}

    def fetch_counts(self) -> dict[tuple[str, str], int]:
        """Return how many calls count at this moment, by tiger_id and method.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.reading() as connection:
            rows = connection.execute(_COUNT, {"now": self._fetch_now(connection)})
            return {(row.tiger_id, row.method): int(row.calls) for row in rows}

    def _lock(self, connection: Connection, counts: Sequence[Count], *, is_urgent: bool) -> int:
        """Return until when one of the counts is paused; who else counts there waits until this transaction ends."""
        # SQLite has locked the database when the transaction began. Elsewhere all lock in one order, so that no two
        # wait for each other.
        tail = "" if self._storage.is_sqlite else " ORDER BY tiger_id, method FOR UPDATE"
        read, keys = _for_each(_METERS, _IS_OF, " OR ", len(counts), tail), _get_keys(counts)
        meters = connection.execute(read, keys).all()
        if len(meters) < len(counts):
            for count in sorted(counts, key=lambda one: one.key):
                connection.execute(_ADD_METER, _get_keys((count,)))
            meters = connection.execute(read, keys).all()
        paused_until: int = max(
            meter.orders_paused_until if is_urgent else meter.reads_paused_until for meter in meters
        )
        return paused_until

    def _read_held(
        self, connection: Connection, keys: dict[str, str], holds: dict[tuple[str, str], int], now: int
    ) -> dict[tuple[str, str], list[tuple[int, int]]]:
        """Return the calls of each lease that counts, and until when, by count; forget those that count no longer."""
        held: dict[tuple[str, str], list[tuple[int, int]]] = {key: [] for key in holds}
        over = 0
        leases = connection.execute(_for_each("", _LEASES, " UNION ALL ", len(holds)), keys)
        for owner, name, lease, calls, granted_at, free_at in leases:
            if granted_at > now or free_at - now > MOST_HELD_MS:
                # The clock began anew (a boot, or a server's clock set back): held a whole time from now.
                free_anew = now + holds[owner, name]
                connection.execute(_HOLD_ANEW, {"id": lease, "now": now, "free_at": free_anew})
                held[owner, name].append((calls, free_anew))
            elif free_at > now:
                held[owner, name].append((calls, free_at))
            else:
                over += 1
        if over >= OVER_AT_ONCE:
            connection.execute(_for_each(_DROP_OVER, _IS_OF, " OR ", len(holds), ")"), {**keys, "now": now})
        return held


@functools.cache
def _for_each(head: str, one: str, between: str, counts: int, tail: str = "") -> TextClause:
    """Return a statement about so many counts at once."""
    return text(f"{head}{between.join(one.format(index) for index in range(counts))}{tail}")


def _get_keys(counts: Sequence[Count]) -> dict[str, str]:
    """Return the parameters that name these counts."""
    keys: dict[str, str] = {}
    for index, count in enumerate(counts):
        keys |= {f"owner_{index}": count.owner, f"name_{index}": count.name}
    return keys


def _get_wait(held: Iterable[tuple[int, int]], missing: int, now: int) -> float:
    """Return the seconds until so many of the calls held count no longer."""
    for calls, free_at in sorted(held, key=lambda one: one[1]):
        missing -= calls
        if missing <= 0:
            return (free_at - now + 1) / 1_000
    return LEASE_SECONDS
