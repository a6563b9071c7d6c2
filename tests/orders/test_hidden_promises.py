"""What Tiger does not show yet closes a position all the same: attached orders, a partner, what is in doubt."""

from decimal import Decimal

import pytest

from app.orders.promises import UNKNOWN_QUANTITY, list_promises
from app.orders.states import State
from app.tiger.instrument import Instrument
from app.tiger.trading.holdings import Holding
from app.tiger.trading.orders import get_order
from tests.orders.free_symbols import find_free_symbol
from tests.support.client import FIRST, assert_refusal
from tests.support.server import wait_until

PATH = "/api/trade/close-position"
BRACKET = {"take_profit": {"limit_price": 9_000}, "stop_loss": {"stop_price": 1}}


@pytest.fixture
def symbol(request, simulator):
    """Give a stock of which as many are held as the test says, a hundred unless it does."""
    symbol = find_free_symbol(simulator)
    simulator.hold(FIRST, symbol, getattr(request, "param", 100))
    return symbol


def close(trader, symbol, **fields):
    return trader.client.post(PATH, symbol=symbol, **fields)


def get_refused(response):
    assert_refusal(response, 409, "not_closable")
    return response.get_json()["data"]


@pytest.mark.parametrize("symbol", [0], indirect=True)
def test_a_filled_bracket_that_is_not_shown_has_its_attached_orders(trader, symbol):
    trader.inject("late_visibility", seconds=60)
    trader.place("bracket", symbol=symbol, limit_price=900, quantity=10, **BRACKET)
    refused = get_refused(close(trader, symbol))

    assert (refused["held"], refused["closing"], refused["closable"]) == (10, 10, 0)
    assert [(order["client_order_id"], order["reason"]) for order in refused["orders"]] == [("bracket", "in_doubt")]
    assert trader.simulator.calls("place_order") == 1


def test_a_bracket_that_rests_promises_nothing_of_what_is_held(trader, symbol):
    trader.place(symbol=symbol, limit_price=2, quantity=50, take_profit={"limit_price": 9_000})

    assert close(trader, symbol, order_type="LMT", limit_price=9_000).get_json()["data"]["quantity"] == 100


def test_of_two_oca_orders_in_doubt_the_larger_one_counts(trader, symbol):
    trader.inject("lost_answer")
    trader.inject("late_visibility", seconds=30)
    trader.inject("http_429", method="orders", times=None)
    first = {"symbol": symbol, "action": "SELL", "order_type": "LMT", "quantity": 10, "limit_price": 9_000}
    second = {"symbol": symbol, "action": "SELL", "order_type": "STP", "quantity": 100, "stop_price": 1}
    response = trader.client.post("/api/trade/place-oca-order", orders=[first, second])
    trader.simulator.clear_faults()

    assert response.status_code == 202
    assert get_refused(close(trader, symbol))["closing"] == 100


def test_what_never_arrived_counts_for_as_long_as_it_is_looked_for(trader, symbol):
    trader.inject("cut_before")
    trader.inject("http_429", method="orders", times=None)
    trader.place("absent", symbol=symbol, action="SELL", quantity=60, limit_price=9_000)
    trader.simulator.clear_faults()
    wait_until(lambda: trader.count(State.ABSENT), 15)
    refused = get_refused(close(trader, symbol, quantity=41))
    trader.simulator.advance(3_700)

    assert refused["closing"] == 60
    assert close(trader, symbol, order_type="LMT", limit_price=9_000).get_json()["data"]["quantity"] == 100


def test_an_order_for_an_amount_closes_nobody_knows_how_much(symbol):
    shown = {"id": 1, "symbol": symbol, "secType": "STK", "action": "SELL", "status": "Submitted", "orderType": "LMT"}
    order = get_order({**shown, "totalQuantity": 0, "filledQuantity": 0, "totalCashAmount": 500.0})
    (promise,) = list_promises(Holding(Instrument(symbol), Decimal(10), 0, (order,)), is_settled=True)

    assert promise.quantity == UNKNOWN_QUANTITY
