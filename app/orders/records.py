"""A command as the journal knows it."""

import enum
import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from app.orders.bodies import (
    Closes,
    read_changes,
    read_closes,
    read_ticket,
    write_cancellation,
    write_changes,
    write_content,
    write_ticket,
)
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket

MARK_PREFIX = "tr"
NUMBERED = "numbered"
SENT_AGAIN = "sent_again"
RENUMBERED = "renumbered"
NUMBER_REFUSED = "number_refused"
LONGEST_BUSY_MS = 120_000
"""No command is worked on for longer: twice the longest deadline that can be set."""


class Kind(enum.StrEnum):
    """What a command does."""

    PLACE = "place"
    MODIFY = "modify"
    CANCEL = "cancel"
    CANCEL_ALL = "cancel_all"


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A command that has no row yet; ``body`` is its validated content as JSON, the same text for the same meaning.

    ``asked`` is what the client asked for, where the content is decided later.
    """

    kind: Kind
    account: str
    requester: Requester
    body: str
    requested_order_id: str | None = None
    asked: str | None = None

    @classmethod
    def placing(cls, account: str, requester: Requester, ticket: OrderTicket) -> Self:
        """Return the command that places an order."""
        return cls(Kind.PLACE, account, requester, write_ticket(ticket))

    @classmethod
    def closing(cls, account: str, requester: Requester, ticket: OrderTicket, quantity: Decimal | None) -> Self:
        """Return the command that closes a position, before it is decided by how much, and thus on which side."""
        asked = replace(ticket, quantity=quantity)
        return cls(Kind.PLACE, account, requester, write_ticket(asked), asked=f"close {write_ticket(asked)}")

    def decided(self, ticket: OrderTicket, closes: Closes) -> Self:
        """Return the same command with the order that was decided on."""
        return replace(self, body=write_ticket(ticket, closes))

    @classmethod
    def modifying(cls, account: str, requester: Requester, order_id: str, changes: OrderChanges) -> Self:
        """Return the command that changes an order."""
        return cls(Kind.MODIFY, account, requester, write_changes(order_id, changes), order_id)

    @classmethod
    def cancelling(cls, account: str, requester: Requester, order_id: str) -> Self:
        """Return the command that cancels an order."""
        return cls(Kind.CANCEL, account, requester, write_cancellation(order_id), order_id)

    @classmethod
    def cancelling_all(cls, account: str, requester: Requester, wanted: Mapping[str, Any]) -> Self:
        """Return the command that cancels all open orders that are wanted; each gets a command of its own."""
        return cls(Kind.CANCEL_ALL, account, requester, write_content(wanted))

    @property
    def digest(self) -> str:
        """Return what tells two commands apart."""
        return hashlib.sha256(f"{self.kind} {self.asked or self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One row of the journal; times are epoch milliseconds of the clock that all workers share.

    ``read_at`` is that clock's time when the row was read. ``sent_by_tiger`` is ``sent_by`` by Tiger's own clock.
    """

    id: str
    kind: Kind
    account: str
    api_key_id: str
    api_key_name: str
    idempotency_key: str | None
    claim: str | None
    body_digest: str
    body: str
    state: State
    revision: int
    attempts: int
    requested_order_id: str | None
    order_number: int | None
    number_claim: int | None
    order_id: str | None
    answer: str | None
    history: str
    looks: int
    created_at: int
    busy_until: int
    sent_by: int
    sent_by_tiger: int | None
    next_look_at: int | None
    read_at: int

    @property
    def mark(self) -> str:
        """Return the note that travels on the order: Tiger keeps it, and it cannot be changed."""
        return MARK_PREFIX + self.id

    @property
    def ticket(self) -> OrderTicket:
        """Return the ticket of a placement."""
        return read_ticket(self.body)

    @property
    def closes(self) -> Closes | None:
        """Return what a placement that closes a position goes by."""
        return read_closes(self.body)

    @property
    def changes(self) -> OrderChanges:
        """Return the changes of a modification."""
        return read_changes(self.body)

    @property
    def requested(self) -> str:
        """Return how the client named the order of a modification or cancellation."""
        if self.requested_order_id is None:
            raise ValueError("A modification and a cancellation name an order.")
        return self.requested_order_id

    @property
    def number(self) -> int:
        """Return the number of a placement that is sent."""
        if self.order_number is None:
            raise ValueError("A placement that is sent has a number.")
        return self.order_number

    @property
    def result(self) -> CommandResult:
        """Return the result of a command that is resolved, as a repeat of it."""
        if self.answer is None:
            raise ValueError("A resolved command has an answer.")
        return CommandResult.from_json(self.answer).replayed()

    @property
    def is_busy(self) -> bool:
        """Return whether the worker that has it may still send it."""
        is_at_work = self.state in {State.PREPARED, State.SENDING}
        # A moment too far away was written before the clock was set back.
        return is_at_work and self.read_at < self.busy_until <= self.read_at + LONGEST_BUSY_MS

    def get_age_ms(self, tiger_now: int | None) -> int:
        """Return how long ago it was written, by the clock that makes it younger: the journal's, or Tiger's."""
        ages = [self.read_at - self.created_at]
        if self.sent_by_tiger is not None:
            ages.append(0 if tiger_now is None else tiger_now - self.sent_by_tiger)
        return max(0, min(ages))

    def may_be_at_work(self, tiger_now: int | None) -> bool:
        """Return the same by Tiger's clock, too: where this machine's was set back, a row may seem busy for ever."""
        if tiger_now is None or self.sent_by_tiger is None:
            return self.is_busy
        return self.is_busy and tiger_now < self.sent_by_tiger + self.busy_until - self.sent_by

    @property
    def is_number_doubtful(self) -> bool:
        """Return whether Tiger refused this placement's number and nobody has seen whose order has it."""
        if self.order_number is None or self.state in RESOLVED:
            return False
        # Earlier releases gave such a number up.
        return self.number_claim is None or any(event["details"].get(NUMBER_REFUSED) for event in self._under_number)

    @property
    def holds_number(self) -> bool:
        """Return whether this placement's number is its own, as far as anybody knows."""
        return self.number_claim is not None and not self.is_number_doubtful

    @property
    def was_sent_under_its_number(self) -> bool:
        """Return whether an earlier attempt was sent under the same number."""
        return any(event["event"] == SENT_AGAIN for event in self._under_number)

    @property
    def _under_number(self) -> list[dict[str, Any]]:
        """Return what happened since it has its number, newest first."""
        events = map(json.loads, reversed(self.history.splitlines()))
        return list(itertools.takewhile(lambda event: event["event"] != RENUMBERED, events))

    def list_events(self) -> list[dict[str, Any]]:
        """Return what happened to the command, oldest first."""
        command = {"command": self.kind.value, "command_id": self.id, "api_key_name": self.api_key_name}
        return [{**json.loads(line), **command} for line in self.history.splitlines()]

    def milliseconds_until(self, moment: int) -> int:
        """Return how long after the reading of this row that moment comes."""
        return max(0, moment - self.read_at)


def get_record(row: Mapping[str, Any]) -> CommandRecord:
    """Return the record that a row holds."""
    return CommandRecord(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})
