"""Change orders at Tiger: reserve a number, place, modify, cancel.

Each command is sent once. Whatever leaves its outcome open is raised with ``in_doubt`` set; what fails before the
command was sent, or after Tiger took it, never is.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tigeropen.common.consts.service_types import CANCEL_ORDER, MODIFY_ORDER, ORDER_NO, PLACE_ORDER
from tigeropen.trade.request.model import AccountsParams, CancelOrderParams, PlaceModifyOrderParams

from app.errors import GatewayError, TigerError, TigerTokenRejected
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_modification import get_modification_params
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_tickets import OrderChanges
from app.tiger.trading.orders import Order, get_order, get_related
from app.tiger.trading.prepared_orders import PreparedOrder
from app.tiger.trading.related_orders import relate
from app.tiger.wire.codes import get_error
from app.tiger.wire.codes import says_duplicate as says_duplicate  # noqa: PLC0414 - told where orders are placed.
from app.tiger.wire.values import identifier, mapping, rows, text, whole

UNREADABLE_CODE: Final = -1
"""Stands for an inner code that is no number: unknown to the table, so its outcome is open."""


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


def place(
    session: Session,
    prepared: PreparedOrder,
    order_number: int,
    user_mark: str | None,
    deadline: Deadline,
    *,
    is_reducing: bool = False,
) -> Order:
    """Send an order under a number, and return the order that Tiger answered with.

    ``is_reducing`` says that it certainly does nothing but reduce a position.

    Tiger's answer normally describes the order; where it holds only ids, the order is looked up. Whether it is the one
    that was sent is for the caller to find out: a number in use may be answered with the order that has it. With it
    come the orders that are attached to it, as far as the answer names them.

    Raises:
        OrderRejected: Tiger refused the order.
        GatewayError: With ``in_doubt`` where the order may have been accepted.
    """
    params = prepared.params
    params.account = session.account.account
    params.order_id = order_number
    params.user_mark = user_mark
    data = _command_data(_send(session, PLACE_ORDER, params, deadline, is_reducing=is_reducing), places=True)
    order_id = identifier(data.get("id"))
    described = [get_order(item) for item in rows(data.get("orders"))]
    order = next((order for order in described if _is_same(order, order_id, order_number)), None)
    if order is None and order_id is not None:
        order = _read_after(session, order_id, deadline)
    if order is None or (order_id or order.order_id) is None:
        raise TigerError("Tiger's answer to the order does not say which order it is.", in_doubt=True)
    order = replace(order, order_id=order_id or order.order_id)
    if not prepared.ticket.roles:
        return order
    order = replace(order, related=order.related or get_related(data.get("subIds")))
    return relate(order, prepared.ticket.roles, [each for each in described if _came_with(each, order, user_mark)])


def modify(session: Session, order: Order, changes: OrderChanges, deadline: Deadline) -> Order:
    """Change quantity or prices of an order just read, whose other fields are sent again as they are.

    Returns the order as read again; where that is not possible, as it was with the accepted changes.

    Raises:
        InvalidRequest: The order has no such price.
        OrderRejected: Tiger refused the change, for instance because the order is no longer open.
        GatewayError: With ``in_doubt`` where the change may have been accepted.
    """
    order_id = _send_change(session, MODIFY_ORDER, get_modification_params(session, order, changes), order, deadline)
    wire_names = {"stop_price": "aux_price"}
    changed: dict[str, Any] = {wire_names.get(name, name): figure for name, figure in changes.figures.items()}
    return _read_after(session, order_id, deadline) or replace(order, order_id=order_id, **changed)


def cancel(session: Session, order: Order, deadline: Deadline, *, is_read_again: bool = True) -> Order:
    """Ask Tiger to cancel an order just read. It is done when the status says Cancelled, usually moments later.

    Returns the order as read again; where that is not possible, or not wanted, as it was.

    Raises:
        OrderRejected: Tiger refused, for instance because the order is filled.
        GatewayError: With ``in_doubt`` where the request may have been accepted.
    """
    params = CancelOrderParams()
    params.account = session.account.account
    params.id = int(order.order_id) if order.order_id else None
    params.order_id = int(order.account_order_id) if not order.order_id and order.account_order_id else None
    order_id = _send_change(session, CANCEL_ORDER, params, order, deadline)
    found = _read_after(session, order_id, deadline) if is_read_again else None
    return found or replace(order, order_id=order_id)


def _send_change(session: Session, method: str, params: Any, order: Order, deadline: Deadline) -> str | None:
    """Send a change of an order, and return the order's id as Tiger answered or as it was.

    Raises:
        TigerError: The answer is about another order: what became of the change is open.
    """
    answered = identifier(_command_data(_send(session, method, params, deadline)).get("id"))
    if None not in (answered, order.order_id) and answered != order.order_id:
        raise TigerError("Tiger answered a change with another order than was asked about.", in_doubt=True)
    return answered or order.order_id


def _send(session: Session, method: str, params: Any, deadline: Deadline, *, is_reducing: bool = False) -> Any:
    """Send a command; one that was ever refused for its token is in doubt, whatever is answered to it in the end.

    Tiger was seen to take what it refused for its token, or may have: only a look at the order tells.
    """
    try:
        return session.command(method, params, deadline, is_reducing=is_reducing)
    except GatewayError as error:
        if isinstance(error, TigerTokenRejected) or error.sendings > 1:
            error.in_doubt = True
        raise


def call_harmless(
    session: Session, method: str, params: AccountsParams | PlaceModifyOrderParams, deadline: Deadline
) -> Any:
    """Call what belongs to ordering but orders nothing: refused as an order is, and its failure leaves nothing open."""
    try:
        return session.command(method, params, deadline)
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


def _came_with(each: Order, order: Order, user_mark: str | None) -> bool:
    """Return whether an answer's order came with the one that was placed: a mark decides, else the one's ids."""
    if each.user_mark is not None:
        return each.user_mark == user_mark
    return each.parent_id == order.order_id or each.order_id in {related.order_id for related in order.related}


def _read_after(session: Session, order_id: str | None, deadline: Deadline) -> Order | None:
    """Return the order as it stands after an accepted command, or None where it cannot be read now.

    The command has succeeded whatever this lookup says, so its failure is no failure of the command.
    """
    try:
        return None if order_id is None else find_order(session, deadline, order_id)
    except GatewayError:
        return None
