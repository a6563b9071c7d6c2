"""What an order is worth, and what a change of it adds: never too little."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.risk.changes import describe_change
from app.risk.limits.case import NONE, Asked, Case, Exposure, NotKnown, Unknown, need
from app.risk.limits.checks import check_sides
from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS
from app.risk.valuation import MARGIN, Market, Price, describe_ticket
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket, StopLoss, TakeProfit, TicketLeg
from app.tiger.trading.orders import Order, RelatedOrder, get_order

HUNDRED = Decimal(100)
MARKET = Market({"STK AAPL": Price(HUNDRED, HUNDRED), "STK MSFT": Price(HUNDRED, HUNDRED)}, {})
RESTING = OrderTicket("AAPL", "BUY", "LMT", Decimal(10), limit_price=Decimal(50))


def ask(ticket: OrderTicket, market: Market = MARKET) -> Asked:
    return describe_ticket(ticket, "USD", market, outside_rth=False)


def get_value(ticket: OrderTicket) -> Decimal:
    return need(ask(ticket).orders[0].value)


def get_known(quantity: int = 10, price: float = 50, **fields: Any) -> Order:
    item = {"id": 7, "symbol": "AAPL", "secType": "STK", "currency": "USD", "action": "BUY", "orderType": "LMT"}
    return get_order({**item, "totalQuantity": quantity, "limitPrice": price, "status": "Submitted", **fields})


def get_bracket() -> Order:
    profit = get_known(10, 80, id=8, action="SELL")
    return replace(get_known(), related=(RelatedOrder("8", "take_profit", profit),))


def change(order: Order, **fields: Any) -> Asked:
    return describe_change(order, OrderChanges(**fields), "USD", MARKET)


def test_a_buyer_pays_the_limit_price_at_most() -> None:
    assert get_value(RESTING) == 500


def test_a_seller_may_get_the_market() -> None:
    assert get_value(replace(RESTING, action="SELL")) == 1_000
    assert get_value(replace(RESTING, action="SELL", limit_price=Decimal(120))) == 1_200


@pytest.mark.parametrize("fields", [{"trailing_percent": Decimal(20)}, {"trailing_amount": Decimal(20)}])
def test_a_buyers_trailing_stop_stands_above_the_market(fields: dict[str, Any]) -> None:
    trailing = OrderTicket("AAPL", "BUY", "TRAIL", Decimal(10), **fields)

    assert get_value(trailing) == 10 * 120 * (1 + MARGIN)


def test_the_largest_leg_is_the_quantity_of_a_combination() -> None:
    legs = (TicketLeg("AAPL", "BUY"), TicketLeg("MSFT", "SELL", ratio=7))
    combination = OrderTicket("AAPL", "BUY", "LMT", Decimal(2), limit_price=Decimal(1), sec_type="MLEG", legs=legs)

    assert ask(combination).orders[0].quantity == 14
    assert get_value(combination) == 16 * HUNDRED * (1 + MARGIN)


def test_without_a_last_price_nobody_knows_how_far_a_price_is_away() -> None:
    market = Market({"STK AAPL": Price(None, HUNDRED)}, {})

    assert isinstance(ask(RESTING, market).orders[0].distance, Unknown)


def test_a_larger_quantity_and_a_higher_price_add() -> None:
    asked = change(get_known(), quantity=Decimal(12), limit_price=Decimal(60))

    assert (asked.added_quantity, asked.added_value) == (Decimal(2), Decimal(220))
    assert asked.number == 0
    assert asked.orders[0].parts[0].quantity == 2


def test_a_smaller_quantity_alone_only_shrinks() -> None:
    assert change(get_known(), quantity=Decimal(9)).only_shrinks
    assert not change(get_known(), quantity=Decimal(9), limit_price=Decimal(40)).only_shrinks


def test_what_is_attached_grows_with_its_order() -> None:
    asked = change(get_bracket(), quantity=Decimal(20))

    assert asked.added_value == 10 * 50 + 10 * 100


def test_an_order_that_a_change_attaches_counts_as_one() -> None:
    asked = change(get_known(), stop_loss=StopLoss(stop_price=Decimal(40)))

    assert asked.number == 1
    assert asked.added_value == 10 * HUNDRED * (1 + MARGIN)


def test_a_dearer_attached_order_adds_what_it_is_dearer() -> None:
    asked = change(get_bracket(), take_profit=TakeProfit(Decimal(130)))

    assert asked.number == 0
    assert asked.added_value == 10 * 30


def test_a_change_of_what_is_attached_and_not_shown_is_denied() -> None:
    hidden = replace(get_known(), related=(RelatedOrder("8"),))

    with pytest.raises(NotKnown):
        change(hidden, quantity=Decimal(20))


def test_the_partner_of_a_pair_does_not_grow_with_it() -> None:
    partner = get_known(10, 0, id=9, orderType="STP", auxPrice=90)
    pair = replace(get_known(), related=(RelatedOrder("9", "oca_partner", partner),))

    assert change(pair, quantity=Decimal(20)).added_value == 500


def test_a_seller_who_lowers_the_price_of_an_opening_order_reduces_nothing() -> None:
    asked = change(get_known(action="SELL", price=120), limit_price=Decimal(90))
    unknown = Case(asked, "USD", Counters())

    with pytest.raises(NotKnown):
        LIMITS["reduce_only"].check(True, unknown)


def test_amounts_in_an_unknown_currency_are_denied() -> None:
    asked = describe_ticket(RESTING, "", MARKET, outside_rth=False)

    with pytest.raises(NotKnown, match="currency"):
        LIMITS["max_order_value"].check(Decimal(10) ** 9, Case(asked, "USD", Counters()))


def test_what_a_change_attaches_may_open_again_what_its_order_closes() -> None:
    """As what a placement attaches does: neither only reduces a position."""
    closing = get_known(action="SELL")
    held = {"STK AAPL": Exposure(Decimal(10), NONE, Decimal(10))}
    attaching = change(closing, take_profit=TakeProfit(Decimal(40), "GTC"))

    assert Case(change(closing, quantity=Decimal(10)), "USD", Counters(), exposures=held).is_reducing
    assert not Case(attaching, "USD", Counters(), exposures=held).is_reducing


def test_what_is_attached_is_on_no_side_of_its_own() -> None:
    case = Case(change(get_bracket(), limit_price=Decimal(49)), "USD", Counters())

    assert check_sides(("BUY",), case) is None


def test_an_amount_with_a_limit_price_may_buy_as_much_as_that_price_allows() -> None:
    cheap = OrderTicket("AAPL", "BUY", "LMT", None, limit_price=Decimal(20), cash_amount=Decimal(1_000))

    assert need(ask(cheap).orders[0].quantity) >= 50
    assert need(ask(replace(cheap, action="SELL")).orders[0].quantity) < 50


@pytest.mark.parametrize("is_stop_first", [False, True])
def test_a_group_counts_with_its_largest_quantity_at_its_dearest_price(*, is_stop_first: bool) -> None:
    cheap = OrderTicket("AAPL", "BUY", "LMT", Decimal(100), limit_price=Decimal(90))
    dear = OrderTicket("AAPL", "BUY", "STP", Decimal(99), stop_price=Decimal(130))
    first, second = (dear, cheap) if is_stop_first else (cheap, dear)
    (part,) = ask(replace(first, partners=(second,))).parts

    assert need(part.quantity) == 100
    assert need(part.worth) == 130 * (1 + MARGIN)


def test_the_parts_of_a_group_that_may_buy_or_sell_are_two() -> None:
    selling = replace(RESTING, action="SELL", quantity=Decimal(3), limit_price=Decimal(200))
    parts = ask(replace(RESTING, partners=(selling,))).parts

    assert {part.sides: need(part.quantity) for part in parts} == {("BUY",): 10, ("SELL",): 3}
