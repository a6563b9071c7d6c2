"""The journal: a durable row for each order command, and who may change it.

Every change names the revision it was decided on, so of two workers that settle the same command one is first and the
other reads what it found. A write that returns is on disk.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.errors import InternalError
from app.orders.callers import Caller
from app.orders.entries import Draft, Entry, get_entry
from app.orders.states import OUTCOMES, SETTLED, State, check_move
from app.storage.engine import Storage
from app.storage.order_tables import order_claims, order_commands, order_events

DATABASE_CLOCK: Final = literal_column("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", BigInteger)
"""The server's clock, one for all machines (PostgreSQL documentation, "Current Date/Time")."""

FIRST_LOOK_MS: Final = 3_000
"""The reconciler leaves a command this long to the worker that has it."""

UNSETTLED: Final = tuple(state.value for state in State if state not in SETTLED)


class NumberTaken(Exception):
    """Another command has this order number already."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The row of a command: new, or the one that holds its idempotency key."""

    entry: Entry
    is_new: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a command may be worked on, and put on the wire, from now; in milliseconds."""

    busy_ms: int
    sending_ms: int


class Journal:
    """The journal of one gateway; raises ``StorageUnavailable`` where it cannot be read or written."""

    def __init__(self, storage: Storage, *, claim_ms: int) -> None:
        self._storage = storage
        self._claim_ms = claim_ms

    def find_claim(self, caller: Caller, account: str) -> Entry | None:
        """Return the command that holds the caller's idempotency key, or None where the key is free."""
        if caller.idempotency_key is None:
            return None
        with self._storage.reading() as connection:
            return self._find_claim(connection, caller, account)

    def open(self, draft: Draft, state: State, number: int | None, timing: Timing) -> Opened:
        """Write the row of a command, or return the one that holds its idempotency key.

        Raises:
            NumberTaken: The order number was used before.
        """
        try:
            with self._storage.writing() as connection:
                held = self._find_claim(connection, draft.caller, draft.account)
                return Opened(held, is_new=False) if held else self._insert(connection, draft, state, number, timing)
        except IntegrityError as error:
            # On SQLite writers queue, on PostgreSQL two may find the key free: the second is told here.
            held = self.find_claim(draft.caller, draft.account)
            if held is None:
                raise NumberTaken from error
            return Opened(held, is_new=False)

    def move(
        self,
        entry: Entry,
        state: State,
        event: str,
        details: dict[str, Any] | None = None,
        *,
        timing: Timing | None = None,
        look_in_ms: int | None = None,
        **columns: Any,
    ) -> Entry | None:
        """Change a command's state and say why, or return None where another worker changed the row meanwhile.

        Raises:
            NumberTaken: The new order number was used before.
        """
        check_move(entry.state, state)
        now = self._now()
        columns |= {"state": state.value, "revision": entry.revision + 1}
        columns["next_look_at"] = None if look_in_ms is None else now + look_in_ms
        if timing is not None:
            columns |= {"busy_until": now + timing.busy_ms, "sent_by": now + timing.sending_ms}
        elif entry.state is State.SENDING and state is State.UNKNOWN:
            # The attempt is over: from here on counts the time in which it may still surface.
            columns["sent_by"] = now
        mine = (order_commands.c.id == entry.id, order_commands.c.revision == entry.revision)
        statement = update(order_commands).where(*mine).values(columns).returning(*order_commands.c, self._read_at())
        try:
            with self._storage.writing() as connection:
                row = connection.execute(statement).mappings().first()
                if row is None:
                    return None
                if state is State.DENIED:
                    # A denial is not kept for replay: the key is free again.
                    connection.execute(delete(order_claims).where(order_claims.c.command_id == entry.id))
                self._tell(connection, entry.id, event, {"state": state.value, **(details or {})})
                return get_entry(row)
        except IntegrityError as error:
            raise NumberTaken from error

    def postpone(self, entry: Entry, look_in_ms: int | None) -> None:
        """Note that a command was looked at in vain, and when to look again."""
        mine = (order_commands.c.id == entry.id, order_commands.c.revision == entry.revision)
        next_look = None if look_in_ms is None else self._now() + look_in_ms
        with self._storage.writing() as connection:
            connection.execute(
                update(order_commands).where(*mine).values(next_look_at=next_look, looks=entry.looks + 1)
            )

    def read(self, command_id: str) -> Entry:
        """Return a command as it stands."""
        with self._storage.reading() as connection:
            entries = self._select(connection, order_commands.c.id == command_id)
        if not entries:
            raise InternalError("The journal lost a command.")
        return entries[0]

    def find(self, *conditions: ColumnElement[bool], limit: int = 100) -> list[Entry]:
        """Return the commands that match, newest first."""
        with self._storage.reading() as connection:
            return self._select(connection, *conditions, limit=limit)

    def list_due(self, limit: int) -> list[Entry]:
        """Return commands that are not settled and whose next look is due, the longest waiting first."""
        statement = (
            select(*order_commands.c, self._read_at())
            .where(order_commands.c.next_look_at <= self._now())
            .order_by(order_commands.c.next_look_at)
            .limit(limit)
        )
        with self._storage.reading() as connection:
            return [get_entry(row) for row in connection.execute(statement).mappings()]

    def list_events(self, entries: Sequence[Entry]) -> list[dict[str, Any]]:
        """Return what happened to these commands, oldest first."""
        by_id = {entry.id: entry for entry in entries}
        statement = (
            select(order_events)
            .where(order_events.c.command_id.in_(by_id))
            .order_by(order_events.c.at, order_events.c.id)
        )
        with self._storage.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [
            {
                "at": row["at"],
                "event": row["event"],
                "command": by_id[row["command_id"]].kind.value,
                "command_id": row["command_id"],
                "api_key_name": by_id[row["command_id"]].api_key_name,
                "details": json.loads(row["details"]),
            }
            for row in rows
        ]

    def count_states(self) -> dict[str, int]:
        """Return how many commands that are still looked for stand in each state."""
        counted = (
            select(order_commands.c.state, func.count())
            .where(order_commands.c.next_look_at.is_not(None))
            .group_by(order_commands.c.state)
        )
        with self._storage.reading() as connection:
            counts = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
        return {state: counts.get(state, 0) for state in UNSETTLED}

    def purge(self, older_than_ms: int) -> int:
        """Delete settled commands that are older, with their events, and return how many; what is open stays."""
        settled = order_commands.c.state.not_in([state.value for state in State if OUTCOMES[state] == "unknown"])
        with self._storage.writing() as connection:
            horizon = self._now() - older_than_ms
            claimed = select(order_claims.c.command_id).where(order_claims.c.expires_at > self._now())
            old = (order_commands.c.created_at < horizon, settled, order_commands.c.id.not_in(claimed))
            return connection.execute(delete(order_commands).where(*old)).rowcount

    def _find_claim(self, connection: Connection, caller: Caller, account: str) -> Entry | None:
        if caller.idempotency_key is None:
            return None
        wanted = (
            order_claims.c.api_key_id == caller.key_id,
            order_claims.c.account == account,
            order_claims.c.idempotency_key == caller.idempotency_key,
        )
        claim = select(order_claims.c.command_id, order_claims.c.expires_at, self._read_at()).where(*wanted)
        row = connection.execute(claim).mappings().first()
        if row is None:
            return None
        entry = self._select(connection, order_commands.c.id == row["command_id"])[0]
        # What is not settled is never forgotten, however old.
        is_over = row["expires_at"] <= row["read_at"] and entry.state in SETTLED
        return None if is_over else entry

    def _insert(self, connection: Connection, draft: Draft, state: State, number: int | None, timing: Timing) -> Opened:
        command_id, now, caller = secrets.token_hex(10), self._now(), draft.caller
        statement = insert(order_commands).values(
            id=command_id,
            kind=draft.kind.value,
            account=draft.account,
            api_key_id=caller.key_id,
            api_key_name=caller.name,
            idempotency_key=caller.idempotency_key,
            body_digest=draft.digest,
            body=draft.body,
            state=state.value,
            revision=1,
            attempts=1 if state is State.SENDING else 0,
            requested_order_id=draft.requested_order_id,
            order_number=number,
            looks=0,
            created_at=now,
            busy_until=now + timing.busy_ms,
            sent_by=now + timing.sending_ms,
            next_look_at=now + FIRST_LOOK_MS,
        )
        row = connection.execute(statement.returning(*order_commands.c, self._read_at())).mappings().one()
        if caller.idempotency_key is not None:
            scope = {
                "api_key_id": caller.key_id,
                "account": draft.account,
                "idempotency_key": caller.idempotency_key,
            }
            # One that is over may still lie there; it would be in the way.
            connection.execute(delete(order_claims).where(*(order_claims.c[name] == scope[name] for name in scope)))
            connection.execute(
                insert(order_claims).values(**scope, command_id=command_id, expires_at=now + self._claim_ms)
            )
        self._tell(connection, command_id, "received", {"state": state.value, "request_id": caller.request_id})
        return Opened(get_entry(row), is_new=True)

    def _tell(self, connection: Connection, command_id: str, event: str, details: dict[str, Any]) -> None:
        text = json.dumps(details, default=str)
        connection.execute(
            insert(order_events).values(command_id=command_id, at=self._now(), event=event, details=text)
        )

    def _select(self, connection: Connection, *conditions: ColumnElement[bool], limit: int = 1) -> list[Entry]:
        statement = (
            select(*order_commands.c, self._read_at())
            .where(*conditions)
            .order_by(order_commands.c.created_at.desc())
            .limit(limit)
        )
        return [get_entry(row) for row in connection.execute(statement).mappings()]

    def _now(self) -> ColumnElement[int]:
        """Return the clock that all workers share: the machine's where the database is a file on it."""
        return literal(time.time_ns() // 1_000_000, BigInteger) if self._storage.is_sqlite else DATABASE_CLOCK

    def _read_at(self) -> ColumnElement[int]:
        return self._now().label("read_at")
