"""An order that Tiger takes and then refuses is told as refused, wherever it is seen."""

import pytest

from app.gateway import get_gateway
from tests.orders.locked import locked
from tests.orders.trader import get_price
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST, assert_refusal
from tests.support.server import wait_until

NO_MONEY = "可用资金或购买力不足"
TOO_MUCH = {"quantity": 1_000_000}
TAKEN = ["taken_then_invalid", "taken_then_inactive"]


@pytest.fixture
def place_unpayable(trader, request):
    """Give a way to place an order that is taken, and refused two seconds later."""
    trader.simulator.read_as(unaffordable=getattr(request, "param", "taken_then_invalid"), refusal_language="zh")

    def place(key, price=150.0):
        return trader.place(key, **TOO_MUCH, limit_price=price)

    return place


@pytest.mark.parametrize("place_unpayable", TAKEN, indirect=True)
def test_an_order_refused_two_seconds_later_is_told_as_refused_without_asking_tiger(trader, place_unpayable):
    placed = place_unpayable("poor")
    trader.simulator.advance(2.5)
    order_id = placed.get_json()["data"]["order_id"]

    def list_events():
        events = trader.client.data("/api/trade/order-events", order_id=order_id)["events"]
        return {event["event"]: event for event in events}

    wait_until(lambda: "refused_later" in list_events(), 15)
    told = list_events()["refused_later"]["details"]
    assert placed.status_code == 200
    assert told["state"] == "rejected"
    assert NO_MONEY in told["reason"]
    assert "buying power" in told["reason"]
    assert told["remark"] == NO_MONEY
    assert told["refused_at"] > 0


@pytest.mark.parametrize("place_unpayable", TAKEN, indirect=True)
def test_the_status_of_an_order_refused_later_is_rejected_with_the_reason(trader, place_unpayable):
    place_unpayable("poor")
    trader.simulator.advance(2.5)
    status = trader.status(client_order_id="poor")

    assert (status["outcome"], status["code"]) == ("rejected", "order_rejected")
    assert NO_MONEY in status["reason"]
    assert "buying power" in status["reason"]


def test_a_repeat_of_an_order_refused_later_is_told_the_refusal(trader, place_unpayable):
    place_unpayable("poor")
    trader.simulator.advance(2.5)
    trader.status(client_order_id="poor")
    again = place_unpayable("poor")

    assert_refusal(again, 422, "order_rejected")
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_list_of_orders_tells_the_reason_in_english_and_as_it_came(trader, place_unpayable):
    order_id = place_unpayable("poor").get_json()["data"]["order_id"]
    trader.simulator.advance(2.5)
    orders = trader.client.data("/api/trade/orders", symbol="AAPL")["orders"]
    told = next(order for order in orders if order["order_id"] == order_id)

    assert told["status"] == "Invalid"
    assert NO_MONEY in told["status_details"]
    assert "buying power" in told["status_details"]


def test_a_lost_answer_to_an_order_refused_meanwhile_is_a_refusal(trader, place_unpayable):
    trader.inject("lost_answer")
    trader.inject("http_500", method="orders", times=2)
    placing = place_unpayable("lost")
    trader.simulator.advance(2.5)
    answer = trader.status(client_order_id="lost")

    assert placing.status_code in {200, 202}
    assert answer["outcome"] == "rejected"


def test_an_order_that_tiger_answers_as_invalid_is_a_refusal(trader):
    trader.inject("unknown_status", message="Invalid")

    assert_refusal(trader.place("at-once", limit_price=get_price()), 422, "order_rejected")


def test_cancelling_an_order_that_tiger_refused_tells_its_reason(trader, place_unpayable):
    order_id = place_unpayable("poor").get_json()["data"]["order_id"]
    trader.simulator.advance(2.5)
    answer = trader.cancel(order_id)

    assert_refusal(answer, 422, "order_rejected")
    assert NO_MONEY in answer.get_json()["error"]
    assert "expired" not in answer.get_json()["error"]


def test_an_order_that_fills_is_followed_no_longer(trader):
    placed = trader.place("fills", limit_price=1_000.0)
    trader.simulator.advance(1)

    assert trader.status(client_order_id="fills")["order"]["status"] == "Filled"
    assert placed.status_code == 200
    assert Program(trader.simulator, FIRST).order(int(placed.get_json()["data"]["order_id"])).filled == 1


def test_a_list_that_fails_delays_the_later_refusal_by_seconds_only(trader, place_unpayable):
    place_unpayable("poor")
    trader.inject("http_500", method="orders", times=2)
    trader.simulator.advance(2.5)

    wait_until(lambda: place_unpayable("poor").status_code == 422, 20)


def test_a_later_refusal_is_told_while_the_journal_cannot_be_written(trader, app, place_unpayable):
    place_unpayable("poor")
    trader.simulator.advance(2.5)
    with locked(get_gateway(app).storage):
        status = trader.status(client_order_id="poor")

    assert status["outcome"] == "rejected"
