"""A position is closed by what is held and not promised already, and never turned into its opposite."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from app.orders.states import State
from tests.orders.free_symbols import find_free_symbol
from tests.orders.locked import locked
from tests.orders.trader import Trader
from tests.support.client import FIRST, assert_envelope, assert_refusal
from tests.support.server import wait_until

PATH = "/api/trade/close-position"


@pytest.fixture
def symbol(simulator):
    """Give a stock of which a hundred are held."""
    symbol = find_free_symbol(simulator)
    simulator.hold(FIRST, symbol, 100)
    return symbol


def close(trader, symbol, key=None, **fields):
    headers = {} if key is None else {"Idempotency-Key": key}
    return trader.client.send(PATH, {"account": FIRST, "symbol": symbol, **fields}, **headers)


def get_data(response):
    assert_envelope(response, 200, FIRST)
    return response.get_json()["data"]


def get_held(trader, symbol):
    positions = trader.client.data("/api/trade/positions", symbol=symbol)["positions"]
    return sum(position["quantity"] for position in positions)


def get_refused(response, code="not_closable"):
    assert_refusal(response, 409, code)
    return response.get_json()["data"]


def test_a_whole_position_is_sold_and_what_was_held_is_told(trader, symbol):
    data = get_data(close(trader, symbol, "all"))

    assert (data["action"], data["quantity"], data["order_type"]) == ("SELL", 100, "MKT")
    assert (data["held"], data["closing"], data["client_order_id"]) == (100, 0, "all")
    assert get_held(trader, symbol) == 0


def test_a_short_position_is_bought_back(trader, symbol):
    trader.simulator.hold(FIRST, symbol, -40)
    data = get_data(close(trader, symbol))

    assert (data["action"], data["quantity"], data["held"]) == ("BUY", 40, -40)
    assert get_held(trader, symbol) == 0


def test_a_part_and_then_the_rest_are_closed_at_once(trader, symbol):
    part = get_data(close(trader, symbol, quantity=40))
    assert get_held(trader, symbol) == 60
    rest = get_data(close(trader, symbol))

    assert (part["quantity"], rest["quantity"], rest["held"]) == (40, 60, 60)
    assert get_held(trader, symbol) == 0


def test_more_than_is_held_is_refused_with_what_can_be_closed(trader, symbol):
    data = get_refused(close(trader, symbol, quantity=101))

    assert (data["quantity"], data["held"], data["closable"], data["orders"]) == (101, 100, 100, [])
    assert trader.simulator.calls("place_order") == 0


def test_nothing_held_is_told_as_such(trader, symbol):
    trader.simulator.hold(FIRST, symbol, 0)

    assert get_refused(close(trader, symbol), "nothing_held")["held"] == 0
    assert trader.simulator.calls("place_order") == 0


def test_what_open_orders_will_sell_is_subtracted(trader, symbol):
    resting = trader.place(symbol=symbol, action="SELL", limit_price=9_000, quantity=30).get_json()["data"]
    trader.place(symbol=symbol, action="BUY", limit_price=1, quantity=50)
    refused = get_refused(close(trader, symbol, quantity=71))
    data = get_data(close(trader, symbol))

    assert (refused["closing"], refused["closable"]) == (30, 70)
    assert [(order["order_id"], order["reason"]) for order in refused["orders"]] == [(resting["order_id"], "open")]
    assert (data["quantity"], data["held"], data["closing"]) == (70, 100, 30)


def test_a_limit_order_that_rests_is_not_closed_again_until_it_is_cancelled(trader, symbol):
    first = get_data(close(trader, symbol, order_type="LMT", limit_price=9_000))
    refused = get_refused(close(trader, symbol))
    trader.simulator.read_as(cancel="at_once")
    trader.cancel(first["order_id"])
    again = get_data(close(trader, symbol))

    assert (first["status"], refused["closable"], refused["closing"]) == ("Initial", 0, 100)
    assert (again["quantity"], get_held(trader, symbol)) == (100, 0)


def test_an_order_in_doubt_counts_as_sent(trader, symbol):
    trader.inject("lost_answer")
    trader.inject("late_visibility", seconds=30)
    trader.inject("http_429", method="orders", times=None)
    body = {"symbol": symbol, "action": "SELL", "quantity": 60, "limit_price": 9_000}
    assert trader.place("hidden", **body).status_code == 202
    trader.simulator.clear_faults()
    response = close(trader, symbol)
    refused = get_refused(close(trader, symbol, quantity=41))

    assert (get_data(response)["quantity"], get_data(response)["closing"]) == (40, 60)
    assert (refused["held"], refused["closable"]) == (60, 0)
    assert [(order["client_order_id"], order["reason"]) for order in refused["orders"]] == [("hidden", "in_doubt")]


def test_a_fill_that_positions_do_not_show_yet_is_not_sold_again(trader, symbol):
    get_data(close(trader, symbol, quantity=60))
    trader.inject("late_fills", method="positions", times=None, seconds=60)
    everything = close(trader, symbol)
    assert everything.get_json()["retry_after"] > 0
    rest = get_data(close(trader, symbol, quantity=40))
    nothing = get_refused(close(trader, symbol, quantity=1))
    trader.simulator.clear_faults()

    assert (get_refused(everything)["unsettled"], get_refused(everything)["closable"]) == (60, 40)
    assert (rest["held"], rest["quantity"], nothing["closable"]) == (100, 40, 0)
    assert get_held(trader, symbol) == 0
    get_refused(close(trader, symbol), "nothing_held")


def test_an_older_fill_that_is_shown_does_not_balance_a_later_one_that_is_not(trader, symbol):
    price = round(trader.client.data("/api/market/quote", symbol=symbol)["latest_price"])
    older = trader.place(symbol=symbol, action="SELL", limit_price=price + 10, quantity=50).get_json()["data"]
    trader.simulator.advance(5)
    later = get_data(close(trader, symbol, order_type="LMT", limit_price=price + 20))
    for order, higher in ((older, 12), (later, 22)):
        trader.simulator.advance(15)
        trader.simulator.set_price(symbol, price + higher)
        assert trader.status(order_id=order["order_id"])["order"]["status"] == "Filled"
    trader.inject("late_fills", method="positions", times=None, seconds=8)
    refused = get_refused(close(trader, symbol))
    trader.simulator.clear_faults()

    assert (refused["held"], refused["unsettled"], refused["closable"]) == (50, 50, 0)
    assert get_held(trader, symbol) == 0


def test_options_and_futures_are_closed_by_their_own_names(trader):
    # What was closed with another database is settled then.
    trader.simulator.advance(11)
    option = trader.client.data("/api/market/option-chain", symbol="AAPL")["expirations"][2]
    leg = trader.client.data("/api/market/option-chain", symbol="AAPL", expiry=option)["chain"]["calls"][8]
    named = {"symbol": "AAPL", "sec_type": "OPT", "expiry": option, "strike": leg["strike"], "put_call": "CALL"}
    trader.client.data("/api/trade/place-order", **named, action="BUY", order_type="MKT", quantity=2)
    future = trader.client.data("/api/info/futures", type="ES")["current"]["symbol"]
    trader.client.data("/api/trade/place-order", symbol=future, action="SELL", order_type="MKT", quantity=1)
    sold = trader.client.data(PATH, identifier=leg["identifier"])
    bought = trader.client.data(PATH, symbol=future, order_type="LMT", limit_price=1)

    assert (sold["action"], sold["quantity"], sold["held"], sold["sec_type"]) == ("SELL", 2, 2, "OPT")
    assert (bought["action"], bought["quantity"], bought["held"], bought["sec_type"]) == ("BUY", 1, -1, "FUT")
    assert get_refused(trader.client.post(PATH, symbol=future))["closing"] == 1
    assert get_refused(trader.client.post(PATH, identifier=leg["identifier"]), "nothing_held")["held"] == 0
    trader.simulator.read_as(cancel="at_once")
    trader.cancel(bought["order_id"])
    trader.client.data(PATH, symbol=future)


def test_the_leg_of_an_open_combination_closes_as_much_as_the_combination_has_units(trader):
    trader.simulator.advance(11)
    expiry = trader.client.data("/api/market/option-chain", symbol="MSFT")["expirations"][2]
    puts = trader.client.data("/api/market/option-chain", symbol="MSFT", expiry=expiry)["chain"]["puts"][8:10]
    near, far = ({"symbol": "MSFT", "expiry": expiry, "strike": put["strike"], "put_call": "PUT"} for put in puts)
    trader.client.data("/api/trade/place-order", **near, action="BUY", order_type="MKT", quantity=3)
    legs = [{**near, "action": "SELL", "ratio": 1}, {**far, "action": "BUY", "ratio": 1}]
    spread = {
        "legs": legs,
        "strategy": "VERTICAL",
        "action": "BUY",
        "order_type": "LMT",
        "limit_price": -4,
        "quantity": 2,
    }
    resting = trader.client.data("/api/trade/place-order", **spread)
    refused = get_refused(trader.client.post(PATH, **near, quantity=2))
    data = trader.client.data(PATH, **near)
    trader.simulator.read_as(cancel="at_once")
    trader.cancel(resting["order_id"])
    trader.simulator.advance(11)
    # Tiger's time is known from its answers.
    assert get_held(trader, "MSFT") is not None
    trader.client.data(PATH, **near)

    assert [(order["order_id"], order["quantity"]) for order in refused["orders"]] == [(resting["order_id"], 2)]
    assert (data["quantity"], data["held"], data["closing"]) == (1, 3, 2)


def test_a_continuous_future_is_no_position(trader):
    response = trader.client.post(PATH, symbol="ESmain")

    assert_refusal(response, 400, "invalid_request")
    assert "symbol" in response.get_json()["details"]


def test_a_repeat_with_its_key_is_answered_the_same_and_sells_nothing(trader, symbol):
    first, again = close(trader, symbol, "once", quantity=50), close(trader, symbol, "once", quantity=50.0)

    assert get_data(again) == get_data(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert trader.simulator.calls("place_order") == 1
    assert_refusal(close(trader, symbol, "once"), 409, "idempotency_conflict")
    body = {"symbol": symbol, "action": "SELL", "quantity": 50, "order_type": "MKT", "limit_price": None}
    assert_refusal(trader.place("once", **body), 409, "idempotency_conflict")


def test_a_lost_answer_is_found_and_told_with_what_was_held(trader, symbol):
    trader.inject("lost_answer")
    data = get_data(close(trader, symbol, "lost"))

    assert (data["quantity"], data["held"], data["status"]) == (100, 100, "Filled")
    assert trader.simulator.calls("place_order") == 1


def test_what_never_arrived_is_not_sent_again_where_others_closed_the_position(trader, symbol):
    trader.inject("cut_before")
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(close, trader, symbol, "cut")
        wait_until(lambda: trader.count(State.UNKNOWN), 15)
        trader.simulator.hold(FIRST, symbol, 0)
        response = closing.result()

    assert_refusal(response, 202, "order_state_unknown")
    assert trader.simulator.calls("place_order") == 1


def test_what_is_held_and_cannot_be_read_is_not_closed(trader, symbol):
    trader.inject("garbage", method="positions", times=None)

    assert close(trader, symbol, "unread").status_code == 502
    assert trader.simulator.calls("place_order") == 0


@pytest.mark.parametrize("settings", [4.0], indirect=True)
def test_without_the_database_nothing_is_closed(trader, symbol, app):
    with locked(get_gateway(app).storage):
        response = close(trader, symbol)

    assert_refusal(response, 503, "storage_unavailable")
    assert trader.simulator.calls("place_order") == 0


@pytest.mark.parametrize("fields", [{"quantity": 2}, {}], ids=["by parts", "whole"])
@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_fifty_clients_at_once_close_what_is_held_and_no_more(trader, other_app, symbol, fields):
    trader.inject("lost_answer", times=None, probability=0.2)
    trader.inject("late_fills", method="positions", times=None, probability=0.3, seconds=5)
    workers = [trader, Trader(other_app, trader.simulator)]
    names = [f"client-{number}" if number % 3 else None for number in range(50)]
    earlier = [order["id"] for order in trader.simulator.orders(FIRST)]
    sent = random.Random(50).sample([*names, *names[::2]], 75)  # noqa: S311 - repeatable, not secret.

    with ThreadPoolExecutor(50) as pool:
        closing = [pool.submit(close, workers[place % 2], symbol, key, **fields) for place, key in enumerate(sent)]
        answers = [each.result() for each in closing]
    trader.simulator.clear_faults()
    sold = {answer.get_json()["data"]["order_id"] for answer in answers if answer.status_code == 200}
    orders = [order for order in trader.simulator.orders(FIRST) if order["symbol"] == symbol]
    orders = [order for order in orders if order["id"] not in earlier]

    assert {answer.status_code for answer in answers} <= {200, 202, 409, 503}
    assert sold
    assert sum(order["totalQuantity"] for order in orders) <= 100
    assert get_held(trader, symbol) >= 0
    assert len(orders) == len({order["userMark"] for order in orders})
    assert sold <= {str(order["id"]) for order in orders}


def test_a_close_that_never_arrived_is_not_sent_again_once_the_position_has_turned_round(trader, symbol):
    trader.inject("cut_before")
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(close, trader, symbol, "cut")
        wait_until(lambda: trader.count(State.UNKNOWN), 15)
        trader.simulator.hold(FIRST, symbol, -100)
        response = closing.result()
    answers = [response]
    if response.status_code == 202:
        wait_until(lambda: trader.count(State.ABSENT), 15)
        answers.append(close(trader, symbol, "cut"))

    assert not any(answer.get_json()["success"] for answer in answers)
    assert get_held(trader, symbol) == -100
    trader.simulator.hold(FIRST, symbol, 0)
