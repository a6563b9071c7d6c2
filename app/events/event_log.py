"""The events as rows: numbered for each account without gaps, read by number.

Whoever writes holds the row of the account's counter until the transaction ends, so that numbers become visible in
their order: who sees one has seen all below it.
"""

import functools
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    PoolProxiedConnection,
    String,
    and_,
    bindparam,
    cast,
    delete,
    extract,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.clock import get_now_ms
from app.events.events import RESTARTED, AccountEvent, EventId, NewEvent, Source
from app.storage.engine import Storage
from app.storage.event_tables import account_events, event_counters
from app.storage.prepared import Prepared

LEFT_OUT: Final = 1_000
"""So many numbers are left out after a restart: more than a power cut can have undone."""
SKEW_MS: Final = 5_000
PURGED_AT_ONCE: Final = 1_000
"""So many events are deleted in one transaction: on SQLite every order waits for it."""
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Head:
    """How far an account's events go; ``kept_from`` is the number of the oldest that is still there."""

    account: str
    era: str
    last: int
    purged: int
    purged_at: int
    watched_since: int
    compared_at: int | None
    listened_at: int | None

    def get_id(self, now_ms: int) -> EventId:
        """Return the id of whoever has seen everything up to here."""
        return EventId(self.last, self.era, now_ms)


class EventLog:
    """Write and read; writers hand in the driver's connection of their own transaction."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        engine, counters, events = storage.engine, event_counters, account_events
        insert_one: Any = insert_sqlite if storage.is_sqlite else insert_postgresql
        self._boot = _read_boot_id() if storage.is_sqlite else ""
        boot: ColumnElement[str] = bindparam("boot", type_=String) if storage.is_sqlite else _get_server_start()
        mine = counters.c.account == bindparam("its_account", type_=String)
        self._advance = Prepared(
            engine,
            update(counters)
            .where(mine, counters.c.boot == boot)
            .values(last=counters.c.last + bindparam("count", type_=BigInteger))
            .returning(counters.c.last),
        )
        self._skip = Prepared(
            engine,
            update(counters)
            # One that another writer has made meanwhile is of this start.
            .where(mine, counters.c.boot != boot)
            .values(last=counters.c.last + bindparam("count", type_=BigInteger), boot=boot)
            .returning(counters.c.last),
        )
        self._create = Prepared(
            engine,
            insert_one(counters)
            .values(
                account=bindparam("its_account", type_=String),
                era=bindparam("era", type_=String),
                boot=boot,
                last=0,
                purged=0,
                purged_at=bindparam("now", type_=BigInteger),
                watched_since=bindparam("since", type_=BigInteger),
            )
            .on_conflict_do_nothing(),
        )
        self._lock = Prepared(engine, select(counters).where(mine).with_for_update())
        self._insert = Prepared(engine, insert(events).values({c.name: bindparam(c.name) for c in events.columns}))

    # Inside the transactions of those who write.

    def append(
        self, driver: PoolProxiedConnection, account: str, events: Sequence[NewEvent], now_ms: int | None = None
    ) -> int:
        """Write events and return the number of the last one; it holds the account's counter."""
        now = get_now_ms() if now_ms is None else now_ms
        given = {"its_account": account, "boot": self._boot, "count": len(events)}
        row = self._advance.first(driver, given)
        if row is None:
            self._begin(driver, account, now)
            row = self._advance.first(driver, given)
        if row is None:
            raise LookupError("The counter of the account's events is gone.")
        last = int(row["last"])
        for number, event in enumerate(events, last - len(events) + 1):
            self._write(driver, account, number, event, now)
        return last

    def lock(self, driver: PoolProxiedConnection, account: str) -> Head:
        """Hold the account's counter until the transaction ends, and return how it stands."""
        row = self._lock.first(driver, {"its_account": account})
        if row is None:
            self._begin(driver, account, get_now_ms())
            row = self._lock.first(driver, {"its_account": account})
        if row is None:
            raise LookupError("The counter of the account's events is gone.")
        return _get_head(row)

    def _begin(self, driver: PoolProxiedConnection, account: str, now: int) -> None:
        """Make the account's counter; where there is one, the machine has started anew since it was written.

        A power cut may have undone the last events, which were told already. Their numbers are not given again.
        """
        given = {"its_account": account, "boot": self._boot}
        row = self._skip.first(driver, {**given, "count": LEFT_OUT + 1})
        if row is None:
            self._create.run(driver, {**given, "era": secrets.token_hex(4), "now": now, "since": now - SKEW_MS})
            return
        last = int(row["last"])
        data = {"from_number": last - LEFT_OUT, "to_number": last - 1}
        self._write(driver, account, last, NewEvent(RESTARTED, RESTARTED, Source.JOURNAL, data), now)

    def _write(self, driver: PoolProxiedConnection, account: str, number: int, event: NewEvent, now: int) -> None:
        written = json.dumps(event.data, separators=(",", ":"))
        values = {"account": account, "number": number, "topic": event.topic, "type": event.type}
        self._insert.run(driver, {**values, "source": event.source.value, "at": now, "data": written})

    # For those who read.

    def fetch_head(self, account: str) -> Head:
        """Return how far an account's events go; its counter is made where it has none yet."""
        found = self.fetch_heads([account])
        if account in found:
            return found[account]
        with self._storage.writing_directly() as driver:
            return self.lock(driver, account)

    def fetch_heads(self, accounts: Collection[str] | None = None) -> dict[str, Head]:
        """Return the same for several at once, or for all; those without a counter are left out."""
        wanted = select(event_counters)
        if accounts is not None:
            wanted = wanted.where(event_counters.c.account.in_(accounts))
        with self._storage.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return {row["account"]: _get_head(dict(row)) for row in rows}

    def fetch_after(
        self, head: Head, number: int, limit: int, topics: Collection[str] | None = None
    ) -> list[AccountEvent]:
        """Return events of an account above a number, oldest first."""
        found = self.fetch_all_after({head.account: (head.era, number)}, limit, topics)
        return found.get(head.account, [])

    def fetch_all_after(
        self, wanted: Mapping[str, tuple[str, int]], limit: int, topics: Collection[str] | None = None
    ) -> dict[str, list[AccountEvent]]:
        """Return the same for several accounts, each with its era and the number it is known up to."""
        if not wanted:
            return {}
        table = account_events.c
        above = [and_(table.account == account, table.number > number) for account, (_, number) in wanted.items()]
        query = select(account_events).where(or_(*above)).order_by(table.account, table.number).limit(limit)
        if topics is not None:
            query = query.where(table.topic.in_([*topics, RESTARTED]))
        found: dict[str, list[AccountEvent]] = {}
        with self._storage.reading() as connection:
            for row in connection.execute(query):
                its_id = EventId(row.number, wanted[row.account][0], row.at)
                event = AccountEvent(row.account, its_id, row.topic, row.type, row.source, row.data)
                found.setdefault(row.account, []).append(event)
        return found

    # What is noted beside the numbers.

    def note(self, accounts: Collection[str], **columns: int) -> None:
        """Note that accounts were listened to, or compared; a power cut may undo it."""
        with self._storage.writing(relaxed=True) as connection:
            connection.execute(update(event_counters).where(event_counters.c.account.in_(accounts)).values(columns))

    def begin_anew(self, account: str, now_ms: int) -> None:
        """Forget what an account's events were: whoever listens is told of a gap of unknown numbers, up to now."""
        counters, events = event_counters.c, account_events.c
        anew = {"era": secrets.token_hex(4), "watched_since": now_ms, "compared_at": None}
        anew |= {"purged": counters.last, "purged_at": now_ms}
        with self._storage.writing() as connection:
            connection.execute(update(event_counters).where(counters.account == account).values(anew))
            connection.execute(delete(account_events).where(events.account == account))

    def purge(self, before_ms: int) -> int:
        """Delete events that are older, and return how many; who asks for them later is told what is missing."""
        events, deleted = account_events.c, 0
        for account in self.fetch_heads():
            old = select(func.max(events.number)).where(events.account == account, events.at < before_ms)
            with self._storage.reading() as connection:
                newest: int | None = connection.execute(old).scalar()
            while newest is not None and (count := self._delete_oldest(account, newest)):
                deleted += count
        return deleted

    def _delete_oldest(self, account: str, newest: int) -> int:
        """Delete the next part of an account's events up to a number, and return how many; 0 where none is left."""
        counters, events = event_counters.c, account_events.c
        up_to = (events.account == account, events.number <= newest)
        oldest = select(events.number, events.at).where(*up_to).order_by(events.number).limit(PURGED_AT_ONCE).subquery()
        with self._storage.writing() as connection:
            last, at = connection.execute(select(func.max(oldest.c.number), func.max(oldest.c.at))).one()
            if last is None:
                return 0
            its = update(event_counters).where(counters.account == account, counters.purged < last)
            connection.execute(its.values(purged=last, purged_at=at))
            part = delete(account_events).where(events.account == account, events.number <= last)
            return connection.execute(part).rowcount


def _get_head(row: Mapping[str, Any]) -> Head:
    return Head(**{name: row[name] for name in Head.__slots__})


def _get_server_start() -> ColumnElement[str]:
    """Return what is another one after each start of a PostgreSQL server, and after each crash of a part of it.

    When one of its processes is killed the server goes on under the same start, without what it had not brought to the
    disk; its statistics begin anew then (PostgreSQL documentation, "The Cumulative Statistics System").
    """
    moments = (func.pg_postmaster_start_time(), func.pg_stat_get_bgwriter_stat_reset_time())
    start, recovered = (func.coalesce(cast(extract("epoch", moment), String(64)), "") for moment in moments)
    return start.concat(":").concat(recovered)


@functools.cache
def _read_boot_id() -> str:
    """Return what is another one after each start of the machine, where the system says it."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
