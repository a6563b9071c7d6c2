"""What is asked of the journal: each question by its name, so that no other module knows a column."""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, not_, or_, select

from app.errors import InternalError
from app.orders.bodies import read_ticket
from app.orders.modification_lock import is_overtaken
from app.orders.records import CommandRecord, Kind, get_record
from app.orders.statements import get_statements
from app.orders.states import State
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

MOST_COMMANDS: Final = 500
MOST_RELATED: Final = 2
"""So many orders come with one at most: a take_profit and a stop_loss, or an OCA partner."""
LARGEST_NUMBER: Final = 2**63


class JournalReader:
    """The questions; all raise ``StorageUnavailable`` where the journal cannot be read."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._statements = get_statements(storage)

    def read(self, command_id: str) -> CommandRecord:
        """Return a command as it stands."""
        with self._storage.reading() as connection:
            row = self._statements.read.first(connection.connection, self._bind(its_id=command_id))
        if row is None:
            raise InternalError("The journal lost a command.")
        return get_record(row)

    def find_holder(self, key: str | None, key_id: str, account: str) -> CommandRecord | None:
        """Return the command that has an idempotency key of an API key, whether it still counts or not."""
        if key is None:
            return None
        values = self._bind(its_account=account, its_claim=key, its_api_key_id=key_id)
        with self._storage.reading() as connection:
            row = self._statements.holder.first(connection.connection, values)
        return None if row is None else get_record(row)

    def find_by_key(self, account: str, key: str) -> list[CommandRecord]:
        """Return the commands that have an idempotency key, one of each API key that used it."""
        return self._find(order_commands.c.account == account, order_commands.c.claim == key)

    def find_placements(self, account: str, name: str) -> list[CommandRecord]:
        """Return the placements that have or had this id or number, newest first."""
        is_placement = order_commands.c.kind == Kind.PLACE.value
        return self._find(order_commands.c.account == account, is_placement, or_(*_is_called({name})))

    def find_about(self, account: str, names: Collection[str]) -> list[CommandRecord]:
        """Return the commands about orders that have or had one of these ids or numbers, newest first."""
        is_requested = order_commands.c.requested_order_id.in_(names)
        return self._find(order_commands.c.account == account, or_(is_requested, *_is_called(names)))

    def find_placed(self, account: str, order_ids: Collection[str]) -> list[CommandRecord]:
        """Return the placements of orders, newest first."""
        is_placement = order_commands.c.kind == Kind.PLACE.value
        return self._find(order_commands.c.account == account, order_commands.c.order_id.in_(order_ids), is_placement)

    def find_client_ids(self, account: str, order_ids: Sequence[str]) -> dict[str, str]:
        """Return the idempotency key of each order that was placed with one, by the order's id."""
        table = order_commands.c
        its = (table.account == account, table.order_id.in_(order_ids), table.kind == Kind.PLACE.value)
        wanted = select(table.order_id, table.idempotency_key).where(*its, table.idempotency_key.is_not(None))
        with self._storage.reading() as connection:
            return {row.order_id: row.idempotency_key for row in connection.execute(wanted)}

    def find_ordered_types(self, account: str, age_seconds: float) -> set[str]:
        """Return the types of instruments, legs of combinations too, that orders of the last seconds are about."""
        values = self._bind(its_account=account, age_ms=int(age_seconds * 1_000))
        with self._storage.reading() as connection:
            written = connection.execute(self._statements.recent_bodies, values).scalars().all()
        types: set[str] = set()
        for ticket in map(read_ticket, written):
            types |= {ticket.sec_type, *(leg.sec_type for leg in ticket.legs)}
        return types

    def find_unsettled(self, account: str) -> list[CommandRecord]:
        """Return the placements that Tiger may have without showing them yet, and the latest ones besides."""
        with self._storage.reading() as connection:
            return self._list_unsettled(connection, account)

    def _list_unsettled(self, connection: Connection, account: str) -> list[CommandRecord]:
        values, statements = self._bind(its_account=account), self._statements
        found = [*connection.execute(statements.unsettled, values | {"its_kind": Kind.PLACE.value})]
        # One that was seen as filled meanwhile is looked at no longer.
        found += connection.execute(statements.latest, values)
        return list({row.id: get_record(row._asdict()) for row in found}.values())

    def find_free_number(self, account: str, offered: int) -> int:
        """Return the first number, from the one that Tiger offered, above all that commands of ours hold.

        Room is left for what may be attached to the last of them: it takes the numbers that follow, unseen perhaps, and
        Tiger would refuse one of those without showing why.
        """
        with self._storage.reading() as connection:
            values = {"its_account": account, "offered": offered}
            last = connection.execute(self._statements.last_number, values).scalar_one()
        return offered if last is None else int(last) + 1 + MOST_RELATED

    def is_overtaken(self, record: CommandRecord) -> bool:
        """Return whether a later command may have changed what a modification is seen by."""
        with self._storage.reading() as connection:
            return is_overtaken(connection, record)

    def list_due(self, limit: int, *, without: Iterable[str], accepted: bool = False) -> list[CommandRecord]:
        """Return commands whose next look is due, the longest waiting first: unresolved ones, or accepted orders.

        ``without`` are the accounts that are left out.
        """
        is_accepted = order_commands.c.state == State.ACCEPTED.value
        wanted = is_accepted if accepted else not_(is_accepted)
        due = self._statements.due.where(order_commands.c.account.not_in(without), wanted).limit(limit)
        with self._storage.reading() as connection:
            return [get_record(row._asdict()) for row in connection.execute(due, self._bind())]

    def _find(self, *conditions: ColumnElement[bool]) -> list[CommandRecord]:
        newest = self._statements.select.where(*conditions).order_by(order_commands.c.id.desc()).limit(MOST_COMMANDS)
        with self._storage.reading() as connection:
            return [get_record(row._asdict()) for row in connection.execute(newest, self._bind())]

    def _bind(self, **values: Any) -> dict[str, Any]:
        """Return the values of a statement, with the time of the machine where the database is a file on it."""
        return values | {"now": time.time_ns() // 1_000_000} if self._storage.is_sqlite else values


def _is_called(names: Collection[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    numbers = [int(name) for name in names if int(name) < LARGEST_NUMBER]
    return order_commands.c.order_id.in_(names), order_commands.c.order_number.in_(numbers)
