"""Which orders of an account are open, and which have changed since a moment: what lists by creation do not tell."""

import contextlib
from dataclasses import replace

from tigeropen.common.consts import OrderSortBy, SegmentType
from tigeropen.common.consts.service_types import ACTIVE_ORDERS

from app.errors import InvalidRequest
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import is_global
from app.tiger.trading.order_listing import Listing, OrderFilter, iterate_pages
from app.tiger.trading.orders import Order


def fetch_open_orders(session: Session, wanted: InstrumentFilter, deadline: Deadline) -> list[Order]:
    """Return every open order of the account, of all segments, those that are wanted.

    Raises:
        TigerError: An order that was not seen may still be open.
        GatewayError: Tiger could not be asked.
    """
    return _fetch_all(session, wanted, Listing(ACTIVE_ORDERS), deadline)


def fetch_changed_orders(
    session: Session, wanted: InstrumentFilter, since_ms: int | None, deadline: Deadline
) -> list[Order]:
    """Return the orders that were placed or changed since a moment, and perhaps older ones.

    Whether the range of a list is about creation or about changes no page of Tiger's says for every kind of account. So
    no range is named, and pages are read until one holds nothing that is new enough.

    Raises:
        TigerError: An order that was not seen may have changed.
        GatewayError: Tiger could not be asked.
    """
    return _fetch_all(session, wanted, Listing(sort_by=OrderSortBy.LATEST_STATUS_UPDATED.value), deadline, since_ms)


def _fetch_all(
    session: Session, wanted: InstrumentFilter, listing: Listing, deadline: Deadline, since_ms: int | None = None
) -> list[Order]:
    """Return the orders of all segments.

    That Tiger lists all of them together the SDK says and no page does. Where that is refused each is asked for by
    itself; one that the account does not have may be refused, too.
    """
    if is_global(session):
        return _fetch(session, wanted, listing, deadline, since_ms)
    try:
        return _fetch(session, wanted, replace(listing, segment=SegmentType.ALL.value), deadline, since_ms)
    except InvalidRequest:
        found = _fetch(session, wanted, replace(listing, segment=SegmentType.SEC.value), deadline, since_ms)
    for segment in (SegmentType.FUT, SegmentType.FUND):
        with contextlib.suppress(InvalidRequest):
            found += _fetch(session, wanted, replace(listing, segment=segment.value), deadline, since_ms)
    return found


def _fetch(
    session: Session, wanted: InstrumentFilter, listing: Listing, deadline: Deadline, since_ms: int | None = None
) -> list[Order]:
    every, found = OrderFilter(instrument=wanted), list[Order]()
    for page in iterate_pages(session, every, listing, deadline):
        found += [order for order in page.rows if every.matches(order, session.account.account)]
        changes = [order.update_time for order in page.rows if order.update_time is not None]
        if since_ms is not None and changes and max(changes) < since_ms:
            break
    return found
