"""The journal: a durable row for each order command, and who may change it.

Every change names the revision it was decided on, so of two workers that resolve the same command one is first and the
other reads what it found. A write that returns is on disk, but for the note that Tiger accepted, which Tiger can
repeat: an order waits for the disk once, before it is sent.
"""

import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, PoolProxiedConnection, bindparam, delete, func, not_, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import InternalError, TooBusy
from app.orders.modification_lock import is_another_under_way, list_names, queue_up
from app.orders.records import CommandRecord, Kind, NewCommand, get_record
from app.orders.requester import Requester
from app.orders.statements import CHANGED, Statements
from app.orders.states import OUTCOMES, RESOLVED, State, check_move
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

FIRST_LOOK_MS: Final = 3_000
"""The reconciler leaves a command this long to the worker that has it."""

PURGED_AT_ONCE: Final = 1_000
"""So many rows are deleted in one transaction: on SQLite every order waits for it."""
PURGE_PAUSE_SECONDS: Final = 0.05
"""After each of them the orders that waited get their turn."""

OPEN_STATES: Final = tuple(state.value for state in State if state not in RESOLVED)


class NumberTaken(Exception):
    """Another command has this order number already."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The row of a command: new, or the one that holds its idempotency key."""

    record: CommandRecord
    is_new: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a command may be worked on, and put on the wire, from now; in milliseconds.

    Without one of them it stays as it was. ``tiger_now`` is Tiger's own time now, where it is known.
    """

    busy_ms: int | None
    sending_ms: int | None
    tiger_now: int | None = None

    @property
    def sent_by_tiger(self) -> int | None:
        """Return until when it may be put on the wire, by Tiger's own clock."""
        return None if self.tiger_now is None else self.tiger_now + (self.sending_ms or 0)


class Journal:
    """The journal of one gateway; raises ``StorageUnavailable`` where it cannot be read or written."""

    def __init__(self, storage: Storage, *, claim_ms: int) -> None:
        self._storage = storage
        self._claim_ms = claim_ms
        self._statements = Statements(storage)

    def find_claim(self, requester: Requester, account: str, tiger_now: int | None) -> CommandRecord | None:
        """Return the command that holds the requester's idempotency key, or None where the key is free."""
        if requester.idempotency_key is None:
            return None
        with self._storage.reading() as connection:
            held = self._find_holder(connection, requester, account)
        return None if held is None or self._is_over(held, tiger_now) else held

    def is_held(self, key: str, key_id: str, account: str) -> bool:
        """Tell whether a requester's idempotency key holds a command."""
        with self._storage.reading() as connection:
            values = self._bind(its_account=account, its_claim=key, its_api_key_id=key_id)
            return self._statements.holder.first(connection.connection, values) is not None

    def find_free_number(self, account: str, told: int) -> int:
        """Return the first number, from the one that Tiger told, above all that commands of ours hold."""
        with self._storage.reading() as connection:
            values = {"its_account": account, "told": told}
            last = connection.execute(self._statements.last_number, values).scalar_one()
        return told if last is None else int(last) + 1

    def open(self, command: NewCommand, state: State, number: int | None, timing: Timing) -> Opened:
        """Write the row of a command, or return the one that holds its idempotency key.

        Raises:
            NumberTaken: The order number was used before.
            TooBusy: The order is being modified by another command.
        """
        try:
            # Nearly always the key is free; asking first would cost every order what only repeats need.
            return Opened(self._write(command, state, number, timing), is_new=True)
        except IntegrityError as error:
            held = self.find_claim(command.requester, command.account, timing.tiger_now)
            if held is not None:
                return Opened(held, is_new=False)
            conflict = error
        try:
            with self._storage.writing() as connection:
                self._release(connection, command, timing.tiger_now)
                return Opened(self._write_in_turn(connection, command, state, number, timing), is_new=True)
        except IntegrityError:
            held = self.find_claim(command.requester, command.account, timing.tiger_now)
            if held is not None:
                return Opened(held, is_new=False)
            if number is None:
                message = "The idempotency key changed hands at this moment; nothing was sent."
                raise TooBusy(message, retry_after=1) from conflict
            raise NumberTaken from conflict

    def move(
        self,
        record: CommandRecord,
        state: State,
        event: str,
        details: Mapping[str, Any] | None = None,
        *,
        timing: Timing | None = None,
        look_in_ms: int | None = None,
        **columns: Any,
    ) -> CommandRecord | None:
        """Change a command's state and say why, or return None where another worker changed the row meanwhile.

        Raises:
            NumberTaken: The new order number was used before.
        """
        check_move(record.state, state)
        told = record.history + write_event(event, {"state": state.value, **(details or {})})
        after = replace(record, state=state, history=told, **columns)
        if state in {State.REJECTED, State.DENIED}:
            # Tiger may tell the number of a refused order again.
            after = replace(after, number_claim=None)
        try:
            return self._update(after, timing, look_in_ms)
        except IntegrityError as error:
            raise NumberTaken from error

    def postpone(self, record: CommandRecord, look_in_ms: int | None, tiger_now: int | None = None) -> None:
        """Note that a command was looked at in vain, and when to look again, unless it has changed meanwhile.

        This is no change of the command: the worker that is at it still holds its row. Where Tiger's time was not known
        when it was sent, its wait counts from this look on.
        """
        values = self._bind(its_id=record.id, its_revision=record.revision, look_in_ms=look_in_ms, tiger_now=tiger_now)
        with self._storage.writing() as connection:
            connection.execute(self._statements.postpone, values)

    def postpone_all(self, looks: Sequence[tuple[CommandRecord, int | None]]) -> None:
        """Note for many commands at once when to look again; a power cut may undo it."""
        if not looks:
            return
        with self._storage.writing(relaxed=True) as connection:
            for record, look_in_ms in looks:
                values = {"its_id": record.id, "its_revision": record.revision, "look_in_ms": look_in_ms}
                connection.execute(self._statements.postpone, self._bind(**values, tiger_now=None))

    def read(self, command_id: str) -> CommandRecord:
        """Return a command as it stands."""
        with self._storage.reading() as connection:
            row = self._statements.read.first(connection.connection, self._bind(its_id=command_id))
        if row is None:
            raise InternalError("The journal lost a command.")
        return get_record(row)

    def find(self, *conditions: ColumnElement[bool], limit: int) -> list[CommandRecord]:
        """Return the commands that match, newest first."""
        statement = self._statements.select.where(*conditions).order_by(order_commands.c.id.desc()).limit(limit)
        with self._storage.reading() as connection:
            return [get_record(row._asdict()) for row in connection.execute(statement, self._bind())]

    def find_client_ids(self, account: str, order_ids: Sequence[str]) -> dict[str, str]:
        """Return the idempotency key of each order that was placed with one, by the order's id."""
        table = order_commands.c
        its = (table.account == account, table.order_id.in_(order_ids), table.kind == Kind.PLACE.value)
        wanted = select(table.order_id, table.idempotency_key).where(*its, table.idempotency_key.is_not(None))
        with self._storage.reading() as connection:
            return {row.order_id: row.idempotency_key for row in connection.execute(wanted)}

    def list_names(self, account: str, name: str) -> set[str]:
        """Return what an order is called, its id and the account's own number, as far as its placement tells."""
        with self._storage.reading() as connection:
            return list_names(connection, account, name)

    def list_due(self, limit: int, *, without: Iterable[str], accepted: bool = False) -> list[CommandRecord]:
        """Return commands whose next look is due, the longest waiting first: unresolved ones, or accepted orders.

        ``without`` are the accounts that are left out.
        """
        is_accepted = order_commands.c.state == State.ACCEPTED.value
        wanted = is_accepted if accepted else not_(is_accepted)
        due = self._statements.due.where(order_commands.c.account.not_in(without), wanted).limit(limit)
        with self._storage.reading() as connection:
            rows = connection.execute(due, self._bind())
            return [get_record(row._asdict()) for row in rows]

    def count_states(self) -> dict[str, int]:
        """Return how many commands that are still looked for stand in each state."""
        counted = (
            select(order_commands.c.state, func.count())
            .where(order_commands.c.next_look_at.is_not(None))
            .group_by(order_commands.c.state)
        )
        with self._storage.reading() as connection:
            counts = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
        return {state: counts.get(state, 0) for state in OPEN_STATES}

    def purge(self, older_than_ms: int) -> int:
        """Delete commands that are older and return how many; what is not resolved, or still held by a key, stays.

        Some go at a time, in the order of their ids, so that no order waits long and the database's log stays short.
        A power cut may bring the last of them back, for the next purge.
        """
        kept_ms = max(older_than_ms, self._claim_ms)
        resolved = [state.value for state in State if OUTCOMES[state] != "unknown"]
        horizon = self._statements.now - kept_ms
        old = (order_commands.c.created_at < horizon, order_commands.c.state.in_(resolved))
        its_id = order_commands.c.id
        following = select(its_id).where(its_id > bindparam("after"), *old).order_by(its_id).limit(PURGED_AT_ONCE)
        part = delete(order_commands).where(its_id > bindparam("after"), its_id <= bindparam("last"), *old)
        deleted, after = 0, ""
        while True:
            with self._storage.reading() as connection:
                ids = connection.execute(following, self._bind(after=after)).scalars().all()
            if not ids:
                return deleted
            with self._storage.writing(relaxed=True) as connection:
                deleted += connection.execute(part, self._bind(after=after, last=ids[-1])).rowcount
            self._storage.checkpoint()
            if len(ids) < PURGED_AT_ONCE:
                return deleted
            after = ids[-1]
            time.sleep(PURGE_PAUSE_SECONDS)

    def _write(self, command: NewCommand, state: State, number: int | None, timing: Timing) -> CommandRecord:
        if command.kind is Kind.MODIFY:
            with self._storage.writing() as connection:
                return self._write_in_turn(connection, command, state, number, timing)
        with self._storage.writing_directly() as driver:
            return self._insert(driver, command, state, number, timing)

    def _write_in_turn(
        self, connection: Connection, command: NewCommand, state: State, number: int | None, timing: Timing
    ) -> CommandRecord:
        """Write the row of a command; raise ``TooBusy`` for a modification while another one is under way."""
        is_change = command.kind is Kind.MODIFY
        if is_change:
            queue_up(connection, command.account)
        record = self._insert(connection.connection, command, state, number, timing)
        if is_change and is_another_under_way(connection, record):
            # The row goes with its transaction.
            raise TooBusy("The order is being modified by another command; nothing was sent.", retry_after=1)
        return record

    def _insert(
        self, driver: PoolProxiedConnection, command: NewCommand, state: State, number: int | None, timing: Timing
    ) -> CommandRecord:
        requester = command.requester
        values = self._bind(
            id=f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}",
            kind=command.kind.value,
            account=command.account,
            api_key_id=requester.key_id,
            api_key_name=requester.name,
            idempotency_key=requester.idempotency_key,
            claim=requester.idempotency_key,
            body_digest=command.digest,
            body=command.body,
            state=state.value,
            revision=1,
            attempts=1 if state is State.SENDING else 0,
            requested_order_id=command.requested_order_id,
            order_number=number,
            number_claim=number,
            order_id=None,
            answer=None,
            history=write_event("received", {"state": state.value, "request_id": requester.request_id}),
            looks=0,
            busy_ms=timing.busy_ms,
            sending_ms=timing.sending_ms,
            sent_by_tiger=timing.sent_by_tiger,
            look_in_ms=FIRST_LOOK_MS,
        )
        row = self._statements.insert.first(driver, values)
        if row is None:
            raise InternalError("The journal took a command and does not show it.")
        return get_record(row)

    def _update(self, after: CommandRecord, timing: Timing | None, look_in_ms: int | None) -> CommandRecord | None:
        new = {f"new_{name}": getattr(after, name) for name in CHANGED} | {"new_state": after.state.value}
        times = {
            "busy_ms": timing and timing.busy_ms,
            "sending_ms": timing and timing.sending_ms,
            "new_sent_by_tiger": timing and timing.sent_by_tiger,
            "look_in_ms": look_in_ms,
        }
        values = self._bind(its_id=after.id, its_revision=after.revision, **new, **times)
        # Should a power cut undo the note that Tiger accepted, the row says SENDING again, and Tiger is asked again.
        with self._storage.writing_directly(relaxed=after.state is State.ACCEPTED) as driver:
            row = self._statements.update.first(driver, values)
            return None if row is None else get_record(row)

    def _find_holder(self, connection: Connection, requester: Requester, account: str) -> CommandRecord | None:
        values = self._bind(its_account=account, its_claim=requester.idempotency_key, its_api_key_id=requester.key_id)
        row = self._statements.holder.first(connection.connection, values)
        return None if row is None else get_record(row)

    def _is_over(self, held: CommandRecord, tiger_now: int | None) -> bool:
        """Tell whether a key is free again: a denial is not kept, other outcomes for their time, the unresolved ever.

        That time has to be over by Tiger's clock as well: a clock that was set forward here must free no key.
        """
        if held.state is State.DENIED or held.state not in RESOLVED:
            return held.state is State.DENIED
        return held.get_age_ms(tiger_now) > self._claim_ms

    def _release(self, connection: Connection, command: NewCommand, tiger_now: int | None) -> None:
        """Take the key from a command that holds it no longer; its row stays."""
        if command.requester.idempotency_key is None:
            return
        held = self._find_holder(connection, command.requester, command.account)
        if held is not None and self._is_over(held, tiger_now):
            connection.execute(update(order_commands).where(order_commands.c.id == held.id).values(claim=None))

    def _bind(self, **values: Any) -> dict[str, Any]:
        """Return the values of a statement, with the time of the machine where the database is a file on it."""
        return values | {"now": time.time_ns() // 1_000_000} if self._storage.is_sqlite else values


def write_event(event: str, details: Mapping[str, Any]) -> str:
    """Return the line of a command's history that says what happened, now."""
    return json.dumps({"at": time.time_ns() // 1_000_000, "event": event, "details": dict(details)}) + "\n"
