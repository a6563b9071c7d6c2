"""The shared count of calls: one row for each lease, which counts until a minute after its last possible call."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, Row, text

from app.storage.clock import fetch_now
from app.storage.engine import Storage
from app.storage.flow_tables import call_leases, call_meters
from app.tiger.flow.budget import LEASE_SECONDS, Grant, Settlement
from app.tiger.flow.limits import WINDOW_SECONDS, Limit

HELD_MS: Final = round((LEASE_SECONDS + WINDOW_SECONDS) * 1_000)
"""A leased call begins within the lease's time; Tiger forgets it a minute later."""
MOST_HELD_MS: Final = 3 * HELD_MS
"""Nothing is held longer; a time beyond this was written before the clock began anew."""

_METER: Final = (
    f"SELECT reads_paused_until, orders_paused_until FROM {call_meters.name} "
    "WHERE tiger_id = :tiger_id AND method = :method"
)
_READ_METER: Final = text(_METER)
_LOCK_METER: Final = text(f"{_METER} FOR UPDATE")
_ADD_METER: Final = text(
    f"INSERT INTO {call_meters.name} (tiger_id, method, reads_paused_until, orders_paused_until) "
    "VALUES (:tiger_id, :method, 0, 0) ON CONFLICT DO NOTHING"
)
_PAUSE: Final = text(
    f"UPDATE {call_meters.name} SET reads_paused_until = :reads_until, orders_paused_until = :orders_until "
    "WHERE tiger_id = :tiger_id AND method = :method"
)
_READ_LEASES: Final = text(
    f"SELECT id, calls, granted_at, free_at FROM {call_leases.name} WHERE tiger_id = :tiger_id AND method = :method"
)
_ADD_LEASE: Final = text(
    f"INSERT INTO {call_leases.name} (id, tiger_id, method, calls, granted_at, free_at) "
    "VALUES (:id, :tiger_id, :method, :calls, :granted_at, :free_at)"
)
_SETTLE: Final = text(f"UPDATE {call_leases.name} SET calls = :calls, free_at = :free_at WHERE id = :id")
_HOLD_ANEW: Final = text(f"UPDATE {call_leases.name} SET granted_at = :now, free_at = :free_at WHERE id = :id")
_DROP: Final = text(f"DELETE FROM {call_leases.name} WHERE id = :id")
_COUNT: Final = text(
    f"SELECT tiger_id, method, SUM(calls) AS calls FROM {call_leases.name} WHERE free_at > :now "
    "GROUP BY tiger_id, method"
)


class CallLedger:
    """Lease calls to processes so that all together stay within a limit."""

    def __init__(self, storage: Storage, fetch_now: Callable[[Connection], int] = fetch_now) -> None:
        self._storage = storage
        self._fetch_now = fetch_now

    def take(
        self, tiger_id: str, method: str, limit: Limit, wanted: int, *, is_urgent: bool, is_lookup: bool = False
    ) -> Grant:
        """Lease up to so many calls, to be begun within a second; where there are none, say when there are.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        key = {"tiger_id": tiger_id, "method": method}
        with self._storage.writing() as connection:
            meter = self._lock(connection, key)
            # Only now: whoever waited for the lock must not count from before it.
            now = self._fetch_now(connection)
            paused_until = meter.orders_paused_until if is_urgent else meter.reads_paused_until
            if 0 < paused_until - now < MOST_HELD_MS:
                return Grant(None, 0, (paused_until - now) / 1_000)
            held = self._read_held(connection, key, now)
            room = limit.get_ceiling(is_urgent=is_urgent, is_lookup=is_lookup) - sum(calls for calls, _ in held)
            if room <= 0:
                return Grant(None, 0, _get_wait(held, 1 - room, now))
            calls = min(wanted, room)
            lease = secrets.token_hex(12)
            connection.execute(
                _ADD_LEASE, {"id": lease, **key, "calls": calls, "granted_at": now, "free_at": now + HELD_MS}
            )
            return Grant(lease, calls, 0.0)

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Put down what leases were really used for.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.writing() as connection:
            now = self._fetch_now(connection)
            for one in settlements:
                if one.calls:
                    free_at = now + round(one.hold_seconds * 1_000)
                    connection.execute(_SETTLE, {"id": one.lease, "calls": one.calls, "free_at": free_at})
                else:
                    connection.execute(_DROP, {"id": one.lease})

    def pause(self, tiger_id: str, method: str, read_seconds: float, urgent_seconds: float) -> None:
        """Lease nothing for so long.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        key = {"tiger_id": tiger_id, "method": method}
        with self._storage.writing() as connection:
            self._lock(connection, key)
            now = self._fetch_now(connection)
            times = {
                "reads_until": now + round(read_seconds * 1_000),
                "orders_until": now + round(urgent_seconds * 1_000),
            }
            connection.execute(_PAUSE, {**key, **times})

    def fetch_counts(self) -> dict[tuple[str, str], int]:
        """Return how many calls count at this moment, by tiger_id and method.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.reading() as connection:
            rows = connection.execute(_COUNT, {"now": self._fetch_now(connection)})
            return {(row.tiger_id, row.method): int(row.calls) for row in rows}

    def _lock(self, connection: Connection, key: dict[str, str]) -> Row[tuple[int, int]]:
        """Return the pauses of a method; whoever else counts it waits until this transaction ends."""
        # SQLite has locked the database when the transaction began.
        read = _READ_METER if self._storage.is_sqlite else _LOCK_METER
        meter = connection.execute(read, key).one_or_none()
        if meter is None:
            connection.execute(_ADD_METER, key)
            meter = connection.execute(read, key).one()
        return meter

    def _read_held(self, connection: Connection, key: dict[str, str], now: int) -> list[tuple[int, int]]:
        """Return the calls of each lease that counts, and until when; forget those that count no longer."""
        held: list[tuple[int, int]] = []
        over: list[dict[str, str]] = []
        for lease, calls, granted_at, free_at in connection.execute(_READ_LEASES, key):
            if granted_at > now or free_at - now > MOST_HELD_MS:
                # The clock began anew (a boot, or a server's clock set back): held a whole time from now.
                connection.execute(_HOLD_ANEW, {"id": lease, "now": now, "free_at": now + HELD_MS})
                held.append((calls, now + HELD_MS))
            elif free_at > now:
                held.append((calls, free_at))
            else:
                over.append({"id": lease})
        if over:
            connection.execute(_DROP, over)
        return held


def _get_wait(held: Iterable[tuple[int, int]], missing: int, now: int) -> float:
    """Return the seconds until so many of the calls held count no longer."""
    for calls, free_at in sorted(held, key=lambda one: one[1]):
        missing -= calls
        if missing <= 0:
            return (free_at - now + 1) / 1_000
    return HELD_MS / 1_000
