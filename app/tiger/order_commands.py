"""Change orders at Tiger: reserve a number, place, modify, cancel.

Each command is sent once. Whatever leaves its outcome open is raised with ``in_doubt`` set; what fails before the
command was sent, or after Tiger took it, never is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from tigeropen.common.consts.service_types import CANCEL_ORDER, MODIFY_ORDER, ORDER_NO, PLACE_ORDER
from tigeropen.trade.request.model import AccountsParams, CancelOrderParams, PlaceModifyOrderParams

from app.errors import GatewayError, TigerError
from app.tiger.codes import get_error
from app.tiger.codes import says_duplicate as says_duplicate  # noqa: PLC0414 - told where orders are placed.
from app.tiger.deadline import Deadline
from app.tiger.order_reads import find_order
from app.tiger.order_tickets import (
    OrderChanges,
    OrderTicket,
    check_ticket,
    get_modification_params,
    get_ticket_params,
)
from app.tiger.orders import INITIAL, Order, get_order
from app.tiger.sessions import Session
from app.tiger.tradable_contracts import TradableContract, fetch_tradable_contract, get_kept_contract
from app.tiger.values import identifier, mapping, rows, text, whole

UNREADABLE_CODE: Final = -1
"""Stands for an inner code that is no number: unknown to the table, so its outcome is open."""

SENT_FIELDS: Final = (
    "order_id",
    "account_order_id",
    "account",
    "action",
    "order_type",
    "quantity",
    "limit_price",
    "aux_price",
    "trailing_percent",
    "time_in_force",
    "outside_rth",
    "user_mark",
)
"""What the gateway itself sent, so that an answer which leaves it out still tells it."""


@dataclass(frozen=True, slots=True)
class Placement:
    """An order that Tiger took: accepted, not filled.

    ``order`` is what Tiger said of it; where it said no more than the ids, it is what was sent with Tiger's word for
    an accepted order, Initial, and ``is_described`` is false.
    """

    order_id: str
    order_number: int
    order: Order
    is_described: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A modification or a cancellation that Tiger took.

    ``reference_id`` is the id that Tiger answered with. ``order`` was read after the command; where that was not
    possible ``is_current`` is false and it is the order as read before, with the accepted changes.
    """

    reference_id: str
    order: Order
    is_current: bool


def reserve_order_number(session: Session, deadline: Deadline) -> int:
    """Return a fresh order number of the account; Tiger takes each of them once.

    Raises:
        GatewayError: There is none. It is never in doubt: a number that was lost is simply not used.
    """
    params = AccountsParams()
    params.account = session.account.account
    data = mapping(call_harmless(session, ORDER_NO, params, deadline))
    number_given = whole(data.get("orderId", data.get("order_id")))
    if number_given is None or number_given <= 0:
        raise TigerError("Tiger gave no order number.")
    return number_given


def prepare(session: Session, ticket: OrderTicket, deadline: Deadline) -> TradableContract:
    """Check a ticket against its contract before anything is journalled or sent; the contract is then kept.

    Raises:
        InvalidRequest: Tiger would certainly refuse the ticket.
        SymbolNotFound: Tiger knows no such stock.
        GatewayError: The contract cannot be read; never in doubt.
    """
    contract = fetch_tradable_contract(session, ticket.symbol, deadline)
    check_ticket(ticket, contract)
    return contract


def place(
    session: Session,
    ticket: OrderTicket,
    order_number: int,
    user_mark: str | None,
    deadline: Deadline,
    *,
    may_look_up: bool = True,
) -> Placement:
    """Send an order under a reserved number; return once Tiger took it.

    Tiger's answer normally describes the order. Where it holds only ids the order is looked up, unless this call had
    to read the contract first, or ``may_look_up`` is false because the caller did: a placement is at most three calls.
    A failed lookup changes nothing: the order is accepted.

    Raises:
        OrderRejected: Tiger refused the order.
        GatewayError: With ``in_doubt`` where the order may have been accepted.
    """
    may_look_up = may_look_up and get_kept_contract(session, ticket.symbol) is not None
    contract = prepare(session, ticket, deadline)
    params = get_ticket_params(ticket, contract)
    params.account = session.account.account
    params.order_id = order_number
    params.user_mark = user_mark
    data = _command_data(session.call(PLACE_ORDER, params, deadline=deadline, command=True), places=True)
    order_id = identifier(data.get("id"))
    described = [get_order(item) for item in rows(data.get("orders"))]
    order = next((order for order in described if _is_same(order, order_id, order_number)), None)
    if order is not None:
        order_id = order_id or order.order_id
    if order_id is None:
        raise TigerError("Tiger's answer to the order names no order.", in_doubt=True)
    if order is None and may_look_up:
        order = _read_after(session, int(order_id), deadline)
    sent = replace(_get_sent(params, contract), order_id=order_id, account_order_id=str(order_number))
    if order is None:
        return Placement(order_id, order_number, replace(sent, status=INITIAL), is_described=False)
    untold = {name: getattr(sent, name) for name in SENT_FIELDS if getattr(order, name) is None}
    return Placement(order_id, order_number, replace(order, **untold), is_described=True)


def modify(session: Session, order: Order, changes: OrderChanges, deadline: Deadline) -> Command:
    """Change quantity or prices of an order just read, whose other fields are sent again as they are.

    Raises:
        InvalidRequest: The order has no such price.
        OrderRejected: Tiger refused the change, for instance because the order is no longer open.
        GatewayError: With ``in_doubt`` where the change may have been accepted.
    """
    params = get_modification_params(session, order, changes)
    data = _command_data(session.call(MODIFY_ORDER, params, deadline=deadline, command=True))
    reference_id = identifier(data.get("id")) or order.order_id or ""
    after = _read_after(session, int(order.order_id), deadline) if order.order_id else None
    return Command(reference_id, after or _changed(order, changes), is_current=after is not None)


def cancel(session: Session, order: Order, deadline: Deadline) -> Command:
    """Ask Tiger to cancel an order just read. It is done when the status says Cancelled, usually moments later.

    Raises:
        OrderRejected: Tiger refused, for instance because the order is filled.
        GatewayError: With ``in_doubt`` where the request may have been accepted.
    """
    params = CancelOrderParams()
    params.account = session.account.account
    params.id = int(order.order_id) if order.order_id else None
    params.order_id = int(order.account_order_id) if not order.order_id and order.account_order_id else None
    data = _command_data(session.call(CANCEL_ORDER, params, deadline=deadline, command=True))
    reference_id = identifier(data.get("id")) or order.order_id or ""
    after = _read_after(session, int(order.order_id), deadline) if order.order_id else None
    return Command(reference_id, after or order, is_current=after is not None)


def call_harmless(
    session: Session, method: str, params: AccountsParams | PlaceModifyOrderParams, deadline: Deadline
) -> Any:
    """Call what belongs to ordering but orders nothing: refused as an order is, and its failure leaves nothing open."""
    try:
        return session.call(method, params, deadline=deadline, command=True)
    except GatewayError as error:
        error.in_doubt = False
        raise


def _command_data(data: Any, *, places: bool = False) -> Mapping[str, Any]:
    """Return the object that answers a command, empty where Tiger says success and no more.

    Raises:
        GatewayError: Success outside, refusal inside: a code of its own other than 0 [SDK: OrderIdResponse].
        TigerError: It is something else; Tiger may have taken the command all the same.
    """
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise TigerError("Tiger's answer to the order command cannot be read.", in_doubt=True)
    code = data.get("code")
    if code is not None and whole(code) != 0:
        reason = text(data.get("message")) or ""
        refusal = get_error(whole(code) or UNREADABLE_CODE, reason, command=True, places=places)
        refusal.in_doubt = refusal.in_doubt or identifier(data.get("id")) is not None
        raise refusal
    return data


def _is_same(order: Order, order_id: str | None, order_number: int) -> bool:
    if order_id is not None and order.order_id is not None:
        return order.order_id == order_id
    return order.account_order_id == str(order_number)


def _read_after(session: Session, order_id: int, deadline: Deadline) -> Order | None:
    """Return the order as it stands after an accepted command, or None where it cannot be read now.

    The command has succeeded whatever this lookup says, so its failure is no failure of the command.
    """
    try:
        return find_order(session, deadline, order_id=order_id)
    except GatewayError:
        return None


def _get_sent(params: PlaceModifyOrderParams, contract: TradableContract) -> Order:
    """Return the order that was sent; all that only Tiger can tell is None."""
    return get_order(
        {
            "account": params.account,
            "symbol": contract.symbol,
            "secType": contract.sec_type,
            "market": contract.market,
            "currency": contract.currency,
            "exchange": contract.exchange,
            "action": params.action,
            "orderType": params.order_type,
            "totalQuantity": params.quantity,
            "totalQuantityScale": params.quantity_scale,
            "limitPrice": params.limit_price,
            "auxPrice": params.aux_price,
            "trailingPercent": params.trailing_percent,
            "timeInForce": params.time_in_force,
            "outsideRth": params.outside_rth,
            "userMark": params.user_mark,
        }
    )


def _changed(order: Order, changes: OrderChanges) -> Order:
    quantity: Decimal | None = changes.quantity if changes.quantity is not None else order.quantity
    return replace(
        order,
        quantity=quantity,
        limit_price=changes.limit_price if changes.limit_price is not None else order.limit_price,
        aux_price=changes.stop_price if changes.stop_price is not None else order.aux_price,
    )
