"""The journal: a durable row for each order command, and who may change it.

Every change names the revision it was decided on, so of two workers that resolve the same command one is first and the
other reads what it found. A write that returns is on disk, but for the note that Tiger accepted, which Tiger can
repeat: an order waits for the disk once, before it is sent.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection, update
from sqlalchemy.exc import IntegrityError

from app.errors import InternalError, TooBusy
from app.orders.gate import Admit
from app.orders.journal_reader import JournalReader
from app.orders.modification_lock import is_another_under_way, queue_up
from app.orders.purging import purge
from app.orders.records import CommandRecord, Kind, NewCommand, get_record
from app.orders.requester import Requester
from app.orders.statements import CHANGED
from app.orders.states import RESOLVED, State, check_move
from app.orders.times import Timing
from app.orders.witnesses import Change, Witnesses
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

FIRST_LOOK_MS: Final = 3_000
"""The reconciler leaves a command this long to the worker that has it."""
MOST_OPENINGS: Final = 3
RECEIVED: Final = "received"

Decide = Callable[[Sequence[CommandRecord]], NewCommand]


class NumberTaken(Exception):
    """Another command has this order number already."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The row of a command: new, or the one that holds its idempotency key."""

    record: CommandRecord
    is_new: bool


class Journal(JournalReader):
    """The journal of one gateway; raises ``StorageUnavailable`` where it cannot be read or written."""

    def __init__(self, storage: Storage, *, claim_ms: int, witnesses: Witnesses = ()) -> None:
        super().__init__(storage)
        self._claim_ms = claim_ms
        self._witnesses = witnesses

    def find_claim(self, requester: Requester, account: str, tiger_now: int | None) -> CommandRecord | None:
        """Return the command that holds the requester's idempotency key, or None where the key is free."""
        held = self.find_holder(requester.idempotency_key, requester.key_id, account)
        return None if held is None or self._is_over(held, tiger_now) else held

    def open(
        self,
        command: NewCommand,
        state: State,
        number: int | None,
        timing: Timing,
        *,
        decide: Decide | None = None,
        admit: Admit | None = None,
    ) -> Opened:
        """Write the row of a command, or return the one that holds its idempotency key.

        With ``decide`` it is the command that this makes of the account's latest placements, and nobody else decides
        at the same time. What it raises leaves no row, and so does what ``admit`` raises, which is given the row.

        Raises:
            NumberTaken: The order number was used before.
            TooBusy: The order is being modified by another command.
        """
        requester = command.requester
        for _ in range(MOST_OPENINGS):
            try:
                # Nearly always the key is free; asking first would cost every order what only repeats need.
                return Opened(self._write(command, state, number, timing, decide, admit), is_new=True)
            except IntegrityError as conflict:
                held = self.find_holder(requester.idempotency_key, requester.key_id, command.account)
                if held is None and number is not None:
                    raise NumberTaken from conflict
            if held is not None and not self._is_over(held, timing.tiger_now):
                return Opened(held, is_new=False)
            if held is not None:
                self._release(held)
        raise TooBusy("The idempotency key changed hands at this moment; nothing was sent.", retry_after=1)

    def move(
        self,
        record: CommandRecord,
        state: State,
        event: str,
        details: Mapping[str, Any] | None = None,
        *,
        timing: Timing | None = None,
        look_in_ms: int | None = None,
        admit: Admit | None = None,
        **columns: Any,
    ) -> CommandRecord | None:
        """Change a command's state and say why, or return None where another worker changed the row meanwhile.

        What ``admit`` raises, which is given the row as it stands then, leaves it as it was.

        Raises:
            NumberTaken: The new order number was used before.
        """
        check_move(record.state, state)
        told = {"state": state.value, **(details or {})}
        history = record.history + write_event(event, told)
        after = replace(record, state=state, history=history, **columns)
        if state in {State.REJECTED, State.DENIED}:
            # Tiger may offer the number of a refused order again.
            after = replace(after, number_claim=None)
        values = self._bind(
            its_id=after.id,
            its_revision=after.revision,
            busy_ms=timing and timing.busy_ms,
            sending_ms=timing and timing.sending_ms,
            new_sent_by_tiger=timing and timing.sent_by_tiger,
            look_in_ms=look_in_ms,
            **{f"new_{name}": getattr(after, name) for name in CHANGED} | {"new_state": state.value},
        )
        try:
            # Should a power cut undo that Tiger accepted, the row says SENDING again, and Tiger is asked again.
            with self._storage.writing_directly(relaxed=state is State.ACCEPTED) as driver:
                row = self._statements.update.first(driver, values)
                moved = None if row is None else get_record(row)
                if moved is not None:
                    self._pass(driver, Change(moved, record.state, event, told), admit)
        except IntegrityError as error:
            raise NumberTaken from error
        return moved

    def postpone(self, record: CommandRecord, look_in_ms: int | None, tiger_now: int | None = None) -> None:
        """Note that a command was looked at in vain, and when to look again, unless it has changed meanwhile.

        This is no change of the command: the worker that is at it still holds its row. Where Tiger's time was not known
        when it was sent, its wait counts from this look on.
        """
        self.postpone_all([(record, look_in_ms)], tiger_now)

    def postpone_all(self, looks: Sequence[tuple[CommandRecord, int | None]], tiger_now: int | None = None) -> None:
        """Note the same for many commands at once; a power cut may undo it."""
        if not looks:
            return
        with self._storage.writing(relaxed=True) as connection:
            for record, look_in_ms in looks:
                values = {"its_id": record.id, "its_revision": record.revision, "look_in_ms": look_in_ms}
                connection.execute(self._statements.postpone, self._bind(**values, tiger_now=tiger_now))

    def purge(self, older_than_ms: int) -> int:
        """Delete commands that are older and return how many; what is not resolved, or still held by a key, stays."""
        return purge(self._storage, self._statements.now - max(older_than_ms, self._claim_ms))

    def _write(
        self,
        command: NewCommand,
        state: State,
        number: int | None,
        timing: Timing,
        decide: Decide | None,
        admit: Admit | None,
    ) -> CommandRecord:
        if command.kind is not Kind.MODIFY and decide is None:
            with self._storage.writing_directly() as driver:
                return self._insert(driver, command, state, number, timing, admit)
        with self._storage.writing() as connection:
            queue_up(connection, command.account)
            if decide is not None:
                command = decide(self._list_unsettled(connection, command.account))
            record = self._insert(connection.connection, command, state, number, timing, admit)
            if command.kind is Kind.MODIFY and is_another_under_way(connection, record):
                # The row goes with its transaction.
                raise TooBusy("The order is being modified by another command; nothing was sent.", retry_after=1)
            return record

    def _insert(
        self,
        driver: PoolProxiedConnection,
        command: NewCommand,
        state: State,
        number: int | None,
        timing: Timing,
        admit: Admit | None,
    ) -> CommandRecord:
        requester = command.requester
        told = {"state": state.value, "request_id": requester.request_id}
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
            history=write_event(RECEIVED, told),
            looks=0,
            busy_ms=timing.busy_ms,
            sending_ms=timing.sending_ms,
            sent_by_tiger=timing.sent_by_tiger,
            look_in_ms=FIRST_LOOK_MS,
        )
        row = self._statements.insert.first(driver, values)
        if row is None:
            raise InternalError("The journal took a command and does not show it.")
        record = get_record(row)
        self._pass(driver, Change(record, None, RECEIVED, told), admit)
        return record

    def _pass(self, driver: PoolProxiedConnection, change: Change, admit: Admit | None) -> None:
        """Have a row admitted that was just written, and tell the witnesses of it and of what its admission says.

        Raises:
            StorageUnavailable: What they write met a conflict, which says nothing of order number or idempotency key.
        """
        with self._storage.without_conflict():
            if admit is not None:
                change = replace(change, details={**change.details, **admit(driver, change.record)})
            for witness in self._witnesses:
                witness.note(driver, change)

    def _is_over(self, held: CommandRecord, tiger_now: int | None) -> bool:
        """Return whether a key is free again: a denial is not kept, other outcomes for their time, the unresolved ever.

        That time has to be over by Tiger's clock as well: a clock that was set forward here must free no key.
        """
        if held.state is State.DENIED or held.state not in RESOLVED:
            return held.state is State.DENIED
        return held.get_age_ms(tiger_now) > self._claim_ms

    def _release(self, held: CommandRecord) -> None:
        """Take the key from a command that holds it no longer; its row stays."""
        with self._storage.writing() as connection:
            connection.execute(update(order_commands).where(order_commands.c.id == held.id).values(claim=None))


def write_event(event: str, details: Mapping[str, Any]) -> str:
    """Return the line of a command's history that says what happened, now."""
    return json.dumps({"at": time.time_ns() // 1_000_000, "event": event, "details": dict(details)}) + "\n"
