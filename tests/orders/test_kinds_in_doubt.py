"""An order of any kind happens exactly once, whatever becomes of the answer, and is found wherever Tiger lists it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.orders.trader import get_price
from tests.simulator.instruments import find_expiry
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST

PLACE, PAIR = "/api/trade/place-order", "/api/trade/place-oca-order"
BUY = {"action": "BUY", "order_type": "LMT", "quantity": 1}
AAPL = {"symbol": "AAPL", **BUY}
BODIES: dict[str, dict[str, Any]] = {
    "a bracket": {**AAPL, "take_profit": {"limit_price": 9.5}, "stop_loss": {"stop_price": 0.5}},
    "a stop that trails": {**AAPL, "stop_loss": {"trailing_amount": 0.5}},
    "an amount": {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "cash_amount": 50},
    "an iceberg": {**AAPL, "order_type": "ICEBERG", "quantity": 9, "display_size": 3},
    "by volume": {**AAPL, "order_type": "VWAP", "quantity": 9, "participation_rate": 0.1},
    "a future": {"symbol": "MESmain", **BUY},
    "a fund": {"symbol": "LU0417517546.USD", "sec_type": "FUND", "action": "BUY", "order_type": "MKT"},
    "a coin": {"symbol": "BTC/USD", "sec_type": "CC", **BUY, "quantity": 0.001},
    "a pair": {},
    "a combination": {"strategy": "VERTICAL", **BUY},
}

CASES = [(kind, "lost_answer") for kind in BODIES] + [
    (kind, fault) for kind in ("a bracket", "a pair", "a future") for fault in ("cut_before", "delivered_twice")
]


@pytest.fixture
def simulator(telling_simulator):
    """Give a simulator that shows attached orders from the start, with no faults and with fresh counts."""
    telling_simulator.reset_counts()
    yield telling_simulator
    telling_simulator.clear_faults()


@pytest.fixture
def settings(settings):
    """Give settings whose orders have eight seconds."""
    return replace(settings, tiger=replace(settings.tiger, order_deadline_seconds=8.0))


def get_body(trader, kind):
    """Return the body of an order of this kind that rests."""
    price = get_price()
    if kind == "a pair":
        both = {"symbol": "AAPL", "action": "BUY", "quantity": 1}
        stop = {**both, "order_type": "STP", "stop_price": 900}
        return {"orders": [{**both, "order_type": "LMT", "limit_price": price}, stop]}
    if kind == "a fund":
        return {**BODIES[kind], "cash_amount": 100 + price}
    if kind == "a combination":
        leg = {"symbol": "AAPL", "expiry": find_expiry(Program(trader.simulator)), "put_call": "CALL"}
        legs = [{**leg, "strike": 195, "action": "BUY"}, {**leg, "strike": 205, "action": "SELL"}]
        return {**BODIES[kind], "legs": legs, "limit_price": 0.01}
    return {**BODIES[kind], "limit_price": 1000 if kind in {"a future", "a coin"} else price}


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_it_is_placed_once_and_found(trader, kind, fault):
    body, path = get_body(trader, kind), PAIR if kind == "a pair" else PLACE
    trader.inject(fault)
    response = trader.client.send(path, {"account": FIRST, **body})
    data = response.get_json()["data"]
    status = trader.status(order_id=data["order_id"])
    ours = [order for order in trader.simulator.orders(FIRST) if order["userMark"] == data["user_mark"]]

    assert response.status_code == 200, response.text
    assert len(ours) == 1 + len(data["related_orders"])
    assert data["missing_orders"] == []
    assert (status["outcome"], status["order"]["sec_type"]) == ("accepted", data["sec_type"])
