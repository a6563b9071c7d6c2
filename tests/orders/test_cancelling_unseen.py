"""What cancel-all-orders cannot see, or not name for sure, is told as perhaps open."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clock import get_now_ms
from app.gateway import get_gateway
from app.orders.cancelling_all import OpenOrders
from app.orders.requester import Requester
from tests.orders.free_symbols import find_free_symbol
from tests.orders.trader import get_price
from tests.support.client import FIRST, assert_envelope
from tests.support.databases import failing
from tests.support.server import wait_until

PATH = "/api/trade/cancel-all-orders"
HOUR_MS = 3_600_000


@pytest.fixture
def symbol(simulator):
    return find_free_symbol(simulator)


def cancel_all(trader, symbol, **fields):
    response = trader.client.send(PATH, {"account": FIRST, "symbol": symbol, **fields})
    assert_envelope(response, 200, FIRST)
    return response.get_json()["data"]


def test_what_was_just_accepted_is_named_where_the_orders_cannot_be_read_again(trader, symbol):
    shown = trader.place(symbol=symbol, limit_price=get_price()).get_json()["data"]["order_id"]
    trader.inject("late_visibility", seconds=30)
    hidden = trader.place("late", symbol=symbol, limit_price=get_price()).get_json()["data"]["order_id"]
    trader.inject("http_429", method="orders", times=None)
    data = cancel_all(trader, symbol)

    assert [(row["order_id"], row["outcome"], row["may_be_open"]) for row in data["orders"]] == [
        (shown, "accepted", False),
        (hidden, "denied", True),
    ]
    assert data["may_be_open"] == 1


def test_what_came_to_life_meanwhile_is_cancelled_whenever_tiger_says_that_it_began(trader, simulator, symbol):
    price = trader.client.data("/api/market/quote", symbol=symbol)["latest_price"]
    attached = {"take_profit": {"limit_price": round(price * 1.5, 2)}, "stop_loss": {"stop_price": round(price / 2, 2)}}
    trader.place("bracket", symbol=symbol, limit_price=round(price * 0.9, 2), **attached)
    began_at = trader.client.data("/api/trade/orders", symbol=symbol)["orders"][0]["order_time"]
    trader.inject("delay", method="cancel_order", seconds=0.6)
    later = {"openTime": began_at + HOUR_MS}
    trader.inject("other_values", method="orders", times=None, values=later)
    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel_all, trader, symbol)
        wait_until(lambda: simulator.calls("cancel_order"), 15)
        simulator.set_price(symbol, round(price * 0.8, 2))
        data = cancelling.result()
    simulator.clear_faults()
    simulator.set_price(symbol, None)

    assert [(row["action"], row["outcome"]) for row in data["orders"]] == [
        ("BUY", "rejected"),
        ("SELL", "accepted"),
        ("SELL", "accepted"),
    ]


def test_a_closing_that_is_placed_while_others_are_cancelled_for_a_halt_is_spared(trader, app, simulator, symbol):
    simulator.hold(FIRST, symbol, 10)
    first = trader.place(symbol=symbol, limit_price=get_price()).get_json()["data"]["order_id"]
    began_at = trader.client.data("/api/trade/orders", symbol=symbol)["orders"][0]["order_time"]
    gateway = get_gateway(app)
    trader.inject("delay_after", method="cancel_order", seconds=0.6)
    # As it is where both were within a second.
    trader.inject("other_values", method="orders", times=None, values={"openTime": began_at})
    halt = OpenOrders(placed_until=get_now_ms())
    with ThreadPoolExecutor(1) as pool:
        session, requester = gateway.tiger.session(FIRST), Requester("halt", "tests", "halt")
        cancelling = pool.submit(gateway.orders.cancel_all, session, requester, halt)
        wait_until(lambda: simulator.calls("cancel_order"), 15)
        resting = {"symbol": symbol, "order_type": "LMT", "limit_price": 100_000}
        closing = trader.client.data("/api/trade/close-position", **resting)["order_id"]
        told = cancelling.result().data or {}
        rows = {row["order_id"]: row["outcome"] for row in told["orders"]}
    simulator.clear_faults()
    trader.cancel(closing)
    simulator.hold(FIRST, symbol, 0)

    assert rows[first] == "accepted"
    assert closing not in rows


def test_a_future_that_is_listed_under_another_of_its_names_is_told(trader):
    month = trader.client.data("/api/info/futures", type="ES")["current"]["symbol"]
    resting = trader.client.data(
        "/api/trade/place-order", symbol="ESmain", action="SELL", order_type="LMT", limit_price=9000, quantity=1
    )
    other = trader.client.data(
        "/api/trade/place-order", symbol=month, action="SELL", order_type="LMT", limit_price=9001, quantity=1
    )
    data = cancel_all(trader, month)
    rows = {row["order_id"]: (row["outcome"], row["may_be_open"]) for row in data["orders"]}
    trader.client.post("/api/trade/cancel-order", order_id=resting["order_id"])

    assert rows[other["order_id"]] == ("accepted", False)
    assert rows[resting["order_id"]] == ("denied", True)
    assert data["may_be_open"] == sum(may_be_open for _, may_be_open in rows.values())


def test_an_option_of_another_market_has_one_name(trader, simulator):
    chain = trader.client.data("/api/market/option-chain", symbol="MSFT")
    expiry = chain["expirations"][2]
    leg = trader.client.data("/api/market/option-chain", symbol="MSFT", expiry=expiry)["chain"]["calls"][8]
    order = {"identifier": leg["identifier"], "action": "BUY", "order_type": "LMT", "limit_price": 0.01, "quantity": 1}
    resting = trader.client.data("/api/trade/place-order", **order)
    kept = cancel_all(trader, "AAPL", sec_type="OPT")
    data = cancel_all(trader, "MSFT", sec_type="OPT")

    assert resting["order_id"] not in {row["order_id"] for row in kept["orders"]}
    assert {row["order_id"]: row["outcome"] for row in data["orders"]}[resting["order_id"]] == "accepted"


def test_a_journal_that_cannot_be_read_is_told_as_a_doubt(trader, app, symbol):
    order_id = trader.place(symbol=symbol, limit_price=get_price()).get_json()["data"]["order_id"]
    trader.simulator.reset_counts()
    with failing(get_gateway(app).storage, lambda: trader.simulator.calls("active_orders") > 0):
        data = cancel_all(trader, symbol)

    assert [(row["order_id"], row["code"], row["may_be_open"]) for row in data["orders"]] == [
        (order_id, None, False),
        (None, "storage_unavailable", True),
    ]
