"""The rows of limits: what is set for keys and accounts, what was counted, and what each admitted command took.

The rows of one order are locked in one order everywhere: its command, then the account's, then the key's. SQLite has
one writer at a time; of PostgreSQL the rows themselves are locked.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    PoolProxiedConnection,
    bindparam,
    delete,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.orders.statements import DATABASE_CLOCK
from app.risk.limits.case import BASE_CURRENCY
from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS, Need, read_value, write_value
from app.risk.uses import Use
from app.storage.engine import Storage
from app.storage.limit_tables import limit_owners, limit_uses
from app.storage.prepared import Prepared

HOLDINGS_ID: Final = "holdings"
"""The row that is there while limits of any key need holdings: then every account's orders are written down."""
LOOK_SECONDS: Final = 1.0
"""So long it is believed what limits there are, to know what has to be read; what they say is read with each order."""
MOST_LOOKS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose limits they are: an account's, or an API key's, with its lasting id."""

    kind: str
    id: str

    @property
    def row_id(self) -> str:
        """Return the id of its row."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def account(cls, account: str) -> "Owner":
        """Return an account."""
        return cls("account", account)

    @classmethod
    def key(cls, key_id: str) -> "Owner":
        """Return an API key."""
        return cls("key", key_id)


@dataclass(frozen=True, slots=True)
class OwnedLimits:
    """What is set for an owner, by name, the currency of its amounts, and what was counted."""

    owner: Owner
    name: str
    currency: str
    values: Mapping[str, Any]
    counters: Counters

    @property
    def needs(self) -> frozenset[Need]:
        """Return all that its limits need."""
        return frozenset().union(*(LIMITS[name].needs for name in self.values))


@dataclass(frozen=True, slots=True)
class Owners:
    """The limits that one order has to keep; ``is_watched`` says that orders of the account are written down."""

    limits: Sequence[OwnedLimits] = ()
    is_watched: bool = False

    @property
    def needs(self) -> frozenset[Need]:
        """Return all that they need."""
        return frozenset().union(*(each.needs for each in self.limits))

    @property
    def has_any(self) -> bool:
        """Return whether an order of theirs has to be written down."""
        return self.is_watched or any(each.values for each in self.limits)


class LimitRows:
    """The rows; all raise ``StorageUnavailable`` where the database does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        owners, uses, engine = limit_owners, limit_uses, storage.engine
        now: ColumnElement[int] = bindparam("now", type_=BigInteger) if storage.is_sqlite else DATABASE_CLOCK
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
        its_account = uses.c.account == bindparam("its_account")
        read_at = type_coerce(now, BigInteger).label("read_at")
        self._every = select(*uses.columns, read_at).where(its_account)
        self._since = Prepared(engine, self._every.where(uses.c.sequence > bindparam("its_sequence")))
        self._insert = Prepared(
            engine, insert(uses).values({column.name: bindparam(column.name) for column in uses.columns})
        )
        its_use = uses.c.command_id == bindparam("its_id")
        self._release = Prepared(
            engine,
            update(uses)
            .where(its_use, uses.c.is_released == 0)
            .values(is_released=1)
            .returning(*uses.columns, read_at),
        )
        self._renumber = Prepared(engine, update(uses).where(its_use).values(sequence=bindparam("its_sequence")))
        self._looks: dict[tuple[str, str], tuple[float, Owners]] = {}

    def look(self, account: str, key_id: str) -> Owners:
        """Return the limits of an order, as they were a second ago at most."""
        key, now = (account, key_id), time.monotonic()
        looked = self._looks.get(key)
        if looked is not None and now - looked[0] < LOOK_SECONDS:
            return looked[1]
        with self._storage.reading() as connection:
            owners = self._read(connection.connection, account, key_id)
        if len(self._looks) >= MOST_LOOKS:
            self._looks.clear()
        self._looks[key] = (now, owners)
        return owners

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
        return replace(owners, limits=[_get_limits(row) for row in self._lock.all(driver, ids)])

    def write_counters(self, driver: PoolProxiedConnection, owner: Owner, counters: Counters) -> None:
        """Write what was counted of an owner whose row is locked."""
        self._count.run(driver, {"its_id": owner.row_id, "counters": counters.to_json()})

    def read_since(self, driver: PoolProxiedConnection, account: str, sequence: int) -> list[Use]:
        """Return the uses of an account that came, or were released, since a number of its sequence."""
        values = self._bind(its_account=account, its_sequence=sequence)
        return [Use.from_row(row) for row in self._since.all(driver, values)]

    def insert_use(self, driver: PoolProxiedConnection, use: Use, now_ms: int) -> None:
        """Write down what a command may do, and what it took."""
        row = {"command_id": use.command_id, "account": use.account, "api_key_id": use.key_id}
        row |= {"sequence": use.sequence, "is_released": 0, "created_at": now_ms, "content": use.write_content()}
        self._insert.run(driver, row)

    def release(self, driver: PoolProxiedConnection, command_id: str, *, gives_back: bool) -> None:
        """Write down that a command does nothing, once; what it took is given back where it was never sent."""
        row = self._release.first(driver, self._bind(its_id=command_id))
        if row is None:
            return
        use = Use.from_row(row)
        for each in self.lock(driver, use.account, use.key_id).limits:
            counters = replace(each.counters, sequence=each.counters.sequence + 1)
            taking = use.takings.get(each.owner.kind)
            if gives_back and taking is not None:
                counters = each.counters.without(taking)
            self.write_counters(driver, each.owner, counters)
            if each.owner.kind == "account":
                self._renumber.run(driver, {"its_id": command_id, "its_sequence": counters.sequence})

    def read_uses(self, account: str) -> tuple[int, list[Use]]:
        """Return all uses of an account, and the number of its sequence up to which these are all."""
        with self._storage.reading() as connection:
            # The number first: what comes between is read again by whoever reads on from there.
            wanted = select(limit_owners.c.counters).where(limit_owners.c.id == Owner.account(account).row_id)
            counters = connection.execute(wanted).scalar()
            sequence = 0 if counters is None else Counters.from_json(counters).sequence
            rows = connection.execute(self._every, self._bind(its_account=account)).mappings().all()
        return sequence, [use for use in map(Use.from_row, rows) if use.sequence <= sequence]

    def find_waiting(self, account: str) -> dict[str, int]:
        """Return how long ago each command of an account was admitted that may have orders which are not shown."""
        return {use.command_id: use.age_ms for use in self.read_uses(account)[1] if not use.is_released}

    def forget(self, command_ids: Iterable[str]) -> None:
        """Delete uses that matter no more; a power cut may bring them back."""
        with self._storage.writing(relaxed=True) as connection:
            connection.execute(delete(limit_uses).where(limit_uses.c.command_id.in_(list(command_ids))))

    def read(self, owner: Owner) -> OwnedLimits | None:
        """Return what is set for an owner, or None."""
        with self._storage.reading() as connection:
            return self._read_one(connection, owner)

    def change(
        self, owner: Owner, name: str, changes: Mapping[str, Any], *, currency: str | None = None, by: str = ""
    ) -> OwnedLimits:
        """Set limits of an owner, and end those whose value is None; the others, and what was counted, stay."""
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
        self._looks.clear()
        return after

    def _watch(self, connection: Connection) -> None:
        """Have the orders of all accounts written down, or no longer, as limits of keys need it."""
        keys = select(limit_owners.c.content).where(limit_owners.c.id.startswith("key:"))
        contents = [json.loads(content) for content in connection.execute(keys).scalars()]
        is_needed = any(Need.HOLDINGS in LIMITS[name].needs for content in contents for name in content)
        if is_needed:
            row = _get_row(Owner(HOLDINGS_ID, ""), "", BASE_CURRENCY, {}, Counters(), "") | {"id": HOLDINGS_ID}
            self._make.run(connection.connection, row)
        else:
            connection.execute(delete(limit_owners).where(limit_owners.c.id == HOLDINGS_ID))

    def _read_one(self, connection: Connection, owner: Owner) -> OwnedLimits | None:
        row = connection.execute(select(limit_owners).where(limit_owners.c.id == owner.row_id)).mappings().first()
        return None if row is None else _get_limits(row)

    def _read(self, driver: PoolProxiedConnection, account: str, key_id: str) -> Owners:
        rows = self._find.all(driver, _get_ids(account, key_id))
        is_watched = any(row["id"] == HOLDINGS_ID for row in rows)
        return Owners([_get_limits(row) for row in rows if row["id"] != HOLDINGS_ID], is_watched)

    def _bind(self, **values: Any) -> dict[str, Any]:
        """Return the values of a statement, with the time of the machine where the database is a file on it."""
        return values | {"now": time.time_ns() // 1_000_000} if self._storage.is_sqlite else values


def _get_ids(account: str, key_id: str) -> dict[str, str]:
    return {"account_id": Owner.account(account).row_id, "key_id": Owner.key(key_id).row_id}


def _get_row(
    owner: Owner, name: str, currency: str, values: Mapping[str, Any], counters: Counters, by: str
) -> dict[str, Any]:
    content = json.dumps({key: write_value(value) for key, value in values.items()}, sort_keys=True)
    row = {"id": owner.row_id, "name": name, "currency": currency, "content": content, "counters": counters.to_json()}
    return {**row, "updated_at": time.time_ns() // 1_000_000, "updated_by": by}


def _get_limits(row: Mapping[str, Any]) -> OwnedLimits:
    kind, _, owner_id = row["id"].partition(":")
    content = json.loads(row["content"])
    values = {name: read_value(LIMITS[name], said) for name, said in content.items()}
    return OwnedLimits(Owner(kind, owner_id), row["name"], row["currency"], values, Counters.from_json(row["counters"]))
