"""Two orders of which one fill ends the other, and combinations of options: one command, one row, one outcome."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.orders.states import State
from tests.orders.trader import get_price
from tests.support.client import FIRST, PAPER, assert_refusal

PATH = "/api/trade/place-oca-order"


def get_pair(low: float = 0.5, **fields: Any) -> list[dict[str, Any]]:
    """Return two orders that sell what is held."""
    both = {"symbol": "AAPL", "action": "SELL", "quantity": 10, **fields}
    return [
        {**both, "order_type": "LMT", "limit_price": 900 + low},
        {**both, "order_type": "STP_LMT", "stop_price": low, "limit_price": low / 2},
    ]


@pytest.fixture
def simulator(telling_simulator):
    """Give a simulator that shows attached orders from the start, with no faults and with fresh counts."""
    telling_simulator.reset_counts()
    yield telling_simulator
    telling_simulator.clear_faults()
    telling_simulator.reset_readings()


@pytest.fixture
def holder(trader):
    """Give a trader who holds what is to be sold."""
    trader.simulator.hold(FIRST, "AAPL", 1_000)
    return trader


def place(trader, key=None, **fields):
    headers = {} if key is None else {"Idempotency-Key": key}
    return trader.client.send(PATH, {"account": FIRST, "orders": get_pair(**fields)}, **headers)


def get_held(trader, data):
    """Return the orders that the simulator holds in the group of one."""
    orders = trader.simulator.orders(FIRST)
    group = next(order["ocaGroupId"] for order in orders if str(order["id"]) == data["order_id"])
    return {str(order["id"]) for order in orders if order.get("ocaGroupId") == group}


def test_both_orders_are_named_in_the_answer_and_in_the_events(holder):
    before = holder.count(*State)
    data = place(holder).get_json()["data"]
    (partner,) = data["related_orders"]
    events = holder.client.data("/api/trade/order-events", order_id=data["order_id"])["events"]
    noted = next(event["details"]["related_orders"] for event in events if event["event"] == "answered")

    assert (data["order_type"], partner["order_type"], partner["role"]) == ("LMT", "STP_LMT", "oca_partner")
    assert get_held(holder, data) == {data["order_id"], partner["order_id"]}
    assert noted == [{"order_id": partner["order_id"], "role": "oca_partner"}]
    assert data["missing_orders"] == []
    assert holder.count(*State) == before + 1


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_after_a_lost_answer_both_are_found_by_the_mark(holder):
    holder.inject("lost_answer")
    response = place(holder)
    data = response.get_json()["data"]

    assert response.status_code == 200, response.text
    assert get_held(holder, data) == {data["order_id"], data["related_orders"][0]["order_id"]}
    assert data["order_type"] == "LMT"
    assert holder.simulator.calls("place_order") == 1


def test_the_first_may_be_the_one_that_stops(holder):
    body = {"account": FIRST, "orders": get_pair()[::-1]}
    data = holder.client.send(PATH, body).get_json()["data"]

    assert (data["order_type"], data["stop_price"], data["limit_price"]) == ("STP_LMT", 0.5, 0.25)
    assert data["related_orders"][0]["limit_price"] == 900.5


def test_a_repeat_is_the_same_pair_and_another_pair_a_conflict(holder):
    first, second = place(holder, "pair"), place(holder, "pair")
    third = place(holder, "pair", low=0.6)

    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.get_json()["data"]["order_id"] == first.get_json()["data"]["order_id"]
    assert_refusal(third, 409, "idempotency_conflict")


def test_order_status_shows_that_one_ended_the_other(holder):
    data = place(holder).get_json()["data"]
    holder.cancel(data["order_id"])
    holder.simulator.advance(2)
    order = holder.status(order_id=data["order_id"])["order"]

    assert order["status"] == order["related_orders"][0]["status"] == "Cancelled"


WRONG: dict[str, tuple[Any, str]] = {
    "one alone": (get_pair()[:1], "orders"),
    "three": ([*get_pair(), *get_pair()[:1]], "orders"),
    "no list": ("AAPL", "orders"),
    "two sides": ([get_pair()[0], {**get_pair()[1], "action": "BUY"}], "orders"),
    "two instruments": ([get_pair()[0], {**get_pair()[1], "symbol": "MSFT"}], "orders"),
    "two limits": ([get_pair()[0], get_pair()[0]], "orders"),
    "no price": ([get_pair()[0], {**get_pair()[1], "stop_price": None}], "orders.1.stop_price"),
    "another type": ([get_pair()[0], {**get_pair()[1], "order_type": "TRAIL"}], "orders.1.order_type"),
    "a fraction": (get_pair(quantity=1.5), "orders.0.quantity"),
    "a step": ([get_pair()[0], {**get_pair()[1], "limit_price": 1.501}], "orders.1.limit_price"),
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_pair_that_cannot_be_is_refused_by_name(trader, reason):
    orders, named = WRONG[reason]
    response = trader.client.post(PATH, orders=orders)

    assert_refusal(response, 400, "invalid_request")
    assert named in response.get_json()["details"]
    assert trader.simulator.calls("place_order") == 0


def test_a_paper_account_takes_no_pair(paper, simulator):
    refused = paper.refusal(PATH, 400, "invalid_request", orders=get_pair())

    assert "Paper accounts" in refused["details"]["orders"][0]
    assert paper.account == PAPER


@pytest.fixture
def vertical(trader) -> dict[str, Any]:
    """Give a combination of two calls that rests."""
    soon = date.today() + timedelta(days=14)  # noqa: DTZ011 - any expiry far enough away will do.
    days = trader.client.data("/api/market/option-chain", symbol="AAPL")["expirations"]
    expiry = next(day for day in days if day >= f"{soon:%Y%m%d}")
    calls = trader.client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]["calls"]
    low, high = (calls[len(calls) // 2 + number]["strike"] for number in (0, 1))
    leg = {"symbol": "AAPL", "expiry": expiry, "put_call": "CALL"}
    legs = [{**leg, "strike": low, "action": "BUY"}, {**leg, "strike": high, "action": "SELL"}]
    return {"legs": legs, "strategy": "VERTICAL", "action": "BUY", "order_type": "LMT", "quantity": 1}


def test_a_combination_is_one_order_with_its_legs(trader, vertical):
    data = trader.client.data("/api/trade/place-order", **vertical, limit_price=0.01)
    biz = next(call.biz for call in reversed(trader.simulator.requests()) if call.method == "place_order")

    assert (data["sec_type"], data["symbol"], data["strategy"]) == ("MLEG", "AAPL", "VERTICAL")
    assert [(leg["action"], leg["strike"], leg["ratio"]) for leg in data["legs"]] == [
        (leg["action"], leg["strike"], 1) for leg in vertical["legs"]
    ]
    assert (biz["sec_type"], biz["combo_type"], "currency" in biz) == ("MLEG", "VERTICAL", False)
    assert trader.simulator.calls("contract") == 0


def test_a_combination_may_bring_money(trader, vertical):
    body = {**vertical, "action": "SELL", "limit_price": -0.01}
    preview = trader.client.data("/api/trade/preview-order", **body)

    assert preview["symbol"] == "AAPL"


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_a_combination_is_found_after_a_lost_answer(trader, vertical):
    trader.inject("lost_answer")
    response = trader.client.send("/api/trade/place-order", {"account": FIRST, **vertical, "limit_price": 0.01})

    assert response.status_code == 200, response.text
    assert response.get_json()["data"]["strategy"] == "VERTICAL"
    assert trader.simulator.calls("place_order") == 1


def test_a_combination_is_changed_as_a_whole(trader, vertical):
    placed = trader.client.data("/api/trade/place-order", **vertical, limit_price=0.01)
    changed = trader.modify(placed["order_id"], limit_price=0.02).get_json()["data"]

    assert (changed["limit_price"], len(changed["legs"])) == (0.02, 2)


WRONG_LEGS: dict[str, tuple[dict[str, Any], str]] = {
    "without a strategy": ({"strategy": None}, "strategy"),
    "one leg": ({"legs": [{"symbol": "AAPL", "action": "BUY"}]}, "legs"),
    "a name besides": ({"symbol": "AAPL"}, "symbol"),
    "a future": ({"legs": [{"symbol": "ES2603", "action": "BUY"}] * 2}, "legs.0.sec_type"),
    "an amount": ({"quantity": None, "cash_amount": 5}, "cash_amount"),
    "a fraction": ({"quantity": 1.5}, "quantity"),
    "a strategy that is none": ({"strategy": "BUTTERFLY"}, "strategy"),
}


@pytest.mark.parametrize("reason", WRONG_LEGS)
def test_a_combination_that_cannot_be_is_refused_by_name(trader, vertical, reason):
    changed, named = WRONG_LEGS[reason]
    response = trader.client.post("/api/trade/place-order", **{**vertical, "limit_price": 0.01, **changed})

    assert_refusal(response, 400, "invalid_request")
    assert named in response.get_json()["details"]
    assert trader.simulator.calls("place_order") == 0


def test_what_is_no_combination_must_cost_something(trader):
    response = trader.place(limit_price=-1)

    assert_refusal(response, 400, "invalid_request")
    assert (
        trader.modify(trader.place(limit_price=get_price()).get_json()["data"]["order_id"], limit_price=-1).status_code
        == 400
    )
