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
from app.tiger.wire.fields import fill

DAY_MS: Final = 86_400_000
NUMBER_LOOKBACK_MS: Final = 90 * DAY_MS
"""How far back orders are searched for a number of the account's own: Tiger's longest range of filled orders."""


def fetch_requested_order(session: Session, deadline: Deadline, requested: str) -> Order:
    """Return the order that a client names by either id; one that is both means the global id.

    Raises:
        OrderNotFound: Tiger answered to both readings that this account has no such order.
        GatewayError: Tiger could not be asked, or its answer proves nothing.
    """
    order = find_order(session, deadline, requested) or find_numbered_order(session, deadline, int(requested))
    if order is None:
        raise OrderNotFound("This account has no order with that id.")
    return order


def find_order(session: Session, deadline: Deadline, order_id: str) -> Order | None:
    """Return the order with a global id; None only where Tiger certainly answered that it has no such order now.

    Right after a lost answer None proves nothing about the future: the order may still become visible.

    Raises:
        GatewayError: Tiger could not be asked, or its answer is neither the order nor its absence.
    """
    try:
        candidates = _ask(session, deadline, order_id=int(order_id))
    except OrderNotFound:
        # A business refusal that says so; the table of codes knows the texts.
        return None
    found = next((order for order in candidates if order.order_id == order_id), None)
    if candidates and found is None:
        raise TigerError("Tiger answered the lookup of an order with another order.")
    return found if found is None or found.account in (None, session.account.account) else None


def find_numbered_order(session: Session, deadline: Deadline, number: int) -> Order | None:
    """Return the order with a number of the account's own, or None as for a global id.

    Where Tiger's own lookup answers anything but the order, those of ninety days are searched: it may be ignored, or
    refused.
    """

    def is_it(order: Order) -> bool:
        return order.account_order_id == str(number)

    try:
        candidates = _ask(session, deadline, order_number=number)
    except (OrderNotFound, InvalidRequest):
        candidates = []
    found = next(filter(is_it, candidates), None)
    return found or search(session, deadline, is_it, NUMBER_LOOKBACK_MS)


def search(session: Session, deadline: Deadline, is_it: Callable[[Order], bool], back_ms: int) -> Order | None:
    """Return the newest order of the last so many milliseconds that is the one, or None where there is none now.

    Raises:
        GatewayError: Tiger could not be asked, or its list cannot be read to the end.
    """
    # Times of orders are Tiger's, and this machine's clock may be days off: without Tiger's own, all are asked for.
    now = session.tiger_now
    wanted = OrderFilter(start_ms=None if now is None else now - back_ms)
    return next((order for order in iterate_orders(session, wanted, deadline) if is_it(order)), None)


def _ask(
    session: Session, deadline: Deadline, *, order_id: int | None = None, order_number: int | None = None
) -> list[Order]:
    """Return the orders of this account that a lookup answers with."""
    params = fill(OrderParams(), account=session.account.account, id=order_id, order_id=order_number)
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
