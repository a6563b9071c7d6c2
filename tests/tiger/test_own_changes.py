"""One attached order is changed by itself where that can do nothing else than change its price."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.tiger.trading.order_modification import find_own_change
from app.tiger.trading.order_tickets import OrderChanges, TakeProfit
from app.tiger.trading.orders import Order, RelatedOrder, get_order

FIRST = {"id": 7, "symbol": "AAPL", "secType": "STK", "action": "BUY", "orderType": "LMT", "status": "Submitted"}
SLEEPING = {**FIRST, "id": 8, "action": "SELL", "limitPrice": 9, "timeInForce": "DAY", "status": "Initial"}
CHEAPER = OrderChanges(take_profit=TakeProfit(Decimal(8)))


def get_bracket(**shown: Any) -> Order:
    profit = get_order({**SLEEPING, "totalQuantity": 5, **shown})
    return replace(get_order(FIRST), related=(RelatedOrder("8", "take_profit", profit),))


def test_its_price_is_all_that_changes() -> None:
    found = find_own_change(get_bracket(), CHEAPER)

    assert found is not None
    assert (found[0].order_id, found[1]) == ("8", OrderChanges(limit_price=Decimal(8)))


@pytest.mark.parametrize("shown", [{"totalQuantity": 0}, {"timeInForce": None}, {"id": None}, {"status": "Cancelled"}])
def test_what_is_not_shown_whole_or_is_over_is_left_to_the_first_order(shown: dict[str, Any]) -> None:
    assert find_own_change(get_bracket(**shown), CHEAPER) is None


@pytest.mark.parametrize(
    "changes",
    [
        replace(CHEAPER, quantity=Decimal(2)),
        OrderChanges(limit_price=Decimal(4)),
        OrderChanges(take_profit=TakeProfit(Decimal(8), "GTC")),
        OrderChanges(take_profit=TakeProfit(Decimal(8), outside_rth=True)),
    ],
)
def test_whatever_else_changes_goes_to_the_first_order(changes: OrderChanges) -> None:
    assert find_own_change(get_bracket(outsideRth=False), changes) is None
