"""The rows of what each admitted command may do, and took: written with its own row, and read by who checks limits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    PoolProxiedConnection,
    bindparam,
    delete,
    insert,
    select,
    type_coerce,
    update,
)

from app.clock import get_now_ms
from app.orders.naming import HIDDEN_MS
from app.orders.statements import DATABASE_CLOCK
from app.risk.exposure import Holdings
from app.risk.limit_rows import LimitRows
from app.risk.limits.counters import Counters
from app.risk.limits.table import LimitInput
from app.risk.owners import Owner
from app.risk.uses import Use
from app.storage.engine import Storage
from app.storage.limit_tables import limit_owners, limit_uses
from app.storage.order_tables import order_commands
from app.storage.prepared import Prepared

AT_ONCE: Final = 500
KEPT_MS: Final = 2 * 86_400_000
"""After so long nothing that was admitted is taken back."""


class UseRows:
    """The rows; all raise ``StorageUnavailable`` where the database does not answer."""

    def __init__(self, storage: Storage, limits: LimitRows) -> None:
        self._storage = storage
        self._limits = limits
        uses, engine = limit_uses, storage.engine
        now: ColumnElement[int] = bindparam("now", type_=BigInteger) if storage.is_sqlite else DATABASE_CLOCK
        read_at = type_coerce(now, BigInteger).label("read_at")
        self._every = select(*uses.columns, read_at).where(uses.c.account == bindparam("its_account"))
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
        self._age = Prepared(engine, select(uses.c.created_at, read_at).where(its_use))
        self._renumber = Prepared(engine, update(uses).where(its_use).values(sequence=bindparam("its_sequence")))

    def insert(self, driver: PoolProxiedConnection, use: Use, now_ms: int) -> None:
        """Write down what a command may do, and what it took."""
        row: dict[str, Any] = {"command_id": use.command_id, "account": use.account, "api_key_id": use.key_id}
        row |= {"sequence": use.sequence, "is_released": 0, "created_at": now_ms, "content": use.write_content()}
        self._insert.run(driver, row)

    def counts(self, driver: PoolProxiedConnection, command_id: str) -> bool:
        """Return whether a command that no list shows still counts: not where it was admitted long ago, or never."""
        row = self._age.first(driver, self._bind(its_id=command_id))
        return row is not None and row["read_at"] - row["created_at"] <= HIDDEN_MS

    def note_later(self, driver: PoolProxiedConnection, account: str, holdings: Holdings, sequence: int) -> None:
        """Have the uses of an account counted that came, or were released, since its holdings were read.

        Whoever asks has locked the account's row, which says how far its ``sequence`` goes. What was noted before is
        not read again.
        """
        if holdings.known_up_to >= sequence:
            return
        values = self._bind(its_account=account, its_sequence=holdings.known_up_to)
        for row in self._since.mappings(driver, values):
            holdings.note(Use.from_row(row))

    def release(self, driver: PoolProxiedConnection, command_id: str, *, gives_back: bool) -> None:
        """Write down that a command does nothing, once; what it took is given back where it was never sent."""
        row = self._release.first(driver, self._bind(its_id=command_id))
        if row is None:
            return
        use = Use.from_row(row)
        counted = {}
        for each in self._limits.lock(driver, use.account, use.key_id).limits:
            counters = replace(each.counters, sequence=each.counters.sequence + 1)
            taking = use.takings.get(each.owner.kind)
            if gives_back and taking is not None:
                counters = each.counters.without(taking)
            counted[each.owner] = counters
            if each.owner.kind == "account":
                self._renumber.run(driver, {"its_id": command_id, "its_sequence": counters.sequence})
        self._limits.write_counters(driver, counted)

    def read(self, account: str) -> tuple[int, list[Use]]:
        """Return all uses of an account, and the number of its sequence up to which these are all."""
        with self._storage.reading() as connection:
            # The number first: what comes between is read again by whoever reads on from there.
            wanted = select(limit_owners.c.counters).where(limit_owners.c.id == Owner.account(account).row_id)
            counters = connection.execute(wanted).scalar()
            sequence = 0 if counters is None else Counters.from_json(counters).sequence
            rows = connection.execute(self._every, self._bind(its_account=account)).mappings().all()
        return sequence, [use for use in map(Use.from_row, map(dict, rows)) if use.sequence <= sequence]

    def find_waiting(self, account: str) -> dict[str, int]:
        """Return how long ago each command of an account was admitted that may have orders which are not shown."""
        return {use.command_id: use.age_ms for use in self.read(account)[1] if not use.is_released}

    def find_keys(self, command_ids: Iterable[str]) -> dict[str, str]:
        """Return whose API key gave each command, as far as the journal has it."""
        found: dict[str, str] = {}
        commands = order_commands.c
        for some in batched(sorted(command_ids), AT_ONCE):
            with self._storage.reading() as connection:
                rows = connection.execute(select(commands.id, commands.api_key_id).where(commands.id.in_(some)))
                found |= {row.id: row.api_key_id for row in rows}
        return found

    def forget(self, command_ids: Iterable[str]) -> None:
        """Delete uses that matter no more; a power cut may bring them back."""
        for some in batched(sorted(command_ids), AT_ONCE):
            with self._storage.writing(relaxed=True) as connection:
                connection.execute(delete(limit_uses).where(limit_uses.c.command_id.in_(some)))

    def purge(self) -> int:
        """Delete old uses of accounts whose limits need no holdings, and return how many: nobody reads those."""
        needing = self._limits.list_accounts_that_need(LimitInput.HOLDINGS)
        if needing is None:
            return 0
        is_old = limit_uses.c.created_at < get_now_ms() - KEPT_MS
        unread = select(limit_uses.c.command_id).where(is_old, limit_uses.c.account.not_in(needing))
        with self._storage.reading() as connection:
            found = connection.execute(unread).scalars().all()
        self.forget(found)
        return len(found)

    def _bind(self, **values: Any) -> dict[str, Any]:
        """Return the values of a statement, with the time of the machine where the database is a file on it."""
        return values | {"now": get_now_ms()} if self._storage.is_sqlite else values


def batched(ids: Sequence[str], number: int) -> Iterator[Sequence[str]]:
    """Yield so many of them at a time."""
    return (ids[start : start + number] for start in range(0, len(ids), number))
