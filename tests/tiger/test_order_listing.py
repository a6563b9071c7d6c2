"""Listing orders: filters, pages, and tokens that continue exactly where the page before ended."""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.errors import InvalidRequest, TigerError
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import get_filter
from app.tiger.sessions import Session
from app.tiger.trading import order_listing
from app.tiger.trading.order_commands import cancel, reserve_order_number
from app.tiger.trading.order_listing import OrderFilter, OrderPage, fetch_orders, iterate_orders
from app.tiger.trading.order_tickets import OrderTicket
from tests.support.client import FIRST
from tests.tiger.opening import open_sessions
from tests.tiger.placing import fetch_order, place_ticket

FAR_BELOW = Decimal("0.01")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Session]]:
    """Give an account of its own with nine orders: resting ones, each third cancelled; two symbols in turn."""
    folder: Path = tmp_path_factory.mktemp("listing")
    with Simulator.running(
        SimulatorOptions(folder=folder, limit_scale=0, key_bits=1024, readings=Readings(order_rate="none"))
    ) as simulator:
        session = open_sessions(simulator).session(FIRST)
        simulator.read_as(cancel="at_once")
        for turn in range(9):
            order_id = add_order(session, "AAPL" if turn % 2 else "MSFT")
            if turn % 3 == 0:
                deadline = Deadline.after(2)
                cancel(session, fetch_order(session, str(order_id), deadline), deadline)
        yield simulator, session


@pytest.fixture
def trader(desk: tuple[Simulator, Session]) -> Iterator[Session]:
    """Give that account with no faults left over."""
    simulator, session = desk
    simulator.reset_counts()
    yield session
    simulator.clear_faults()


def add_order(session: Session, symbol: str = "AAPL") -> int:
    ticket = OrderTicket(symbol, "BUY", "LMT", Decimal(1), limit_price=FAR_BELOW)
    deadline = Deadline.after(2)
    return int(place_ticket(session, ticket, reserve_order_number(session, deadline), None, deadline).order_id or 0)


def listed(session: Session, **filters: object) -> OrderPage:
    paging = {name: filters.pop(name) for name in ("limit", "page_token") if name in filters}
    if "symbol" in filters:
        filters["instrument"] = get_filter(str(filters.pop("symbol")))
    wanted = OrderFilter(**filters)  # type: ignore[arg-type]
    return fetch_orders(session, wanted, deadline=Deadline.after(2), **paging)  # type: ignore[arg-type]


def walk(session: Session, limit: int, **filters: object) -> list[str | None]:
    page = listed(session, limit=limit, **filters)
    found = [order.order_id for order in page.orders]
    while page.next_page_token is not None:
        page = listed(session, limit=limit, page_token=page.next_page_token, **filters)
        found += [order.order_id for order in page.orders]
    return found


def test_orders_are_listed_newest_first_with_a_count(trader: Session) -> None:
    page = listed(trader).to_dict()

    ids = [int(order["order_id"]) for order in page["orders"]]
    assert ids == sorted(ids, reverse=True)
    assert (page["count"], page["next_page_token"]) == (9, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 8, 9, 10])
def test_pages_of_any_size_hold_every_order_once(trader: Session, limit: int) -> None:
    everything = [order.order_id for order in listed(trader).orders]

    assert walk(trader, limit) == everything


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_filtered_list_is_paged_without_gaps(trader: Session, limit: int) -> None:
    cancelled = [order.order_id for order in listed(trader, status="Cancelled").orders]

    assert len(cancelled) == 3
    assert walk(trader, limit, status="Cancelled") == cancelled


def test_filters_are_applied_over_as_many_pages_as_it_takes(
    desk: tuple[Simulator, Session], trader: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_listing, "PAGE_SIZE", 2)

    page = listed(trader, status="Cancelled", limit=3)

    assert len(page.orders) == 3
    assert desk[0].calls("orders") > 3


def test_orders_of_one_symbol_only(trader: Session) -> None:
    page = listed(trader, symbol="msft ")

    assert {order.contract.symbol for order in page.orders} == {"MSFT"}
    assert len(page.orders) == 5


def test_both_ends_of_a_range_count(trader: Session) -> None:
    times = sorted(order.order_time or 0 for order in listed(trader).orders)

    page = listed(trader, start_ms=times[2], end_ms=times[6])

    assert sorted(order.order_time or 0 for order in page.orders) == [
        time for time in times if times[2] <= time <= times[6]
    ]


def test_an_order_placed_meanwhile_is_neither_listed_twice_nor_pushes_others_out(trader: Session) -> None:
    everything = [order.order_id for order in listed(trader).orders]
    first = listed(trader, limit=4, status="Submitted")
    add_order(trader)

    rest = walk_on(trader, first)

    seen = [order.order_id for order in first.orders] + rest
    assert seen == [order_id for order_id in everything if order_id in seen]
    assert len(set(seen)) == len(seen) == 6


def test_a_list_goes_on_even_where_new_orders_push_its_place_to_a_later_page(
    trader: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_listing, "PAGE_SIZE", 2)
    everything = [order.order_id for order in listed(trader, status="Submitted").orders]
    first = listed(trader, limit=1, status="Submitted")
    for _ in range(3):
        add_order(trader)

    assert walk_on(trader, first) == everything[1:]


def walk_on(session: Session, page: OrderPage) -> list[str | None]:
    found: list[str | None] = []
    while page.next_page_token is not None:
        page = listed(session, limit=4, status="Submitted", page_token=page.next_page_token)
        found += [order.order_id for order in page.orders]
    return found


@pytest.mark.parametrize("token", ["x", "W10", "bnVsbA", "é", "W1tdLDEsMiwzXQ", "=" * 40])
def test_a_token_that_is_none_of_ours_is_refused(trader: Session, token: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        listed(trader, page_token=token)

    assert set(refused.value.details or {}) == {"page_token"}


def test_a_token_does_not_continue_another_list(trader: Session) -> None:
    token = listed(trader, limit=2).next_page_token

    with pytest.raises(InvalidRequest):
        listed(trader, limit=2, symbol="AAPL", page_token=token)


def test_an_unknown_status_is_listed_as_it_came(desk: tuple[Simulator, Session], trader: Session) -> None:
    desk[0].inject(Fault("unknown_status", method="orders", times=1, message="PendingReview"))

    assert {order.status for order in listed(trader).orders} == {"PendingReview"}


def test_a_list_that_cannot_be_read_is_not_an_empty_one(desk: tuple[Simulator, Session], trader: Session) -> None:
    desk[0].inject(Fault("missing_fields", method="orders", times=1, fields=("id",)))

    with pytest.raises(TigerError):
        listed(trader)


def test_a_search_through_all_orders_does_not_take_an_odd_answer_for_the_end(
    desk: tuple[Simulator, Session], trader: Session
) -> None:
    desk[0].inject(Fault("missing_fields", method="orders", times=1, fields=("items", "nextPageToken")))

    with pytest.raises(TigerError):
        list(iterate_orders(trader, OrderFilter(start_ms=time.time_ns() // 1_000_000 - 60_000), Deadline.after(2)))
