"""Look an order up, so that "Tiger has no such order" is never mistaken for "could not look"."""

import time
from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ORDERS
from tigeropen.trade.request.model import OrderParams

from app.errors import OrderNotFound, TigerError
from app.tiger.deadline import Deadline
from app.tiger.order_listing import OrderFilter, iterate_orders
from app.tiger.orders import Order, get_order
from app.tiger.sessions import Session

MARK_LOOKBACK_MS: Final = 3 * 86_400_000
"""How far back orders are searched for a mark when nothing says when the order was sent."""


def fetch_order(
    session: Session, deadline: Deadline, *, order_id: int | None = None, order_number: int | None = None
) -> Order:
    """Return one order by its global id or by the account's own number.

    Raises:
        OrderNotFound: Tiger answered that this account has no such order.
        GatewayError: Tiger could not be asked, or its answer proves nothing.
    """
    order = find_order(session, deadline, order_id=order_id, order_number=order_number)
    if order is None:
        raise OrderNotFound("This account has no order with that id.")
    return order


def fetch_requested_order(session: Session, deadline: Deadline, requested: str | int) -> Order:
    """Return the order that a client names by either id; one that is both means the global id.

    Raises:
        OrderNotFound: Tiger answered to both readings that this account has no such order.
        GatewayError: Tiger could not be asked, or its answer proves nothing.
    """
    named = int(requested)
    order = find_order(session, deadline, order_id=named)
    return order if order is not None else fetch_order(session, deadline, order_number=named)


def find_order(
    session: Session,
    deadline: Deadline,
    *,
    order_id: int | None = None,
    order_number: int | None = None,
    user_mark: str | None = None,
    since_ms: int | None = None,
) -> Order | None:
    """Look an order up; None only where Tiger certainly answered that it has no such order now.

    The first id given decides: the global id, then the account's own number. Where the number is unknown to Tiger and
    a mark is given too, all orders since ``since_ms`` (three days ago where omitted) are searched for the mark.
    Right after a lost answer None proves nothing about the future: the order may still become visible.

    Raises:
        GatewayError: Tiger could not be asked, or its answer is neither an order nor its absence.
    """
    if order_id is not None:
        return _look_up(session, deadline, order_id=order_id)
    if order_number is not None:
        found = _look_up(session, deadline, order_number=order_number)
        if found is not None or user_mark is None:
            return found
    if user_mark is None:
        raise ValueError("Name the order by an id, a number or a mark.")
    begin = since_ms if since_ms is not None else time.time_ns() // 1_000_000 - MARK_LOOKBACK_MS
    listing = iterate_orders(session, OrderFilter(start_ms=begin), deadline)
    return next((order for order in listing if order.user_mark == user_mark), None)


def _look_up(
    session: Session, deadline: Deadline, *, order_id: int | None = None, order_number: int | None = None
) -> Order | None:
    params = OrderParams()
    params.account = session.account.account
    params.id = order_id
    params.order_id = order_number
    try:
        data = session.call(ORDERS, params, deadline=deadline)
    except OrderNotFound:
        # A business refusal that says so; the table of codes knows the texts.
        return None
    wanted = str(order_id if order_id is not None else order_number)
    candidates = [get_order(item) for item in _order_items(data)]
    found = next((order for order in candidates if wanted in (order.order_id, order.account_order_id)), None)
    if candidates and found is None:
        raise TigerError("Tiger answered the lookup of an order with another order.")
    if found is None or found.account in (None, session.account.account):
        return found
    if order_id is None:
        raise TigerError("Tiger answered the lookup of an order with an order of another account.")
    return None


def _order_items(data: Any) -> list[Mapping[str, Any]]:
    """Return the orders of a lookup's answer: one bare object, or a list; only null and empty ones mean none.

    Raises:
        TigerError: The answer has another form, so it says nothing about the order.
    """
    if data is None or data in ({}, []):
        return []
    items = data.get("items", [data]) if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise TigerError("Tiger's answer to the lookup of an order cannot be read.")
    return items
