"""An order in doubt that is sent again: what the second sending meets says nothing about the first."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from tests.orders.trader import get_price
from tests.support.client import assert_refusal
from tests.support.server import wait_until

POOR = "standard account response error(bad_request:insufficient buying power)"


@pytest.fixture
def place_hidden(trader):
    """Place an order that is taken, answered by nothing and not shown; a fault meets it when it is sent again."""

    def place(kind, **fields):
        price = get_price()
        trader.inject("lost_answer")
        trader.inject("late_visibility", seconds=30)
        journal = get_gateway(trader.app).orders.journal
        with ThreadPoolExecutor(1) as pool:
            placing = pool.submit(trader.place, "hidden", limit_price=price)
            wait_until(lambda: journal.count_states()["unknown"], 5)
            trader.inject(kind, times=None, **fields)
            response = placing.result()
        trader.simulator.clear_faults()
        return price, response

    return place


def test_a_refusal_after_a_doubt_is_no_rejection(trader, place_hidden):
    price, response = place_hidden("code", code=1200, message=POOR)
    sendings = trader.simulator.calls("place_order")
    before = trader.status(client_order_id="hidden")["outcome"]
    trader.simulator.advance(40)

    assert_refusal(response, 202, "order_state_unknown")
    assert sendings > 1
    assert before in {"unknown", "denied"}
    wait_until(lambda: trader.status(client_order_id="hidden")["outcome"] == "accepted", 5)
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
    wait_until(lambda: trader.status(client_order_id="hidden")["outcome"] == "accepted", 5)
    assert len(trader.held(price)) == 1
