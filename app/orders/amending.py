"""Change and cancel an order, and see from the order itself whether that happened."""

import re
from decimal import Decimal
from typing import Any, Final

from app.errors import GatewayError, OrderNotFound, OrderRejected, OrderStateUnknown, StorageUnavailable
from app.orders.checks import check_steps
from app.orders.fates import Fate, describe, get_fate
from app.orders.handlers import Outcome
from app.orders.naming import Naming
from app.orders.placing import get_doubt
from app.orders.records import MARK_PREFIX, CommandRecord, read_changes
from app.orders.results import CommandResult
from app.orders.states import State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import cancel, modify
from app.tiger.trading.order_reads import fetch_order, fetch_requested_order
from app.tiger.trading.order_tickets import OrderChanges
from app.tiger.trading.orders import PENDING_CANCEL, Order
from app.tiger.trading.tradable_contracts import get_kept_contract
from app.tiger.wire.values import json_number

OWN_MARK: Final = re.compile(MARK_PREFIX + "[0-9a-f]{20}")
PATIENCE_MS: Final = 30_000
"""A cancellation that has brought nothing for so long may be sent again."""


class Modifying:
    """The handler of a modification."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming

    def send(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome:
        """Read the order and send its changes, once."""
        order = self._naming.fetch(session, deadline, _get_requested(record))
        changes = read_changes(record.body)
        if record.attempts > 1 and has_changes(order, changes):
            # What was in doubt before has taken place meanwhile.
            return _get_modified(record, order, order.order_id)
        if (fate := get_fate(order)) is not Fate.LIVING:
            return _get_refusal(order, describe(order, fate))
        contract = get_kept_contract(session, order.contract.symbol or "")
        if contract is not None and order.contract.sec_type == contract.sec_type:
            check_steps(changes, contract)
        try:
            command = modify(session, order, changes, deadline)
        except OrderRejected as error:
            if record.attempts > 1:
                # It may be the attempt in doubt that Tiger refuses this one for.
                raise get_doubt(error) from error
            return _explain_refusal(session, order, deadline, error)
        return _get_modified(record, command.order, command.reference_id)

    def look(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome | None:
        """See whether the order has what the changes ask for."""
        order = _find(self._naming, session, deadline, record)
        if order is None:
            return None
        if has_changes(order, read_changes(record.body)):
            return _get_modified(record, order, order.order_id)
        if (fate := get_fate(order)) is not Fate.LIVING:
            return _get_refusal(order, f"The change did not take place. {describe(order, fate)}")
        return None


class Cancelling:
    """The handler of a cancellation."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming

    def send(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome:
        """Read the order and ask Tiger to cancel it, once."""
        if record.attempts > 1:
            # What was in doubt before may have taken place meanwhile.
            found = self.look(session, record, deadline)
            if found is not None:
                return found
        order = self._naming.fetch(session, deadline, _get_requested(record))
        return carry_out_cancellation(session, _get_requested(record), order, deadline, is_first=record.attempts <= 1)

    def look(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome | None:
        """See whether the order is cancelled, or about to be."""
        order = _find(self._naming, session, deadline, record)
        if order is None:
            return None
        fate = get_fate(order)
        if fate is Fate.CANCELLED or (fate is Fate.LIVING and order.status == PENDING_CANCEL):
            return _get_cancelled(_get_requested(record), order, order.order_id)
        if fate is not Fate.LIVING:
            return _get_refusal(order, f"The order was not cancelled. {describe(order, fate)}")
        return None


def carry_out_cancellation(
    session: Session, requested: str, order: Order, deadline: Deadline, *, is_first: bool = True
) -> Outcome:
    """Ask Tiger to cancel an order just read; a cancellation under way is not repeated.

    After an attempt in doubt a refusal leaves the outcome open: Tiger may refuse what it is already doing.

    Raises:
        GatewayError: It was not carried out, or its outcome is in doubt.
    """
    if (fate := get_fate(order)) is not Fate.LIVING:
        return _get_refusal(order, describe(order, fate))
    if is_being_cancelled(order, session.tiger_now):
        return _get_cancelled(requested, order, order.order_id)
    try:
        command = cancel(session, order, deadline)
    except OrderRejected as error:
        if not is_first:
            raise get_doubt(error) from error
        return _explain_refusal(session, order, deadline, error)
    return _get_cancelled(requested, command.order, command.reference_id)


def cancel_unwritten(session: Session, requested: str, deadline: Deadline) -> CommandResult:
    """Cancel an order while nothing can be written down.

    Raises:
        OrderStateUnknown: The outcome could not be learnt.
        GatewayError: It was not carried out.
    """
    try:
        order = _fetch_own(session, deadline, requested)
        return carry_out_cancellation(session, requested, order, deadline).answer
    except OrderNotFound as error:
        # Whether it was placed a moment ago, or is in doubt, stands in the journal.
        raise StorageUnavailable(
            "Tiger does not show this order as the gateway's, and the gateway's database, which knows of the latest "
            "ones, does not answer; nothing was sent. Try again shortly, or name the order by its order_id.",
            retry_after=1,
        ) from error
    except GatewayError as error:
        if not error.in_doubt:
            raise
        question = {"path": "/api/trade/orders", "body": {"account": session.account.account}}
        raise OrderStateUnknown(
            "The cancellation was sent and its outcome is not known; it may be sent again.",
            data={"order_id": requested, "ask": question},
            retry_after=1,
        ) from error


def _fetch_own(session: Session, deadline: Deadline, requested: str) -> Order:
    """Return an order named by its global id, or by a number under which the gateway placed it.

    Raises:
        OrderNotFound: A number is no order's of the gateway: one that was refused may be another program's by now.
    """
    order = fetch_requested_order(session, deadline, requested)
    if order.order_id != requested and not OWN_MARK.fullmatch(order.user_mark or ""):
        raise OrderNotFound("No order of the gateway has that number.")
    return order


def is_being_cancelled(order: Order, tiger_now: int | None) -> bool:
    """Tell whether a cancellation of an order is under way that has not been waited for too long."""
    since = order.update_time
    is_fresh = since is None or tiger_now is None or tiger_now - since < PATIENCE_MS
    return order.status == PENDING_CANCEL and is_fresh


def has_changes(order: Order, changes: OrderChanges) -> bool:
    """Tell whether an order has every figure that the changes ask for."""
    pairs: tuple[tuple[Decimal | None, Decimal | None], ...] = (
        (changes.quantity, order.quantity),
        (changes.limit_price, order.limit_price),
        (changes.stop_price, order.stop_price),
    )
    return all(wanted is None or wanted == present for wanted, present in pairs)


def _find(naming: Naming, session: Session, deadline: Deadline, record: CommandRecord) -> Order | None:
    try:
        return naming.fetch(session, deadline, _get_requested(record))
    except OrderNotFound:
        # There is no trace of the command, as there is none of its order.
        return None


def _get_requested(record: CommandRecord) -> str:
    if record.requested_order_id is None:
        raise ValueError("A modification and a cancellation name an order.")
    return record.requested_order_id


def _get_modified(record: CommandRecord, order: Order, reference_id: str | None) -> Outcome:
    changes = read_changes(record.body)
    named = {"quantity": changes.quantity, "limit_price": changes.limit_price, "stop_price": changes.stop_price}
    beyond = {
        "requested_order_id": record.requested_order_id,
        "modified_fields": {name: json_number(value) for name, value in named.items() if value is not None},
        "modify_reference_id": reference_id,
        "result": reference_id,
    }
    return _get_accepted(order, beyond)


def _get_cancelled(requested: str, order: Order, reference_id: str | None) -> Outcome:
    return _get_accepted(order, {"requested_order_id": requested, "cancel_reference_id": reference_id})


def _get_accepted(order: Order, beyond: dict[str, Any]) -> Outcome:
    return Outcome(State.ACCEPTED, CommandResult(data={**order.to_dict(), **beyond}), order.order_id)


def _get_refusal(order: Order, sentence: str, tiger_code: int | None = None) -> Outcome:
    rejection = OrderRejected(sentence, tiger_code=tiger_code, data=order.to_dict())
    return Outcome(State.REJECTED, CommandResult(error=rejection), order.order_id)


def _explain_refusal(session: Session, order: Order, deadline: Deadline, error: OrderRejected) -> Outcome:
    """Tell Tiger's refusal together with the state of the order that explains it.

    Raises:
        OrderRejected: As it came, where the refusal itself is in doubt.
    """
    if error.in_doubt:
        raise error
    known = {"order_id": order.order_id, "account_order_id": order.account_order_id}
    try:
        current = _read_again(session, order, deadline)
    except GatewayError:
        # The order has changed since it was read, so what was read then is not told as its state.
        rejection = OrderRejected(error.message, tiger_code=error.tiger_code, data=known)
        return Outcome(State.REJECTED, CommandResult(error=rejection), order.order_id)
    fate = get_fate(current)
    sentence = error.message if fate is Fate.LIVING else f"{describe(current, fate)} {error.message}"
    return _get_refusal(current, sentence, error.tiger_code)


def _read_again(session: Session, order: Order, deadline: Deadline) -> Order:
    if order.order_id is not None:
        return fetch_order(session, deadline, order_id=int(order.order_id))
    return fetch_order(session, deadline, order_number=int(order.account_order_id or 0))
