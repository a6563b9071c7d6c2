"""What became of an order command, and what the gateway did for an order: from the journal and from Tiger."""

import contextlib
from collections.abc import Collection
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final

from app.errors import GatewayError, InvalidRequest, OrderNotFound, StorageUnavailable
from app.orders.context import OrderContext
from app.orders.families import fetch_family
from app.orders.naming import fetch_named, find_placement
from app.orders.placing import get_result
from app.orders.records import CommandRecord, Kind
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import OUTCOMES, RESOLVED, State
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.option_codes import fetch_filter
from app.tiger.sessions import Session
from app.tiger.trading.order_listing import OrderFilter, fetch_orders
from app.tiger.trading.order_reads import fetch_requested_order, find_order
from app.tiger.trading.orders import Order
from app.tiger.trading.positions import ALL_TYPES, EVERY_TYPE, LONGEST_PAUSE_SECONDS, fetch_positions
from app.tiger.trading.transactions import TransactionFilter, fetch_transactions

ABSENT_REASON: Final = (
    "It never reached Tiger; a repeat with the same Idempotency-Key sends it under its own number, unless a limit or a "
    "halt stops it."
)


class History:
    """Answer questions about commands."""

    def __init__(self, context: OrderContext) -> None:
        self._context = context
        self._journal = context.journal

    def fetch_status(
        self, session: Session, requester: Requester, *, order_id: str | None, client_order_id: str | None
    ) -> dict[str, Any]:
        """Return the outcome of a command, resolved now where that is possible, and the order as it stands.

        Raises:
            OrderNotFound: Neither the journal nor Tiger knows it.
            InvalidRequest: Several API keys used this ``client_order_id``.
        """
        deadline = session.read_deadline()
        record = self._find(session.account.account, requester, order_id, client_order_id)
        if record is None:
            # An order that was placed by other means; the journal has nothing to say about it.
            return _get_status(None, fetch_requested_order(session, deadline, _require(order_id)))
        try:
            record = self._context.resolve(session, record, deadline)
        except GatewayError:
            record = self._journal.read(record.id)
        try:
            order = self._find_order(session, record, deadline)
            if order is not None:
                order = fetch_family(session, record, order, deadline)
        except GatewayError:
            # What is resolved stays so while Tiger does not answer; only the order as it stands is not shown.
            if record.state not in RESOLVED:
                raise
            order = None
        if order is not None and record.kind is Kind.PLACE and record.state is State.ACCEPTED:
            record = self._note_refusal(record, get_result(record, order))
        return _get_status(record, order)

    def fetch_orders(
        self, session: Session, wanted: OrderFilter, *, limit: int, page_token: str | None
    ) -> dict[str, Any]:
        """Return a page of the account's orders, each with the client's own id where it was placed with one."""
        deadline = session.read_deadline()
        wanted = replace(wanted, instrument=fetch_filter(session, wanted.instrument, deadline))
        page = fetch_orders(session, wanted, limit=limit, page_token=page_token, deadline=deadline).to_dict()
        named: dict[str, str] = {}
        # What stands at Tiger is shown in any case.
        with contextlib.suppress(StorageUnavailable):
            ids = [order["order_id"] for order in page["orders"]]
            named = self._journal.find_client_ids(session.account.account, ids)
        orders = [{**order, "client_order_id": named.get(order["order_id"])} for order in page["orders"]]
        return {**page, "orders": orders}

    def fetch_positions(
        self, session: Session, sec_type: str, wanted: InstrumentFilter, shown: Collection[str] = ()
    ) -> dict[str, Any]:
        """Return the positions of an account; of ALL, those of what was ordered lately are there whoever ordered it.

        So are those of the types that are known to have been ``shown``.
        """
        ordered: Collection[str] = ()
        if sec_type == ALL_TYPES and not session.wants_fresh:
            try:
                ordered = self._journal.find_ordered_types(session.account.account, LONGEST_PAUSE_SECONDS)
            except StorageUnavailable:
                # Who knows of no order asks for everything: a position that is not shown might be bought once more.
                ordered = EVERY_TYPE
        wanted = fetch_filter(session, wanted, session.read_deadline())
        return fetch_positions(session, sec_type, wanted=wanted, ordered={*ordered, *shown})

    def fetch_transactions(
        self, session: Session, wanted: TransactionFilter, *, limit: int, page_token: str | None
    ) -> dict[str, Any]:
        """Return a page of the account's executions; an order may be named by either of its ids.

        Raises:
            OrderNotFound: The account has no such order.
        """
        deadline = session.read_deadline()
        if wanted.order_id is not None:
            order = fetch_named(session, self._journal, wanted.order_id, deadline)
            wanted = replace(wanted, order_id=order.order_id)
        wanted = replace(wanted, instrument=fetch_filter(session, wanted.instrument, deadline))
        return fetch_transactions(session, wanted, limit=limit, page_token=page_token, deadline=deadline)

    def fetch_events(
        self, session: Session, requester: Requester, *, order_id: str | None, client_order_id: str | None
    ) -> dict[str, Any]:
        """Return what the gateway did for an order and when, oldest first.

        Raises:
            OrderNotFound: The journal does not know it.
            InvalidRequest: Several API keys used this ``client_order_id``.
        """
        record = self._find(session.account.account, requester, order_id, client_order_id)
        if record is None:
            raise OrderNotFound("The gateway's journal has no command for that order.")
        is_held = record.kind is not Kind.PLACE or record.order_id is not None or record.holds_number
        names = (record.order_id, record.requested_order_id, _text(record.order_number) if is_held else None)
        commands = self._journal.find_about(record.account, {name for name in names if name is not None})
        if record.kind is Kind.PLACE:
            # Another placement may have had the number, and was refused.
            commands = [command for command in commands if command.kind is not Kind.PLACE]
        records = {command.id: command for command in [*commands, record]}
        events = [event for command in records.values() for event in command.list_events()]
        events.sort(key=itemgetter("at"))
        placed = next((command for command in records.values() if command.kind is Kind.PLACE), record)
        return {
            "order_id": placed.order_id or record.order_id,
            "account_order_id": _text(placed.order_number),
            "client_order_id": placed.idempotency_key if placed.kind is Kind.PLACE else None,
            "events": events,
            "count": len(events),
        }

    def _find(
        self, account: str, requester: Requester, order_id: str | None, client_order_id: str | None
    ) -> CommandRecord | None:
        if client_order_id is not None:
            return self._find_by_key(account, requester, client_order_id)
        # The global id comes first; the account's own number is what a placement in doubt is known by.
        wanted = _require(order_id)
        placement = find_placement(self._journal, account, wanted)
        if placement is not None:
            return placement
        about = self._journal.find_about(account, {wanted})
        # A cancellation that was denied, of an order that does not exist perhaps, says nothing about an order.
        return next((command for command in about if command.state is not State.DENIED), None)

    def _find_by_key(self, account: str, requester: Requester, key: str) -> CommandRecord:
        records = self._journal.find_by_key(account, key)
        own = [record for record in records if record.api_key_id == requester.key_id]
        if not own and len(records) > 1:
            reason = "Several API keys used it; ask by order_id."
            raise InvalidRequest.of_fields({"client_order_id": [reason]})
        found = own or records
        if not found:
            raise OrderNotFound("No command of this account has that client_order_id.")
        return found[0]

    def _find_order(self, session: Session, record: CommandRecord, deadline: Deadline) -> Order | None:
        if record.order_id is not None:
            return find_order(session, deadline, record.order_id)
        if record.requested_order_id is None:
            return None
        try:
            return fetch_named(session, self._journal, record.requested_order_id, deadline)
        except OrderNotFound:
            return None

    def _note_refusal(self, record: CommandRecord, result: CommandResult) -> CommandRecord:
        """Return the row of an accepted order as it stands after a look at it; Tiger may have refused it since."""
        try:
            is_refused = self._context.transitions.note_refusal(record, result)
            return self._journal.read(record.id) if is_refused else record
        except StorageUnavailable:
            # It is reported all the same; the next look writes it down.
            return replace(record, state=result.state, answer=result.to_json())


def _get_status(record: CommandRecord | None, order: Order | None) -> dict[str, Any]:
    """Return what is reported of a command: its outcome, why, and the order as Tiger has it now."""
    error = None if record is None or record.answer is None else record.result.error
    reason = None if error is None else error.message
    if record is not None and record.state is State.ABSENT and error is None:
        reason = ABSENT_REASON
    return {
        "order_id": (order and order.order_id) or (record and record.order_id),
        "account_order_id": order.account_order_id if order else _text(record.order_number if record else None),
        "client_order_id": record.idempotency_key if record else None,
        "command": record.kind.value if record else Kind.PLACE.value,
        "outcome": _get_outcome(record),
        "reason": reason,
        "code": None if error is None else error.code,
        "order": None if order is None else order.to_dict(),
    }


def _get_outcome(record: CommandRecord | None) -> str:
    if record is None:
        return OUTCOMES[State.ACCEPTED]
    # Sent again after it never arrived, and refused then.
    is_refused = record.state is State.ABSENT and record.answer is not None
    return OUTCOMES[State.REJECTED if is_refused else record.state]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _require(order_id: str | None) -> str:
    if order_id is None:
        raise ValueError("An order is named by order_id or client_order_id.")
    return order_id
