"""Faults in the life of an order, as the real SDK meets them."""

import pytest
from tigeropen.common.exceptions import ApiException

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.simulator.trader import Trader


def test_a_request_delivered_twice_is_told_by_its_second_delivery(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("delivered_twice", method="place_order", times=1, seconds=5))
    draft = trader.draft("BUY", 1, "LMT", limit_price=1.0, order_id=5000, user_mark="once")

    with pytest.raises(ApiException, match="TRADE DUPLICATE ORDER ID"):
        trader.client.place_order(draft)
    assert [order["userMark"] for order in simulator.orders()] == ["once"]
    assert trader.client.get_orders() == []
    simulator.advance(6)
    assert [order.order_id for order in trader.client.get_orders()] == [5000]


def test_without_a_number_a_request_delivered_twice_is_two_orders(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("delivered_twice", method="place_order", times=1, seconds=5))
    told = trader.place("BUY", 1, "LMT", limit_price=1.0)

    assert len(simulator.orders()) == 2
    assert [order.id for order in trader.client.get_orders()] == [told.id]


def test_a_hidden_order_is_hidden_from_every_lookup(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("late_visibility", method="place_order", times=1, seconds=5))
    draft = trader.draft("BUY", 1, order_id=5000, user_mark="hidden")
    trader.client.place_order(draft)

    assert trader.client.get_order(id=draft.id) is None
    assert trader.client.get_order(order_id=5000) is None
    assert trader.client.get_orders(states=["Filled"]) == []
    assert trader.client.get_transactions(order_id=draft.id) == []


def test_an_expired_token_can_be_answered_to_an_order_that_was_taken(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("expired_token", method="place_order", times=1, processed=True))

    with pytest.raises(ApiException) as refused:
        trader.place("BUY", 1, "LMT", limit_price=1.0)
    assert refused.value.code == 2400
    assert len(simulator.orders()) == 1


def test_a_fault_can_be_narrowed_to_a_business_field(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("code", method="positions", code=4, message="permission denied", where={"sec_type": "OPT"}))

    with pytest.raises(ApiException, match="permission denied"):
        trader.client.get_positions(sec_type="OPT")
    assert len(trader.client.get_positions(sec_type="STK")) == 3
