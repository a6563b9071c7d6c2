"""What is open, and what has changed, is found in every segment, however old its order is."""

from decimal import Decimal

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.trading import order_listing
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.order_commands import cancel, modify, reserve_order_number
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket
from tests.tiger.placing import fetch_order, place_ticket


def refuse(segment):
    message = "biz param error(field 'seg_type' is wrong)"
    return Fault("code", method="active_orders", where={"seg_type": segment}, code=1010, message=message)


@pytest.fixture
def add_order(session):
    def add(symbol: str = "ORCL") -> str:
        ticket = OrderTicket(symbol, "BUY", "LMT", Decimal(1), limit_price=Decimal("0.5"))
        number = reserve_order_number(session, Deadline.after(4))
        return place_ticket(session, ticket, number, None, Deadline.after(4)).order_id or ""

    return add


def list_open(session, symbol="ORCL"):
    return [order.order_id for order in fetch_open_orders(session, InstrumentFilter(symbol), Deadline.after(4))]


def test_orders_that_are_over_are_not_open(simulator, session, add_order):
    simulator.read_as(cancel="at_once")
    kept, cancelled = add_order(), add_order()
    cancel(session, fetch_order(session, cancelled, Deadline.after(4)), Deadline.after(4))

    assert kept in list_open(session)
    assert cancelled not in list_open(session)
    assert kept not in list_open(session, "PDD")


def test_where_segments_are_not_listed_together_each_is_asked_for(simulator, session, add_order):
    order_id = add_order()
    simulator.inject(refuse("ALL"))
    simulator.inject(refuse("FUND"))

    assert order_id in list_open(session)
    assert simulator.calls("active_orders") == 4


def test_a_segment_that_cannot_be_read_is_not_taken_for_an_empty_one(simulator, session):
    simulator.inject(refuse("ALL"))
    simulator.inject(Fault("garbage", method="active_orders", where={"seg_type": "FUT"}, times=None))

    with pytest.raises(TigerError):
        list_open(session)


def test_an_old_order_that_changed_is_found_before_newer_ones(simulator, session, add_order, monkeypatch):
    monkeypatch.setattr(order_listing, "PAGE_SIZE", 2)
    old = add_order("JPM")
    for _ in range(3):
        add_order("JPM")
    simulator.advance(60)
    deadline = Deadline.after(4)
    modify(session, fetch_order(session, old, deadline), OrderChanges(quantity=Decimal(2)), deadline)
    simulator.reset_counts()
    changed = fetch_changed_orders(session, InstrumentFilter("JPM"), simulator.now_ms - 30_000, deadline)

    assert changed[0].order_id == old
    assert simulator.calls("orders") == 2
