"""Look an order up, so that "Tiger has no such order" is never mistaken for "could not look".

Whether ``orders`` takes the account's own number is documented for global accounts only. So any answer that is not the
order asked for leads on to the list of orders, which no source restricts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import ORDERS
from tigeropen.trade.request.model import OrderParams

from app.errors import InvalidRequest, OrderNotFound, TigerError
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_listing import OrderFilter, iterate_orders
from app.tiger.trading.orders import Order, get_order

DAY_MS: Final = 86_400_000
NUMBER_LOOKBACK_MS: Final = 90 * DAY_MS
"""How far back orders are searched for a number of the account's own: Tiger's longest range of filled orders."""


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
) -> Order | None:
    """Look an order up; None only where Tiger certainly answered that it has no such order now.

    The first name given decides: the global id, the account's own number. For a number the orders of ninety days are
    searched where its own lookup answers anything but the order. Right after a lost answer None proves nothing about
    the future: the order may still become visible.

    Raises:
        GatewayError: Tiger could not be asked, or its answer is neither an order nor its absence.
    """
    if order_id is not None:
        return _look_up(session, deadline, order_id=order_id)
    if order_number is None:
        raise ValueError("Name the order by an id or a number.")
    number = str(order_number)
    found = _find_by_number(session, deadline, order_number)
    return found or search(session, deadline, lambda order: order.account_order_id == number, NUMBER_LOOKBACK_MS)


def search(session: Session, deadline: Deadline, is_it: Callable[[Order], bool], back_ms: int) -> Order | None:
    """Return the newest order of the last so many milliseconds that is the one, or None where there is none now.

    Raises:
        GatewayError: Tiger could not be asked, or its list cannot be read to the end.
    """
    # Times of orders are Tiger's, and this machine's clock may be days off: without Tiger's own, all are asked for.
    now = session.tiger_now
    wanted = OrderFilter(start_ms=None if now is None else now - back_ms)
    return next((order for order in iterate_orders(session, wanted, deadline) if is_it(order)), None)


def _find_by_number(session: Session, deadline: Deadline, number: int) -> Order | None:
    """Return the order that the lookup by number answers with; None says nothing: it may be ignored, or refused."""
    try:
        candidates = _ask(session, deadline, order_number=number)
    except (OrderNotFound, InvalidRequest):
        return None
    return next((order for order in candidates if order.account_order_id == str(number)), None)


def _look_up(session: Session, deadline: Deadline, *, order_id: int) -> Order | None:
    try:
        candidates = _ask(session, deadline, order_id=order_id)
    except OrderNotFound:
        # A business refusal that says so; the table of codes knows the texts.
        return None
    found = next((order for order in candidates if order.order_id == str(order_id)), None)
    if candidates and found is None:
        raise TigerError("Tiger answered the lookup of an order with another order.")
    return found if found is None or found.account in (None, session.account.account) else None


def _ask(
    session: Session, deadline: Deadline, *, order_id: int | None = None, order_number: int | None = None
) -> list[Order]:
    """Return the orders of this account that a lookup answers with."""
    params = OrderParams()
    params.account = session.account.account
    params.id = order_id
    params.order_id = order_number
    found = [get_order(item) for item in _order_items(session.read(ORDERS, params, deadline))]
    if order_number is None:
        return found
    return [order for order in found if order.account in (None, session.account.account)]


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
