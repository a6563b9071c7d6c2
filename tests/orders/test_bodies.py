"""A command's content is the same text for the same meaning, from release to release."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from app.orders.bodies import read_changes, read_ticket, write_changes, write_ticket
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket, StopLoss, TakeProfit, TicketLeg

PLAIN = OrderTicket("AAPL", "BUY", "LMT", Decimal("1.50"), limit_price=Decimal(175))
# As release 2.0 wrote them.
PLAIN_TEXT = (
    '{"action": "BUY", "limit_price": "175", "order_type": "LMT", "outside_rth": null, "quantity": "1.5", '
    '"stop_price": null, "symbol": "AAPL", "time_in_force": "DAY", "trailing_amount": null, "trailing_percent": null}'
)
CHANGES_TEXT = '{"limit_price": "1.6", "order_id": "7", "quantity": null, "stop_price": null}'

GIVEN: dict[str, Any] = {
    "symbol": "TCH.HK",
    "action": "SELL",
    "order_type": "VWAP",
    "quantity": Decimal(3),
    "time_in_force": "GTD",
    "limit_price": Decimal("1.5"),
    "stop_price": Decimal("1.25"),
    "trailing_percent": Decimal(5),
    "trailing_amount": Decimal("0.5"),
    "outside_rth": True,
    "cash_amount": Decimal("250.5"),
    "expire_time": 1_893_646_799_999,
    "trading_session": "RTH",
    "start_time": 1,
    "end_time": 2,
    "participation_rate": Decimal("0.2"),
    "no_take_liquidity": False,
    "allow_past_end_time": True,
    "display_size": 3,
    "min_display_size": 2,
    "check_interval_seconds": 30,
    "price_type": "ASK_PRICE",
    "take_profit": TakeProfit(Decimal("9.5"), "GTC", outside_rth=False),
    "stop_loss": StopLoss(trailing_percent=Decimal(5)),
    "sec_type": "OPT",
    "expiry": "20301219",
    "strike": Decimal("2.01"),
    "put_call": "PUT",
    "strategy": "VERTICAL",
    "legs": (TicketLeg("AAPL", "BUY", "OPT", "20301219", Decimal("2.01"), "CALL"), TicketLeg("AAPL", "SELL", ratio=2)),
    "partners": (OrderTicket("AAPL", "SELL", "STP", Decimal(3), stop_price=Decimal("1.5")),),
}


def test_a_plain_order_is_written_as_earlier_releases_wrote_it() -> None:
    assert write_ticket(PLAIN) == PLAIN_TEXT
    assert write_changes("7", OrderChanges(limit_price=Decimal("1.60"))) == CHANGES_TEXT


def test_what_earlier_releases_wrote_is_read() -> None:
    assert read_ticket(PLAIN_TEXT) == PLAIN
    assert read_changes(CHANGES_TEXT) == OrderChanges(limit_price=Decimal("1.6"))


def test_every_field_comes_back_as_it_was() -> None:
    ticket = OrderTicket(**GIVEN)
    changes = OrderChanges(take_profit=ticket.take_profit, stop_loss=ticket.stop_loss)

    assert GIVEN.keys() == {field.name for field in fields(OrderTicket)}
    assert read_ticket(write_ticket(ticket)) == ticket
    assert read_changes(write_changes("7", changes)) == changes


@pytest.mark.parametrize("name", [name for name in GIVEN if name not in ("symbol", "action", "order_type", "quantity")])
def test_two_orders_that_differ_in_one_field_are_written_differently(name: str) -> None:
    assert write_ticket(replace(PLAIN, **{name: GIVEN[name]})) != PLAIN_TEXT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (StopLoss(stop_price=Decimal(1)), StopLoss(trailing_amount=Decimal(1))),
        (StopLoss(stop_price=Decimal(1)), StopLoss(Decimal(1), limit_price=Decimal(1))),
        (StopLoss(stop_price=Decimal(1)), StopLoss(Decimal(1), time_in_force="GTC")),
    ],
)
def test_two_attached_orders_that_differ_are_written_differently(one: StopLoss, other: StopLoss) -> None:
    assert write_ticket(replace(PLAIN, stop_loss=one)) != write_ticket(replace(PLAIN, stop_loss=other))
