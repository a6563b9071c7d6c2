"""The shared count of calls: a row for the calls of one moment, which counts until a minute after their answers."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import PoolProxiedConnection, text

from app.storage.clock import get_milliseconds_since_boot
from app.storage.engine import Storage
from app.storage.pipeline_tables import call_leases, call_meters
from app.storage.prepared import Prepared
from app.tiger.pipeline.limits import WINDOW_SECONDS, Count
from app.tiger.pipeline.quota import ARRIVAL_SECONDS, Grant

OVER_AT_ONCE: Final = 8
"""Rows that count no longer are deleted so many at a time: no order is to wait for that each time."""
MOMENTS: Final = 240
"""Calls of the same so manieth part of a window share a row, so that a count reads no more rows than these."""
COUNTS_OF_A_CALL: Final = (1, 2)
"""The minute of its tiger_id, and a rate where its method has one."""
MOST_HELD_MS: Final = round(3 * (ARRIVAL_SECONDS + WINDOW_SECONDS) * 1_000)
"""Nothing is held longer; a time beyond this was written before the clock began anew."""

Result = TypeVar("Result")

# What is counted has an owner (a tiger_id, or an account) and a name (a wire method, or a rate). What several counts
# are asked for at once has a place for each: an order passes two, and each statement costs it as much as what it reads.
_OF: Final = "WHERE tiger_id = :owner AND method = :name"
_OF_PLACE: Final = "tiger_id = :owner{place} AND method = :name{place}"
_METERS: Final = f"SELECT reads_paused_until, orders_paused_until FROM {call_meters.name} WHERE {{wanted}}"
# All lock in one order, so that no two wait for each other. SQLite has locked the database when the transaction began.
_LOCKED_METERS: Final = f'{_METERS} ORDER BY tiger_id COLLATE "C", method COLLATE "C" FOR UPDATE'
_ADD_METER: Final = (
    f"INSERT INTO {call_meters.name} (tiger_id, method, reads_paused_until, orders_paused_until) "
    "VALUES (:owner, :name, 0, 0) ON CONFLICT DO NOTHING"
)
_PAUSE: Final = (
    f"UPDATE {call_meters.name} SET reads_paused_until = :reads_until, orders_paused_until = :orders_until {_OF}"
)
_HELD: Final = (
    "SELECT {place} AS place, COALESCE(SUM(CASE WHEN free_at > :now THEN calls ELSE 0 END), 0) AS calls, "
    "COALESCE(SUM(CASE WHEN free_at > :now THEN 0 ELSE 1 END), 0) AS over, "
    "COALESCE(SUM(CASE WHEN granted_at > :now OR free_at > :latest THEN 1 ELSE 0 END), 0) AS ahead, "
    f"MAX(CASE WHEN free_at = :free_at{{place}} THEN id END) AS joined FROM {call_leases.name} WHERE {_OF_PLACE}"
)
_FREE_AT: Final = (
    "SELECT MIN(free_at) AS free_at FROM (SELECT free_at, SUM(calls) OVER (ORDER BY free_at) AS freed "
    f"FROM {call_leases.name} {_OF} AND free_at > :now) AS held WHERE freed >= :missing"
)
_HOLD_ANEW: Final = (
    f"UPDATE {call_leases.name} SET granted_at = :now, free_at = :free_at {_OF} "
    "AND (granted_at > :now OR free_at > :latest)"
)
_DROP_OVER: Final = f"DELETE FROM {call_leases.name} {_OF} AND free_at <= :now"
_JOIN: Final = f"UPDATE {call_leases.name} SET calls = calls + 1 WHERE id = :id"
_ADD: Final = (
    f"INSERT INTO {call_leases.name} (id, tiger_id, method, calls, granted_at, free_at) "
    "VALUES (:id, :owner, :name, 1, :now, :free_at)"
)
_ROW: Final = f"SELECT free_at FROM {call_leases.name} WHERE id = :id"
_TAKE_OUT: Final = f"UPDATE {call_leases.name} SET calls = calls - 1 WHERE id = :id"
_PAUSES: Final = text(
    f"SELECT tiger_id, MAX(reads_paused_until) AS until FROM {call_meters.name} WHERE reads_paused_until > :now "
    "GROUP BY tiger_id"
)
_COUNT: Final = text(
    f"SELECT tiger_id, method, SUM(calls) AS calls FROM {call_leases.name} WHERE free_at > :now "
    "GROUP BY tiger_id, method"
)
_NOW: Final = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now"


@dataclass(frozen=True, slots=True)
class _Held:
    """How much of a count is held, how many rows are over or ahead of the clock.

    ``joined`` is the row of the moment at which a call would be free, if there is one.
    """

    count: Count
    free_at: int
    calls: int
    over: int
    ahead: int
    joined: str | None


class CallCounter:
    """Count the calls of all processes so that all together stay within a limit."""

    def __init__(self, storage: Storage, get_now: Callable[[], int] | None = None) -> None:
        """Take the clock, in milliseconds, where it is not the database's own."""
        self._storage = storage
        self._get_now = get_now or (get_milliseconds_since_boot if storage.is_sqlite else None)
        written = (_NOW, _ADD_METER, _PAUSE, _FREE_AT, _HOLD_ANEW, _DROP_OVER, _JOIN, _ADD, _ROW, _TAKE_OUT)
        self._prepared = {one: Prepared(storage.engine, text(one)) for one in written}
        meters = _METERS if storage.is_sqlite else _LOCKED_METERS
        self._meters, self._held = {}, {}
        for number in COUNTS_OF_A_CALL:
            wanted = _join(" OR ", _OF_PLACE, number)
            self._meters[number] = Prepared(storage.engine, text(meters.format(wanted=wanted)))
            self._held[number] = Prepared(storage.engine, text(_join(" UNION ALL ", _HELD, number)))

    def take(
        self,
        counts: Sequence[Count],
        *,
        is_urgent: bool,
        arrival_seconds: float,
        patience_seconds: float | None = None,
    ) -> Grant:
        """Count one call that goes into all of these counts; where there is no room, say when there is.

        It counts as if it reached Tiger ``arrival_seconds`` from now at the latest. A lock is waited for no longer than
        the patience, where that is less than the storage's.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        paused = "orders_paused_until" if is_urgent else "reads_paused_until"

        def count_once(connection: PoolProxiedConnection, meters: Sequence[Mapping[str, Any]]) -> Grant:
            # Only now: whoever waited for the lock must not count from before it.
            now, paused_until = self._fetch_now(connection), max(int(meter[paused]) for meter in meters)
            if 0 < paused_until - now < MOST_HELD_MS:
                return Grant((), (paused_until - now) / 1_000)
            holds = [round((arrival_seconds + count.window_seconds) * 1_000) for count in counts]
            held = self._read_held_now(connection, counts, now, holds)
            waits = [self._find_wait(connection, each, now) for each in held]
            if any(waits):
                return Grant((), max(waits))
            return Grant(tuple(self._add(connection, each, now) for each in held), 0.0)

        return self._do_alone(counts, count_once, patience_seconds)

    def count_anew(self, counts: Sequence[Count], rows: Sequence[str]) -> None:
        """Count a call as if it had reached Tiger only now: its answer came so late.

        Raises:
            StorageUnavailable: The database does not answer.
        """

        def count_again(connection: PoolProxiedConnection, _meters: Sequence[Mapping[str, Any]]) -> None:
            now = self._fetch_now(connection)
            for count, row in zip(counts, rows, strict=True):
                hold_ms = round(count.window_seconds * 1_000)
                held = self._prepared[_ROW].first(connection, {"id": row})
                # Not where it counts for longer already: its process waited for the lock before it was counted.
                if held is None or held["free_at"] < now + hold_ms:
                    # A row that was over may be deleted by now.
                    self._prepared[_TAKE_OUT].run(connection, {"id": row})
                    (one,) = self._read_held(connection, (count,), now, (hold_ms,))
                    self._add(connection, one, now)

        self._do_alone(counts, count_again)

    def pause(self, owner: str, name: str, read_seconds: float, urgent_seconds: float) -> None:
        """Allow nothing of a count for so long.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        count = Count(owner, name, 0, WINDOW_SECONDS)

        def write(connection: PoolProxiedConnection, _meters: Sequence[Mapping[str, Any]]) -> None:
            now = self._fetch_now(connection)
            times = {
                "reads_until": now + round(read_seconds * 1_000),
                "orders_until": now + round(urgent_seconds * 1_000),
            }
            self._prepared[_PAUSE].run(connection, {**_get_key(count), **times})

        self._do_alone((count,), write)

    def fetch_pauses(self) -> dict[str, float]:
        """Return how many seconds are left of the newest pause that a refusal of Tiger's began, by tiger_id.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.reading() as connection:
            now = self._fetch_now(connection.connection)
            return {row.tiger_id: (row.until - now) / 1_000 for row in connection.execute(_PAUSES, {"now": now})}

    def fetch_counts(self) -> dict[tuple[str, str], int]:
        """Return how many calls count at this moment, by tiger_id and method.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        with self._storage.reading() as connection:
            rows = connection.execute(_COUNT, {"now": self._fetch_now(connection.connection)})
            return {(row.tiger_id, row.method): int(row.calls) for row in rows}

    def _fetch_now(self, connection: PoolProxiedConnection) -> int:
        if self._get_now is not None:
            return self._get_now()
        row = self._prepared[_NOW].first(connection, {})
        return int(row["now"]) if row else 0

    def _do_alone(
        self,
        counts: Sequence[Count],
        act: Callable[[PoolProxiedConnection, Sequence[Mapping[str, Any]]], Result],
        patience_seconds: float | None = None,
    ) -> Result:
        """Do this with the meters of some counts; who else counts there waits until its transaction has ended."""
        with self._storage.writing_directly(patience_seconds=patience_seconds) as connection:
            meters = self._meters[len(counts)].mappings(connection, _get_values(counts))
            if len(meters) == len(counts):
                return act(connection, meters)
        # In a transaction of its own, so that all lock in one order.
        with self._storage.writing_directly(patience_seconds=patience_seconds) as connection:
            for count in sorted(counts, key=lambda one: one.key):
                self._prepared[_ADD_METER].run(connection, _get_key(count))
        return self._do_alone(counts, act, patience_seconds)

    def _read_held_now(
        self, connection: PoolProxiedConnection, counts: Sequence[Count], now: int, holds: Sequence[int]
    ) -> list[_Held]:
        """Return how much of each count is held; what is held for too long is held a whole time from now.

        That is where the clock began anew: by a boot, or where a server's clock was set back.
        """
        held = self._read_held(connection, counts, now, holds)
        ahead = [(each.count, hold_ms) for each, hold_ms in zip(held, holds, strict=True) if each.ahead]
        for count, hold_ms in ahead:
            anew = {**_get_key(count), "now": now, "latest": now + MOST_HELD_MS, "free_at": now + hold_ms}
            self._prepared[_HOLD_ANEW].run(connection, anew)
        return self._read_held(connection, counts, now, holds) if ahead else held

    def _read_held(
        self, connection: PoolProxiedConnection, counts: Sequence[Count], now: int, holds: Sequence[int]
    ) -> list[_Held]:
        free_at = [_get_moment(count, now + hold_ms) for count, hold_ms in zip(counts, holds, strict=True)]
        values = {**_get_values(counts), "now": now, "latest": now + MOST_HELD_MS}
        values |= {f"free_at{place}": moment for place, moment in enumerate(free_at)}
        rows = self._held[len(counts)].mappings(connection, values)
        return [
            _Held(count, moment, int(row["calls"]), int(row["over"]), int(row["ahead"]), row["joined"])
            for count, moment, row in zip(counts, free_at, sorted(rows, key=lambda row: row["place"]), strict=True)
        ]

    def _find_wait(self, connection: PoolProxiedConnection, held: _Held, now: int) -> float:
        """Return the seconds until there is room in a count, 0.0 where there is."""
        values = {**_get_key(held.count), "now": now}
        if held.over >= OVER_AT_ONCE:
            self._prepared[_DROP_OVER].run(connection, values)
        missing = held.calls + 1 - held.count.most
        if missing <= 0:
            return 0.0
        row = self._prepared[_FREE_AT].first(connection, {**values, "missing": missing})
        return (int(row["free_at"]) - now + 1) / 1_000 if row and row["free_at"] else ARRIVAL_SECONDS

    def _add(self, connection: PoolProxiedConnection, held: _Held, now: int) -> str:
        """Count a call until its moment, and return the row that it is in."""
        if held.joined is not None:
            self._prepared[_JOIN].run(connection, {"id": held.joined})
            return held.joined
        name = secrets.token_hex(12)
        self._prepared[_ADD].run(connection, {**_get_key(held.count), "free_at": held.free_at, "id": name, "now": now})
        return name


def _join(between: str, each: str, number: int) -> str:
    return between.join(each.format(place=place) for place in range(number))


def _get_moment(count: Count, free_at: int) -> int:
    """Return until when a call counts that is to count so long, or a little longer: calls of one moment share a row."""
    moment = max(1, round(count.window_seconds * 1_000) // MOMENTS)
    return -(-free_at // moment) * moment


def _get_values(counts: Sequence[Count]) -> dict[str, Any]:
    return {f"{name}{place}": value for place, count in enumerate(counts) for name, value in _get_key(count).items()}


def _get_key(count: Count) -> dict[str, Any]:
    return {"owner": count.owner, "name": count.name}
