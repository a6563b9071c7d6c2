"""An order whose number is in doubt keeps it, so that it is placed once, whatever the lookups say meanwhile."""

import time

import pytest

from app.gateway import get_gateway
from tests.orders.trader import get_price
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST
from tests.support.server import wait_until

HIDDEN_SECONDS = 30
SETTLED_SECONDS = 15
SPARSE = ("missing_fields", {"fields": ("userMark", "limitPrice")})
TWICE: tuple[str, dict[str, tuple[str, ...]]] = ("delivered_twice", {})
READINGS = pytest.mark.parametrize(
    ("numbers", "used"),
    [("reserved", "refused_1100"), ("next_free", "refused_1200"), ("next_free", "answers_holder")],
)


@pytest.fixture
def program(trader):
    """Give another program that trades on the same account: the plain SDK, without a mark."""
    return Program(trader.simulator, FIRST)


@pytest.fixture
def used_number(trader, app, program):
    """Make the gateway send its next order under a number that another program has used, and return its order."""
    theirs = program.place("BUY", 1, "LMT", limit_price=get_price())
    numbers, session = get_gateway(app).orders.context.numbers, get_gateway(app).tiger.session(FIRST)
    numbers.forget(session)
    numbers.give_back(session, theirs.order_id)
    return theirs


def is_placed(trader, key, price):
    return trader.place(key, limit_price=price).status_code == 200


@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("fault", [SPARSE, TWICE], ids=["sparse", "twice"])
@READINGS
def test_an_order_hidden_for_longer_than_the_wait_keeps_its_number_and_is_placed_once(
    trader, numbers, used, fault, failing
):
    price, (kind, fields) = get_price(), fault
    trader.simulator.read_as(order_numbers=numbers, used_number=used)
    trader.inject(kind, **fields)
    trader.inject("late_visibility", seconds=HIDDEN_SECONDS)
    if failing:
        trader.inject("http_500", method="orders", times=failing)
    trader.place("hidden", limit_price=price)
    time.sleep(0.7)
    trader.place("hidden", limit_price=price)
    trader.simulator.clear_faults()
    trader.simulator.advance(2 * HIDDEN_SECONDS)
    wait_until(lambda: is_placed(trader, "hidden", price), SETTLED_SECONDS)

    # Handed over twice, it may be answered with itself: then there was no doubt.
    is_known = (kind, used) == ("delivered_twice", "answers_holder")
    assert (trader.simulator.calls("place_order") == 1) is is_known
    held = trader.held(price)
    assert len(held) == 1
    assert trader.status(client_order_id="hidden")["order_id"] == str(held[0]["id"])


@pytest.mark.parametrize("failing", [1, None])
@READINGS
def test_a_number_that_another_program_used_is_not_told_while_lookups_fail_and_replaced_once_it_is_seen(
    trader, used_number, numbers, used, failing
):
    price = get_price()
    trader.simulator.read_as(order_numbers=numbers, used_number=used)
    trader.inject("http_500", method="orders", times=failing)
    answer = trader.place("mine", limit_price=price)
    told = answer.get_json()["data"]
    trader.simulator.clear_faults()
    wait_until(lambda: is_placed(trader, "mine", price), SETTLED_SECONDS)

    assert answer.status_code == 202 or told["limit_price"] == price
    assert told["account_order_id"] != str(used_number.order_id)
    assert len(trader.held(price)) == 1
    assert trader.status(client_order_id="mine")["order_id"] != str(used_number.id)


@pytest.mark.parametrize("numbers", ["reserved", "next_free"])
def test_while_an_order_keeps_a_number_that_tiger_refuses_all_others_are_placed(trader, numbers):
    prices = [get_price() for _ in range(12)]
    trader.simulator.read_as(order_numbers=numbers)
    trader.inject("code", code=1100, message="TRADE DUPLICATE ORDER ID")
    trader.inject("code", method="orders", code=2, message="server error", times=None)
    stuck = trader.place("stuck", limit_price=get_price())
    trader.simulator.clear_faults()
    answers = [trader.place(f"other-{price}", limit_price=price) for price in prices]

    assert stuck.status_code == 202
    assert [answer.status_code for answer in answers] == [200] * len(prices)
    assert all(len(trader.held(price)) == 1 for price in prices)
