"""List an account's orders page by page, with the filters that Tiger does not apply itself."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from tigeropen.common.consts import Market, OrderSortBy, SegmentType
from tigeropen.common.consts.service_types import ORDERS
from tigeropen.trade.request.model import OrdersParams

from app.errors import InvalidRequest, TigerError, TooMuchToSearch
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import ANY, InstrumentFilter
from app.tiger.page_gathering import Gathering, Place, WirePage
from app.tiger.paging import Paging
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import is_global
from app.tiger.trading.narrowing import is_wanted
from app.tiger.trading.order_statuses import PARTIALLY_FILLED, SUBMITTED
from app.tiger.trading.orders import Order, get_order
from app.tiger.wire.values import mapping, rows, text

PAGE_SIZE: Final = 300
"""Tiger's most orders a page [docs: orders limit]."""

MAXIMUM_PAGES: Final = 30
"""Most of Tiger's pages for one request: a quarter of what the method allows in a minute."""

TYPES_OF_ORDERS: Final = frozenset({"STK", "OPT", "FUT"})
"""Types by which Tiger narrows a list of orders [docs: orders sec_type]; the others are looked for here."""

SEGMENTS: Final = {"FUT": SegmentType.FUT.value, "FUND": SegmentType.FUND.value}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; times are epoch milliseconds of the order's creation, both ends inclusive.

    ``status`` is a published name. Submitted also finds partly filled orders, for which the document knows no name.
    ``segment`` is SEC, FUT or FUND; None is all of them.
    """

    status: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    instrument: InstrumentFilter = ANY
    segment: str | None = None

    @property
    def is_applied_by_tiger(self) -> bool:
        """Tell whether Tiger lists what is wanted, and nothing besides."""
        is_plain = self.instrument == InstrumentFilter(self.instrument.tiger_symbol, self.tiger_type)
        return self.status is None and is_plain

    @property
    def tiger_type(self) -> str | None:
        """Return the type that Tiger can be asked for."""
        kind = self.instrument.sec_type
        return kind if kind in TYPES_OF_ORDERS else None

    @property
    def tiger_segment(self) -> str:
        """Return the segment that Tiger is asked for: the one wanted, that of the type wanted, or all."""
        return self.segment or SEGMENTS.get(self.instrument.sec_type or "", SegmentType.ALL.value)

    def matches(self, order: Order, account: str) -> bool:
        """Return whether an order is wanted; what an order leaves out cannot exclude it, except the status."""
        statuses = {SUBMITTED, PARTIALLY_FILLED} if self.status == SUBMITTED else {self.status}
        placed_at = order.order_time
        return (
            order.account in (None, account)
            and (self.status is None or order.status in statuses)
            and (placed_at is None or self.start_ms is None or placed_at >= self.start_ms)
            and (placed_at is None or self.end_ms is None or placed_at <= self.end_ms)
            and (self.instrument == ANY or is_wanted(self.instrument, asdict(order.contract)))
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
class Listing:
    """Which of Tiger's lists is read: its wire method, its segment, its order, which global accounts do not know.

    Without a segment Tiger lists the orders of securities alone.
    """

    method: str = ORDERS
    segment: str | None = None
    sort_by: str = OrderSortBy.LATEST_CREATED.value


EVERY: Final = Listing()


def fetch_orders(
    session: Session, wanted: OrderFilter, *, limit: int = 100, page_token: str | None = None, deadline: Deadline
) -> OrderPage:
    """Return up to ``limit`` orders that match, over as many of Tiger's pages as it takes.

    A page may hold fewer than ``limit`` orders and still name a next one.

    Raises:
        InvalidRequest: The page token is not one of this listing.
        GatewayError: Tiger could not be asked.
    """
    account = session.account.account
    gathering = Gathering(
        lambda place: _fetch_any_page(session, wanted, place, deadline),
        lambda order: wanted.matches(order, account),
        lambda order: order.order_id,
        MAXIMUM_PAGES,
    )
    size = min(limit, PAGE_SIZE) if wanted.is_applied_by_tiger else PAGE_SIZE
    paging = Paging(session, "orders", asdict(wanted), Place)
    return OrderPage(*gathering.gather(paging, page_token, limit=limit, size=size, deadline=deadline))


def iterate_orders(session: Session, wanted: OrderFilter, deadline: Deadline) -> Iterator[Order]:
    """Yield every order of every segment that matches, to the last page.

    Raises:
        TigerError: An order that was not seen may still exist: a page cannot be read, or there are too many.
        GatewayError: Tiger could not be asked.
    """
    if is_global(session):
        yield from _walk(session, wanted, None, deadline)
        return
    try:
        yield from _walk(session, wanted, SegmentType.ALL.value, deadline)
    except InvalidRequest:
        # Of the pages about it one alone names the segment of all others, so that they are asked for one by one.
        yield from _walk(session, wanted, SegmentType.SEC.value, deadline)
        for segment in SEGMENTS.values():
            # An account may be refused a segment that it does not have.
            with contextlib.suppress(InvalidRequest):
                yield from _walk(session, wanted, segment, deadline)


def _walk(session: Session, wanted: OrderFilter, segment: str | None, deadline: Deadline) -> Iterator[Order]:
    for page in iterate_pages(session, wanted, Listing(segment=segment), deadline):
        yield from (order for order in page.rows if wanted.matches(order, session.account.account))


def iterate_pages(
    session: Session, wanted: OrderFilter, listing: Listing, deadline: Deadline
) -> Iterator[WirePage[Order]]:
    """Yield the pages of a list, to the last one; what is in them may not match. Raises as ``iterate_orders`` does."""
    place = Place("", PAGE_SIZE)
    for _ in range(MAXIMUM_PAGES):
        page = _fetch_page(session, wanted, place, deadline, listing)
        yield page
        if not page.is_proof:
            raise TigerError("Tiger's list of orders cannot be read.")
        if page.next_token is None:
            return
        place = Place(page.next_token, PAGE_SIZE)
    raise TooMuchToSearch("The account has more orders than can be searched at once.")


def _fetch_any_page(session: Session, wanted: OrderFilter, place: Place, deadline: Deadline) -> WirePage[Order]:
    """Fetch a page of the orders of all segments; without one named Tiger lists those of securities alone [docs]."""
    segment = wanted.tiger_segment
    if is_global(session):
        return _fetch_page(session, wanted, place, deadline)
    try:
        return _fetch_page(session, wanted, place, deadline, Listing(segment=segment))
    except InvalidRequest:
        # Of the pages about it one alone names the segment of all others.
        if segment != SegmentType.ALL.value:
            raise
        return _fetch_page(session, wanted, place, deadline)


def _fetch_page(
    session: Session, wanted: OrderFilter, place: Place, deadline: Deadline, listing: Listing = EVERY
) -> WirePage[Order]:
    params = OrdersParams()
    params.account = session.account.account
    params.market = Market.ALL.value
    params.symbol = wanted.instrument.tiger_symbol
    params.sec_type = wanted.tiger_type
    params.start_date = wanted.start_ms
    # Tiger's end is exclusive [SDK: get_orders]; ours is not.
    params.end_date = None if wanted.end_ms is None else wanted.end_ms + 1
    params.limit = place.size
    params.page_token = place.token
    params.seg_type = listing.segment
    if not is_global(session):
        # It also says which time the range is about; global accounts do not know it [docs].
        params.sort_by = listing.sort_by
    data = session.read(listing.method, params, deadline)
    if data and not (isinstance(data, dict) and isinstance(data.get("items"), list)):
        raise TigerError("Tiger's list of orders cannot be read.")
    next_token = text(mapping(data).get("nextPageToken"))
    # A token that leads nowhere would list the same page for ever.
    is_moving = next_token != place.token
    orders = tuple(get_order(item) for item in rows(data))
    if any(order.order_id is None for order in orders):
        raise TigerError("Tiger's list of orders has one without an id.")
    return WirePage(orders, next_token if is_moving else None, is_proof=data != {})
