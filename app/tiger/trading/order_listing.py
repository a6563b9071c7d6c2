"""List an account's orders page by page, with the filters that Tiger does not apply itself."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from tigeropen.common.consts import Market, OrderSortBy, SegmentType
from tigeropen.common.consts.service_types import ORDERS
from tigeropen.trade.request.model import OrdersParams

from app.errors import InvalidRequest, TigerError
from app.tiger.deadline import Deadline
from app.tiger.paging import Paging, get_stale
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.trading.account_kinds import is_global
from app.tiger.trading.orders import PARTIALLY_FILLED, SUBMITTED, Order, get_order
from app.tiger.wire.values import mapping, rows, text

PAGE_SIZE: Final = 300
"""Tiger's most orders a page [docs: orders limit]."""

MAXIMUM_PAGES: Final = 30
"""Most of Tiger's pages for one request: a quarter of what the method allows in a minute."""

LEAST_SECONDS_FOR_A_PAGE: Final = 1.0
"""With less time left a listing stops and names where to go on, rather than losing what it found."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; times are epoch milliseconds of the order's creation, both ends inclusive.

    ``status`` is a published name. Submitted also finds partly filled orders, for which the document knows no name.
    """

    status: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    symbol: str | None = None

    def matches(self, order: Order, account: str) -> bool:
        """Return whether an order is wanted; what an order leaves out cannot exclude it, except the status."""
        statuses = {SUBMITTED, PARTIALLY_FILLED} if self.status == SUBMITTED else {self.status}
        placed_at = order.order_time
        symbol = order.contract.symbol
        return (
            order.account in (None, account)
            and (self.status is None or order.status in statuses)
            and (placed_at is None or self.start_ms is None or placed_at >= self.start_ms)
            and (placed_at is None or self.end_ms is None or placed_at <= self.end_ms)
            and (symbol is None or self.symbol is None or get_symbol(symbol) == self.symbol)
        )


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of orders, newest first as Tiger lists them; ``next_page_token`` is None after the last one."""

    orders: tuple[Order, ...]
    next_page_token: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the documented data of the list of orders."""
        return {
            "orders": [order.to_dict() for order in self.orders],
            "count": len(self.orders),
            "next_page_token": self.next_page_token,
        }


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a listing goes on: in which of Tiger's pages (token, size), and after which order of it."""

    token: str
    size: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which of Tiger's lists is read: its wire method, its segment, its order, which global accounts do not know.

    Without a segment Tiger lists the orders of securities alone.
    """

    method: str = ORDERS
    segment: str | None = None
    sort_by: str = OrderSortBy.LATEST_CREATED.value


EVERY: Final = Listing()


@dataclass(frozen=True, slots=True)
class WirePage:
    """Hold one of Tiger's pages; ``is_proof`` unless it lacks the list that a page consists of."""

    orders: tuple[Order, ...]
    next_token: str | None
    is_proof: bool


def fetch_orders(
    session: Session,
    *,
    status: str | None = None,
    start_ms: int | None = None,
    end_ms: int | None = None,
    symbol: str | None = None,
    limit: int = 100,
    page_token: str | None = None,
    deadline: Deadline,
) -> OrderPage:
    """Return up to ``limit`` orders that match, over as many of Tiger's pages as it takes.

    Times are epoch milliseconds, both inclusive. A page token continues the same listing: other filters than those
    it was made with are refused. A page may hold fewer than ``limit`` orders and still name a next one.

    Raises:
        InvalidRequest: The page token is not one of this listing.
        GatewayError: Tiger could not be asked.
    """
    wanted = OrderFilter(status, start_ms, end_ms, None if symbol is None else get_symbol(symbol))
    page_size = PAGE_SIZE if status is not None else min(limit, PAGE_SIZE)
    paging = Paging(session, "orders", asdict(wanted), _Position)
    position = paging.read(page_token) or _Position("", page_size, None)
    found: list[Order] = []
    for turn in range(MAXIMUM_PAGES):
        if turn and deadline.remaining() < LEAST_SECONDS_FOR_A_PAGE:
            break
        page = _fetch_any_page(session, wanted, position, deadline)
        fresh = _orders_after(page.orders, position.after)
        matching = [order for order in fresh or () if wanted.matches(order, session.account.account)]
        room = limit - len(found)
        found += matching[:room]
        if len(matching) > room:
            position = replace(position, after=found[-1].order_id)
            break
        if page.next_token is None:
            if fresh is None:
                raise get_stale()
            return OrderPage(tuple(found), None)
        position = _Position(page.next_token, position.size, position.after if fresh is None else None)
        if len(found) == limit:
            break
    return OrderPage(tuple(found), paging.write(position))


def iterate_orders(session: Session, wanted: OrderFilter, deadline: Deadline) -> Iterator[Order]:
    """Yield every order that matches, to the last page.

    Raises:
        TigerError: An order that was not seen may still exist: a page cannot be read, or there are too many.
        GatewayError: Tiger could not be asked.
    """
    for page in iterate_pages(session, wanted, EVERY, deadline):
        yield from (order for order in page.orders if wanted.matches(order, session.account.account))


def iterate_pages(session: Session, wanted: OrderFilter, listing: Listing, deadline: Deadline) -> Iterator[WirePage]:
    """Yield the pages of a list, to the last one; what is in them may not match. Raises as ``iterate_orders`` does."""
    position = _Position("", PAGE_SIZE, None)
    for _ in range(MAXIMUM_PAGES):
        page = _fetch_page(session, wanted, position, deadline, listing)
        yield page
        if not page.is_proof:
            raise TigerError("Tiger's list of orders cannot be read.")
        if page.next_token is None:
            return
        position = _Position(page.next_token, PAGE_SIZE, None)
    raise TigerError("The account has more orders than can be searched at once.")


def _fetch_any_page(session: Session, wanted: OrderFilter, position: _Position, deadline: Deadline) -> WirePage:
    """Fetch a page of the orders of all segments."""
    if is_global(session):
        return _fetch_page(session, wanted, position, deadline)
    try:
        return _fetch_page(session, wanted, position, deadline, Listing(segment=SegmentType.ALL.value))
    except InvalidRequest:
        # The SDK names this segment for orders; no page of Tiger's does.
        return _fetch_page(session, wanted, position, deadline)


def _fetch_page(
    session: Session, wanted: OrderFilter, position: _Position, deadline: Deadline, listing: Listing = EVERY
) -> WirePage:
    params = OrdersParams()
    params.account = session.account.account
    params.market = Market.ALL.value
    params.symbol = wanted.symbol
    params.start_date = wanted.start_ms
    # Tiger's end is exclusive [SDK: get_orders]; ours is not.
    params.end_date = None if wanted.end_ms is None else wanted.end_ms + 1
    params.limit = position.size
    params.page_token = position.token
    params.seg_type = listing.segment
    if not is_global(session):
        # It also says which time the range is about; global accounts do not know it [docs].
        params.sort_by = listing.sort_by
    data = session.read(listing.method, params, deadline)
    if data and not (isinstance(data, dict) and isinstance(data.get("items"), list)):
        raise TigerError("Tiger's list of orders cannot be read.")
    next_token = text(mapping(data).get("nextPageToken"))
    # A token that leads nowhere would list the same page for ever.
    is_moving = next_token != position.token
    orders = tuple(get_order(item) for item in rows(data))
    if any(order.order_id is None for order in orders):
        raise TigerError("Tiger's list of orders has one without an id.")
    return WirePage(orders, next_token if is_moving else None, is_proof=data != {})


def _orders_after(orders: tuple[Order, ...], after: str | None) -> tuple[Order, ...] | None:
    """Return what follows the order named, or None where it is not in this page.

    Newer orders push it down, out of the first page perhaps; later pages start at a fixed order.
    """
    if after is None:
        return orders
    places = [place for place, order in enumerate(orders) if order.order_id == after]
    return orders[places[0] + 1 :] if places else None
