"""A doubt about one sending is not forgotten over what a later one is answered."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.orders.trader import get_price
from tests.support.server import wait_until

RENEWAL = "user_token_refresh"
POOR = "standard account response error(bad_request:insufficient buying power)"
TOO_OFTEN = "standard account response error(too_many_requests:error.requestRateExceedLimit)"
REFUSALS = [
    ("http_429", {}),
    ("code", {"code": 1200, "message": POOR}),
    ("code", {"code": 4, "message": "4000:permission denied"}),
    (
        "code",
        {"code": 1200, "message": TOO_OFTEN},
    ),
]


@pytest.fixture
def send_twice(trader):
    """Give a way to send a command that Tiger takes while it refuses its token; the second sending meets a refusal."""

    def send(command, method, kind, **fault):
        trader.inject("delay", method=RENEWAL, seconds=0.8)
        with ThreadPoolExecutor(2) as pool:
            pool.submit(trader.client.post, "/api/token/refresh")
            wait_until(lambda: trader.simulator.calls(RENEWAL), 15)
            trader.inject("expired_token", method=method, processed=True)
            sending = pool.submit(command)
            wait_until(lambda: trader.simulator.calls(method), 15)
            trader.inject(kind, method=method, **fault)
            answer = sending.result()
        trader.simulator.clear_faults()
        return answer

    return send


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize(("kind", "fault"), REFUSALS)
def test_an_order_taken_while_its_token_was_refused_stays_in_doubt_whatever_comes_next(trader, send_twice, kind, fault):
    price = get_price()
    trader.inject("late_visibility", seconds=30)
    answer = send_twice(lambda: trader.place("k", limit_price=price), "place_order", kind, **fault)
    trader.simulator.advance(40)
    again = trader.place("k", limit_price=price)

    assert answer.status_code in {202, 422}
    assert again.status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_a_change_made_while_its_token_was_refused_is_told_as_made(trader, send_twice):
    order_id = trader.place("resting", limit_price=get_price()).get_json()["data"]["order_id"]
    text = "standard account response error(bad_request:nothing to modify)"
    answer = send_twice(
        lambda: trader.modify(order_id, "m", quantity=2), "modify_order", "code", code=1200, message=text
    )

    assert answer.status_code == 200
    assert trader.status(order_id=order_id)["order"]["quantity"] == 2


def test_an_order_is_in_doubt_while_tiger_refuses_the_token_for_lookups_too(trader):
    price = get_price()
    trader.inject("expired_token", processed=True)
    trader.inject("expired_token", method="orders", times=None)
    answer = trader.place("k", limit_price=price)
    trader.simulator.clear_faults()
    wait_until(lambda: trader.place("k", limit_price=price).status_code == 200, 10)

    assert answer.status_code == 202
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize(("kind", "fault"), REFUSALS[:2])
def test_what_surfaces_after_its_number_was_refused_and_it_was_sent_again_is_found(trader, kind, fault):
    price = get_price()
    trader.inject("delivered_twice", seconds=30)
    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(trader.place, "k", limit_price=price)
        wait_until(lambda: trader.simulator.calls("place_order"), 15)
        trader.inject(kind, **fault)
        placing.result()
    trader.simulator.clear_faults()
    trader.simulator.advance(40)

    wait_until(lambda: trader.status(client_order_id="k")["outcome"] == "accepted", 10)
    assert trader.place("k", limit_price=price).status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("failing", [[], ["orders"]])
def test_a_number_that_tiger_refused_is_not_told(trader, failing):
    trader.inject("code", code=1100, message="TRADE DUPLICATE ORDER ID", times=None)
    for method in failing:
        trader.inject("http_500", method=method, times=None)
    answer = trader.place(limit_price=get_price())

    assert answer.status_code == 202
    assert answer.get_json()["data"]["account_order_id"] is None
