"""An order happens exactly once, whatever becomes of Tiger's answer."""

from dataclasses import replace

import pytest

from app import create_app
from app.gateway import get_gateway
from app.settings import CacheSettings
from tests.orders.trader import Trader, get_price
from tests.support.client import assert_refusal
from tests.support.server import wait_until

DOUBTFUL = ["lost_answer", "garbage", "broken_json", "huge_answer"]


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize("kind", DOUBTFUL)
def test_an_order_whose_answer_is_lost_is_found_and_told_as_accepted(trader, kind):
    price = get_price()
    trader.inject(kind)
    response = trader.place(limit_price=price)

    assert response.status_code == 200, response.text
    assert [str(order["id"]) for order in trader.held(price)] == [response.get_json()["data"]["order_id"]]


def test_a_server_error_after_the_order_was_taken_is_no_failure(trader):
    price = get_price()
    trader.inject("http_500", processed=True)
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("kind", ["cut_before", "http_500"])
def test_an_order_that_never_arrived_is_placed_again_once_the_wait_is_over(trader, kind):
    price = get_price()
    trader.inject(kind)
    response = trader.place(limit_price=price)
    numbers = {order["orderId"] for order in trader.held(price)}

    assert response.status_code == 200
    assert trader.simulator.calls("place_order") == 2
    assert {str(number) for number in numbers} == {response.get_json()["data"]["account_order_id"]}


def test_a_read_timeout_leaves_the_order_unknown_within_the_deadline(trader):
    price = get_price()
    trader.inject("hang", processed=True)
    trader.inject("hang", method="orders", times=None)
    response = trader.place("hung", limit_price=price)
    body = response.get_json()

    assert_refusal(response, 202, "order_state_unknown")
    assert body["data"]["account_order_id"] == str(trader.held(price)[0]["orderId"])
    assert body["data"]["ask"]["body"]["client_order_id"] == "hung"
    assert int(response.headers["Retry-After"]) >= 1


def test_an_order_that_shows_late_is_not_placed_again(trader):
    price = get_price()
    trader.inject("late_visibility", seconds=0.3)
    trader.inject("lost_answer")
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert len(trader.held(price)) == 1


def test_an_order_that_is_accepted_late_is_not_placed_again(trader):
    price = get_price()
    trader.inject("late_acceptance", seconds=0.2)
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert len(trader.held(price)) == 1


def test_an_order_that_is_accepted_later_than_the_stated_wait_is_still_one(trader):
    price = get_price()
    trader.inject("late_acceptance", seconds=0.7)
    response = trader.place(limit_price=price)
    trader.simulator.advance(1)

    assert response.status_code == 200
    assert len(trader.held(price)) == 1


def test_an_order_that_tiger_takes_and_then_rejects_is_told_as_rejected(trader):
    trader.inject("late_rejection", message="the exchange said no")
    trader.inject("lost_answer")
    response = trader.place(limit_price=get_price())

    assert_refusal(response, 422, "order_rejected")
    assert response.get_json()["data"]["status"] == "Invalid"


def test_a_refused_connection_is_tried_again_under_the_same_number(trader):
    price = get_price()
    trader.inject("refused", times=None, seconds=0.15)
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert len(trader.held(price)) == 1


def test_a_tiger_that_is_not_there_denies_the_order(trader):
    trader.inject("refused", times=None, seconds=2.5)
    response = trader.place("away", limit_price=get_price())

    assert_refusal(response, 503, "tiger_unavailable")
    assert trader.status(client_order_id="away")["outcome"] == "denied"
    wait_until(lambda: trader.place().status_code == 200, 15)  # The simulator serves other tests as well.


def test_a_number_that_another_program_used_is_replaced(trader, app):
    price, other = get_price(), get_price()
    service = get_gateway(app).orders
    session = get_gateway(app).tiger.session(trader.client.account)
    taken = int(trader.place(limit_price=other).get_json()["data"]["account_order_id"])
    with get_gateway(app).storage.writing() as connection:
        connection.exec_driver_sql("DELETE FROM tiger_rest_order_commands")
    while service.context.numbers.take(session) is not None:
        pass
    service.context.numbers.give_back(session, taken)
    response = trader.place(limit_price=price)

    assert response.status_code == 200, response.text
    assert response.get_json()["data"]["account_order_id"] != str(taken)
    assert len(trader.held(price)) == len(trader.held(other)) == 1


# Three numbers, and for each what it may stand for: many calls.
@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_an_account_whose_numbers_are_all_used_is_not_asked_for_ever(trader):
    trader.inject("code", code=1200, message="TRADE DUPLICATE ORDER ID", times=None)
    response = trader.place("spent", limit_price=get_price())

    # Each refusal is a doubt, and is waited for: Tiger shows no order that has the number.
    assert_refusal(response, 202, "order_state_unknown")
    assert 1 < trader.simulator.calls("place_order") < 20
    assert trader.status(client_order_id="spent")["outcome"] in {"unknown", "absent"}


def test_a_duplicate_answered_with_the_order_that_exists_is_that_order(trader):
    price = get_price()
    trader.inject("code", code=1200, message="TRADE DUPLICATE ORDER ID", processed=True)
    response = trader.place(limit_price=price)

    assert response.status_code == 200
    assert response.get_json()["data"]["order_id"] == str(trader.held(price)[0]["id"])


def test_an_order_whose_contract_is_not_kept_asks_for_it_once(settings, simulator):
    app = create_app(replace(settings, cache=CacheSettings(contract_seconds=0)))
    placed = Trader(app, simulator).place(limit_price=get_price())
    get_gateway(app).close()

    assert placed.status_code == 200
    assert simulator.calls("contract") == 1


def test_placing_with_everything_at_hand_is_two_calls(trader):
    trader.place(limit_price=get_price())
    wanted = {"place_order": 1, "order_no": 1}

    calls = {call.method for call in trader.simulator.requests()}
    assert calls <= set(wanted)
    assert trader.simulator.calls("place_order") == 1
