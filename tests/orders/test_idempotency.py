"""A repeat with the same key gets the first answer; a key stands for one command."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from app.access.permissions import Permission
from app.gateway import get_gateway
from app.storage.order_tables import order_commands
from tests.orders.trader import Trader, get_order, get_price
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.server import wait_until


def test_a_repeat_gets_the_first_answer_again(trader):
    price = get_price()
    first = trader.place("k", limit_price=price, quantity=2)
    again = trader.place("k", limit_price=price, quantity=2.0)

    assert again.get_json()["data"] == first.get_json()["data"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(trader.held(price)) == 1


def test_a_client_order_id_in_the_body_is_the_same_key(trader):
    price = get_price()
    first = trader.place(limit_price=price, client_order_id="mine")
    again = trader.place("mine", limit_price=price)

    assert again.get_json()["data"] == first.get_json()["data"]
    assert first.get_json()["data"]["client_order_id"] == "mine"


def test_two_different_keys_for_one_order_are_refused(trader):
    response = trader.place("one", client_order_id="another")

    assert_refusal(response, 400, "invalid_request")
    assert trader.simulator.calls("place_order") == 0


def test_the_same_key_with_another_body_is_a_conflict(trader):
    trader.place("k", limit_price=get_price())
    response = trader.place("k", limit_price=get_price())

    assert_refusal(response, 409, "idempotency_conflict")


def test_a_key_used_for_an_order_cannot_be_used_for_a_cancellation(trader):
    order_id = trader.place("k", limit_price=get_price()).get_json()["data"]["order_id"]

    assert_refusal(trader.cancel(order_id, "k"), 409, "idempotency_conflict")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schlüssel"])
def test_an_unreadable_key_is_refused(trader, key):
    assert_refusal(trader.place(key.encode().decode("latin-1")), 400, "invalid_request")


def test_a_rejection_is_kept_and_told_again(trader):
    trader.simulator.read_as(unaffordable="refused_at_once")
    first = trader.place("poor", quantity=1_000_000, limit_price=200)
    again = trader.place("poor", quantity=1_000_000, limit_price=200)

    assert_refusal(first, 422, "order_rejected")
    assert_refusal(again, 422, "order_rejected")
    assert again.get_json()["error"] == first.get_json()["error"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert trader.simulator.calls("place_order") == 1


def test_a_denial_is_not_kept(trader):
    price = get_price()
    trader.inject("http_429", method="*", times=None)
    denied = trader.place("k", limit_price=price)
    trader.simulator.clear_faults()
    accepted = trader.place("k", limit_price=price)

    assert (denied.status_code, accepted.status_code) == (429, 200)
    assert "Idempotent-Replayed" not in accepted.headers
    assert len(trader.held(price)) == 1


def test_a_clock_that_was_set_forward_frees_no_key(trader, app):
    price = get_price()
    first = trader.place("kept", limit_price=price)
    with get_gateway(app).storage.writing() as connection:
        # As the journal's clock tells it after it was set two days forward; Tiger's own has not moved.
        connection.execute(update(order_commands).values(created_at=order_commands.c.created_at - 48 * 3_600_000))
    again = trader.place("kept", limit_price=price)

    assert again.get_json()["data"]["order_id"] == first.get_json()["data"]["order_id"]
    assert len(trader.held(price)) == 1


def test_without_a_key_each_request_is_an_order_of_its_own(trader):
    price = get_price()
    trader.place(limit_price=price)
    trader.place(limit_price=price)

    assert len(trader.held(price)) == 2


def test_an_api_key_may_be_made_to_require_it(trader, app):
    keys = get_gateway(app).keys
    key = keys.create("careful", [FIRST], [Permission.TRADE], requires_idempotency=True)
    client = Client(app, key)

    assert_refusal(client.send("/api/trade/place-order", get_order()), 400, "invalid_request")
    assert client.send("/api/trade/place-order", get_order(client_order_id="with")).status_code == 200


def test_the_scope_is_the_api_key_and_survives_its_rotation(trader, app):
    keys, price = get_gateway(app).keys, get_price()
    before = Client(app, keys.create("service", [FIRST], [Permission.TRADE]))
    body = get_order(limit_price=price, client_order_id="k")
    first = before.send("/api/trade/place-order", body)
    again = before.with_key(keys.rotate("service", 60)).send("/api/trade/place-order", body)
    other = trader.client.send("/api/trade/place-order", body)

    assert again.get_json()["data"] == first.get_json()["data"]
    assert other.get_json()["data"]["order_id"] != first.get_json()["data"]["order_id"]
    assert len(trader.held(price)) == 2


def test_simultaneous_repeats_on_different_workers_are_one_order_and_equal_answers(trader, other_app):
    price = get_price()
    workers = [trader, Trader(other_app, trader.simulator)]
    together = threading.Barrier(4)

    def place(index):
        together.wait(10)
        return workers[index % 2].place("same", limit_price=price)

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(place, range(4)))

    assert [response.status_code for response in responses] == [200] * 4
    assert len({str(response.get_json()["data"]) for response in responses}) == 1
    assert len(trader.held(price)) == 1


def test_a_repeat_waits_for_the_first_which_is_still_running(trader, other_app):
    price = get_price()
    trader.inject("delay_after", seconds=0.6)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(trader.place, "slow", limit_price=price)
        wait_until(lambda: trader.simulator.calls("place_order"), 15)
        again = Trader(other_app, trader.simulator).place("slow", limit_price=price)

    assert again.get_json()["data"] == first.result().get_json()["data"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_at_most_a_quarter_of_the_threads_wait(trader, app):
    price = get_price()
    trader.inject("delay_after", seconds=1.0)
    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(trader.place, "slow", limit_price=price)
        wait_until(lambda: trader.simulator.calls("place_order"), 15)
        repeats = list(pool.map(lambda _: trader.place("slow", limit_price=price).status_code, range(9)))

    assert first.result().status_code == 200
    assert sorted(repeats) == [200] * 4 + [202] * 5


def test_a_key_is_free_again_after_its_time(trader, app):
    first = trader.place("old", limit_price=get_price())
    with get_gateway(app).storage.writing() as connection:
        columns = order_commands.c
        earlier = {name: columns[name] - 25 * 3_600_000 for name in ("created_at", "sent_by_tiger")}
        connection.execute(update(order_commands).values(earlier))
    second = trader.place("old", limit_price=get_price())

    assert second.status_code == 200
    assert second.get_json()["data"]["order_id"] != first.get_json()["data"]["order_id"]
