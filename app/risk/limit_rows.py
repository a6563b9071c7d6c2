"""The rows of limits: what is set for keys and accounts, and what was counted.

The rows of one order are locked in one order everywhere: its command, then the account's, then the key's. SQLite has
one writer at a time; of PostgreSQL the rows themselves are locked.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.audit.events import LIMIT_CLEARED, LIMIT_SET
from app.audit.trail import Trail
from app.risk.limits.case import BASE_CURRENCY
from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS, LimitInput, read_value, write_value
from app.risk.owners import OwnedLimits, Owner, Owners
from app.storage.engine import Storage
from app.storage.limit_tables import limit_owners
from app.storage.prepared import Prepared

HOLDINGS_ID: Final = "holdings"
"""The row that is there while limits of any key need holdings: then every account's orders are written down."""
LOOK_SECONDS: Final = 1.0
"""So long it is believed what limits there are, to know what has to be read; what they say is read with each order."""
MOST_KEPT: Final = 4_096


class LimitRows:
    """The rows; all raise ``StorageUnavailable`` where the database does not answer."""

    def __init__(self, storage: Storage, trail: Trail | None = None) -> None:
        """Take where changes are recorded."""
        self._storage = storage
        self._trail = trail
        owners, engine = limit_owners, storage.engine
        is_own = or_(owners.c.id == bindparam("account_id"), owners.c.id == bindparam("key_id"))
        mine = select(owners).where(or_(is_own, owners.c.id == HOLDINGS_ID)).order_by(owners.c.id)
        self._find = Prepared(engine, mine)
        self._lock = Prepared(engine, select(owners).where(is_own).order_by(owners.c.id).with_for_update())
        self._count = Prepared(
            engine, update(owners).where(owners.c.id == bindparam("its_id")).values(counters=bindparam("counters"))
        )
        make = sqlite.insert if storage.is_sqlite else postgresql.insert
        self._make = Prepared(
            engine,
            make(owners)
            .values({column.name: bindparam(column.name) for column in owners.columns})
            .on_conflict_do_nothing(),
        )
        self._looks: dict[tuple[str, str], tuple[float, Owners]] = {}
        self._written: dict[str, tuple[str, Counters]] = {}

    def look(self, account: str, key_id: str) -> Owners:
        """Return the limits of an order, as they were a second ago at most."""
        key, now = (account, key_id), time.monotonic()
        looked = self._looks.get(key)
        if looked is not None and now - looked[0] < LOOK_SECONDS:
            return looked[1]
        with self._storage.reading() as connection:
            owners = self._read(connection.connection, account, key_id)
        if len(self._looks) >= MOST_KEPT:
            self._looks.clear()
        self._looks[key] = (now, owners)
        return owners

    def forget_looks(self) -> None:
        """Read anew what limits there are, as somebody has changed them."""
        self._looks.clear()

    def lock(self, driver: PoolProxiedConnection, account: str, key_id: str) -> Owners:
        """Return the limits of an order as they stand, and let nobody else count until the transaction ends."""
        owners = self._read(driver, account, key_id)
        if not owners.has_any:
            return owners
        ids = _get_ids(account, key_id)
        if owners.is_watched and not any(each.owner.kind == "account" for each in owners.limits):
            row = _get_row(Owner.account(account), account, BASE_CURRENCY, {}, Counters(), "")
            self._make.run(driver, row)
            owners = self._read(driver, account, key_id)
        if self._storage.is_sqlite:
            return owners
        # What another order counted meanwhile is read with the lock.
        return replace(owners, limits=[self._get_limits(row) for row in self._lock.mappings(driver, ids)])

    def write_counters(self, driver: PoolProxiedConnection, counted: Mapping[Owner, Counters]) -> None:
        """Write what was counted of owners whose rows are locked."""
        rows = []
        if len(self._written) >= MOST_KEPT:
            self._written.clear()
        for owner, counters in counted.items():
            text = counters.to_json()
            rows.append({"its_id": owner.row_id, "counters": text})
            # The next order reads it again.
            self._written[owner.row_id] = (text, counters)
        self._count.run_all(driver, rows)

    def list_accounts_that_need(self, needed: LimitInput) -> list[str] | None:
        """Return the accounts whose limits need this, or None where limits of a key need it of all accounts."""
        with self._storage.reading() as connection:
            rows = [dict(row) for row in connection.execute(select(limit_owners)).mappings()]
        if any(row["id"] == HOLDINGS_ID for row in rows):
            return None
        return [each.owner.id for each in map(self._get_limits, rows) if needed in each.needs]

    def read(self, owner: Owner) -> OwnedLimits | None:
        """Return what is set for an owner, or None."""
        with self._storage.reading() as connection:
            return self._read_one(connection, owner)

    def change(
        self,
        owner: Owner,
        name: str,
        changes: Mapping[str, Any],
        *,
        currency: str | None = None,
        by: str = "",
        actor: str | None = None,
    ) -> OwnedLimits:
        """Set limits of an owner, and end those whose value is None; the others, and what was counted, stay.

        It is recorded in the name of the ``actor``.
        """
        with self._storage.writing() as connection:
            driver = connection.connection
            before = self._read_one(connection, owner)
            if before is None:
                self._make.run(driver, _get_row(owner, name, currency or BASE_CURRENCY, {}, Counters(), by))
            if not self._storage.is_sqlite:
                connection.execute(select(limit_owners).where(limit_owners.c.id == owner.row_id).with_for_update())
            current = self._read_one(connection, owner)
            if current is None:
                raise LookupError(owner.row_id)
            values = {key: value for key, value in {**current.values, **changes}.items() if value is not None}
            after = replace(current, name=name, values=values, currency=currency or current.currency)
            row = _get_row(owner, name, after.currency, values, after.counters, by)
            connection.execute(update(limit_owners).where(limit_owners.c.id == owner.row_id).values(row))
            self._watch(connection)
            self._record(connection, after, changes, actor or by)
        self.forget_looks()
        return after

    def _record(self, connection: Connection, after: OwnedLimits, changes: Mapping[str, Any], actor: str) -> None:
        if self._trail is None:
            return
        ended = sorted(name for name, value in changes.items() if value is None)
        given = {name: write_value(value) for name, value in changes.items() if value is not None}
        account = after.owner.id if after.owner.kind == "account" else None
        named = {"account": account, "subject": after.owner.row_id}
        if given or not ended:
            details = {"set": given, "currency": after.currency, "name": after.name}
            self._trail.write(connection, LIMIT_SET, actor, **named, details=details)
        if ended:
            self._trail.write(connection, LIMIT_CLEARED, actor, **named, details={"ended": ended, "name": after.name})

    def _watch(self, connection: Connection) -> None:
        """Have the orders of all accounts written down, or no longer, as limits of keys need it."""
        keys = select(limit_owners.c.content).where(limit_owners.c.id.startswith("key:"))
        contents = [json.loads(content) for content in connection.execute(keys).scalars()]
        is_needed = any(LimitInput.HOLDINGS in LIMITS[name].needs for content in contents for name in content)
        if is_needed:
            row = _get_row(Owner(HOLDINGS_ID, ""), "", BASE_CURRENCY, {}, Counters(), "") | {"id": HOLDINGS_ID}
            self._make.run(connection.connection, row)
        else:
            connection.execute(delete(limit_owners).where(limit_owners.c.id == HOLDINGS_ID))

    def _get_limits(self, row: Mapping[str, Any]) -> OwnedLimits:
        kind, _, owner_id = row["id"].partition(":")
        text, counters = self._written.get(row["id"], ("", Counters()))
        if text != row["counters"]:
            counters = Counters.from_json(row["counters"])
        return OwnedLimits(Owner(kind, owner_id), row["name"], row["currency"], _read_content(row["content"]), counters)

    def _read_one(self, connection: Connection, owner: Owner) -> OwnedLimits | None:
        row = connection.execute(select(limit_owners).where(limit_owners.c.id == owner.row_id)).mappings().first()
        return None if row is None else self._get_limits(dict(row))

    def _read(self, driver: PoolProxiedConnection, account: str, key_id: str) -> Owners:
        rows = self._find.mappings(driver, _get_ids(account, key_id))
        is_watched = any(row["id"] == HOLDINGS_ID for row in rows)
        return Owners([self._get_limits(row) for row in rows if row["id"] != HOLDINGS_ID], is_watched)


def _get_ids(account: str, key_id: str) -> dict[str, str]:
    return {"account_id": Owner.account(account).row_id, "key_id": Owner.key(key_id).row_id}


def _get_row(
    owner: Owner, name: str, currency: str, values: Mapping[str, Any], counters: Counters, by: str
) -> dict[str, Any]:
    content = json.dumps({key: write_value(value) for key, value in values.items()}, sort_keys=True)
    row = {"id": owner.row_id, "name": name, "currency": currency, "content": content, "counters": counters.to_json()}
    return {**row, "updated_at": time.time_ns() // 1_000_000, "updated_by": by}


@lru_cache(maxsize=256)
def _read_content(content: str) -> Mapping[str, Any]:
    """Return the limits that a row holds; the same text is read once."""
    said = json.loads(content)
    return MappingProxyType({name: read_value(LIMITS[name], value) for name, value in said.items()})
