"""More orders than Tiger takes in one second all go out, in time and once."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.settings import BudgetSettings, Settings, TigerSettings
from tests.orders.trader import get_price

ORDERS = 7


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Give settings that count calls as Tiger's documentation has them."""
    tiger = TigerSettings(order_deadline_seconds=12.0)
    return dataclasses.replace(settings, budget=BudgetSettings(), tiger=tiger)


@pytest.fixture
def hurried(trader):
    """Give a trader at a Tiger that takes five orders a second."""
    trader.simulator.read_as(order_rate="five_a_second")
    trader.simulator.forget_limits()
    yield trader
    trader.simulator.read_as(order_rate="none")


def test_of_seven_orders_in_one_second_none_is_refused_and_none_is_placed_twice(hurried):
    prices = [get_price() for _ in range(ORDERS)]
    before = [len(hurried.held(price)) for price in prices]
    with ThreadPoolExecutor(ORDERS) as pool:
        answers = list(pool.map(lambda price: hurried.place(f"speed-{price}", limit_price=price), prices))
    sent = [call.at_ms for call in hurried.simulator.requests() if call.method == "place_order"]

    assert [answer.status_code for answer in answers] == [200] * ORDERS
    # Tests of closings sell at a price above one that others get later.
    assert [len(hurried.held(price)) for price in prices] == [count + 1 for count in before]
    assert len(sent) == ORDERS
    # Two seconds, and as much again for a machine that is busy with something else.
    assert max(sent) - min(sent) < 4_000


def test_two_gateways_keep_to_the_rate_together(hurried, other_app):
    other = dataclasses.replace(hurried, app=other_app)
    prices = [get_price() for _ in range(12)]
    with ThreadPoolExecutor(len(prices)) as pool:
        pairs = zip((hurried, other) * 6, prices, strict=True)
        answers = list(pool.map(lambda pair: pair[0].place(f"both-{pair[1]}", limit_price=pair[1]), pairs))

    assert [answer.status_code for answer in answers] == [200] * 12
    assert hurried.simulator.calls("place_order") == 12


def test_a_cancellation_does_not_wait_for_the_orders_that_wait(hurried):
    first = hurried.place("cancelled", limit_price=get_price()).get_json()["data"]["order_id"]
    prices = [get_price() for _ in range(9)]
    with ThreadPoolExecutor(len(prices)) as pool:
        waiting = [pool.submit(hurried.place, f"wait-{price}", limit_price=price) for price in prices]
        cancelled = hurried.client.send("/api/trade/cancel-order", {"account": "67686635", "order_id": first})
        answers = [one.result() for one in waiting]
    calls = [call.method for call in hurried.simulator.requests() if call.method in {"place_order", "cancel_order"}]

    assert cancelled.status_code == 200
    assert {answer.status_code for answer in answers} == {200}
    assert calls.index("cancel_order") < len(calls) - 2
