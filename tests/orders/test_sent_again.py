"""An order in doubt that is sent again: what the second sending meets says nothing about the first."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.orders.states import State
from tests.orders.trader import get_price
from tests.support.client import assert_refusal
from tests.support.server import wait_until

RENEWAL = "user_token_refresh"
POOR = "standard account response error(bad_request:insufficient buying power)"


@pytest.fixture
def hidden():
    """Say for how many seconds an order is hidden."""
    return 30


@pytest.fixture
def place_hidden(trader, hidden):
    """Place an order that is taken, answered by nothing and not shown; a fault meets it when it is sent again."""

    def place(kind, shown_meanwhile=False, **fields):
        price = get_price()
        trader.inject("lost_answer")
        trader.inject("late_visibility", seconds=hidden)
        with ThreadPoolExecutor(1) as pool:
            placing = pool.submit(trader.place, "hidden", limit_price=price)
            wait_until(lambda: trader.count(State.UNKNOWN), 15)
            trader.inject(kind, times=None, **fields)
            if shown_meanwhile:
                # While the second sending is under way, so that its answer comes after the order can be seen.
                trader.inject("delay", times=None, seconds=2.0)
                wait_until(lambda: trader.simulator.calls("place_order") > 1, 15)
                trader.simulator.advance(hidden)
            response = placing.result()
        trader.simulator.clear_faults()
        return price, response

    return place


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_an_order_that_tiger_took_although_it_refused_the_token_is_not_placed_twice(trader):
    price = get_price()
    trader.inject("delay", method=RENEWAL, seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(trader.client.post, "/api/token/refresh")
        wait_until(lambda: trader.simulator.calls(RENEWAL), 15)
        trader.inject("late_visibility", seconds=0.8)
        trader.inject("expired_token", processed=True)
        response = trader.place("refused", limit_price=price)

    assert refreshing.result().status_code == 200
    # Once more with the new token; where the wait for the order was over, again under the same number.
    assert trader.simulator.calls("place_order") > 1
    assert response.status_code == 200
    trader.simulator.advance(5)
    assert response.get_json()["data"]["order_id"] == str(trader.held(price)[0]["id"])
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_a_refusal_after_a_doubt_is_no_rejection(trader, place_hidden):
    price, response = place_hidden("code", shown_meanwhile=True, code=1200, message=POOR)

    assert trader.simulator.calls("place_order") > 1
    assert response.status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_what_never_arrived_and_is_then_refused_is_a_refusal_that_is_told_again(trader):
    trader.simulator.read_as(unaffordable="refused_at_once")
    trader.inject("cut_before")
    answers = [trader.place("poor", quantity=1_000_000, limit_price=200) for _ in range(2)]
    status = trader.status(client_order_id="poor")

    for answer in answers:
        assert_refusal(answer, 422, "order_rejected")
    assert trader.simulator.calls("place_order") == 2
    assert (status["outcome"], status["code"]) == ("rejected", "order_rejected")


def test_what_surfaces_after_it_was_told_as_refused_is_told_as_accepted(trader, place_hidden):
    price, response = place_hidden("code", code=1200, message=POOR)
    trader.simulator.advance(40)

    assert response.status_code in {202, 422}
    wait_until(lambda: trader.status(client_order_id="hidden")["outcome"] == "accepted", 15)
    assert trader.place("hidden", limit_price=price).status_code == 200
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize(
    ("kind", "fields"), [("http_429", {}), ("code", {"code": 1000, "message": "common param error"})]
)
def test_a_denial_after_a_doubt_is_told_as_the_doubt(trader, place_hidden, kind, fields):
    price, response = place_hidden(kind, **fields)
    trader.simulator.advance(40)

    assert_refusal(response, 202, "order_state_unknown")
    assert response.get_json()["data"]["client_order_id"] == "hidden"
    wait_until(lambda: trader.status(client_order_id="hidden")["outcome"] == "accepted", 15)
    assert len(trader.held(price)) == 1
