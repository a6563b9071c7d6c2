"""Readings and faults hold for orders of every kind, and for all orders of one command alike."""

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException, RequestException
from tigeropen.common.util.contract_utils import cc_contract, future_contract
from tigeropen.common.util.order_utils import (
    limit_order_with_legs,
    market_order,
    market_order_by_amount,
    order_leg,
)

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.instruments import find_expiry, get_option
from tests.simulator.orders_of_each_kind import KINDS, MICROSOFT
from tests.simulator.trader import FIRST, Trader

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
SIZES = {"bracket": 3, "group": 2}


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.set_price("AAPL", 200)
    simulator.set_price("MSFT", 500)
    return simulator


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_whose_answer_is_lost_is_there_whole(simulator: Simulator, trader: Trader, kind: str) -> None:
    order = KINDS[kind](trader)
    order.user_mark = "lost"
    simulator.inject(Fault("lost_answer", "place_order", times=1))
    with pytest.raises(RequestException):
        trader.client.place_order(order)

    placed = simulator.orders(FIRST)
    assert [found["userMark"] for found in placed] == ["lost"] * SIZES.get(kind, 1)
    assert {found["status"] for found in placed} <= {"Initial", "Submitted"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_places_once(simulator: Simulator, trader: Trader, kind: str) -> None:
    order = KINDS[kind](trader)
    order.order_id = 5000
    trader.client.place_order(order)
    with pytest.raises(ApiException, match="DUPLICATE"):
        trader.client.place_order(order)

    assert len(simulator.orders(FIRST)) == SIZES.get(kind, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_cancelled_in_two_steps(simulator: Simulator, trader: Trader, kind: str) -> None:
    simulator.read_as(cancel="two_steps")
    order = KINDS[kind](trader)
    trader.client.place_order(order)
    trader.client.cancel_order(id=order.id)
    between = trader.order(order.id)._status
    simulator.advance(1)

    assert between == OrderStatus.HELD
    assert {found["status"] for found in simulator.orders(FIRST)} == {"Cancelled"}


@pytest.mark.parametrize("kind", ["option", "future", "combination"])
def test_what_cannot_be_paid_is_refused_late(simulator: Simulator, trader: Trader, kind: str) -> None:
    simulator.read_as(unaffordable="taken_then_invalid")
    order = KINDS[kind](trader)
    order.quantity, order.limit_price = 90_000, 6500.0 if kind == "future" else 19.0
    trader.client.place_order(order)
    simulator.advance(3)

    assert "buying power" in trader.order(order.id).reason
    assert trader.order(order.id)._status == OrderStatus.EXPIRED


def test_what_is_attached_is_hidden_with_its_parent(simulator: Simulator, trader: Trader) -> None:
    order = limit_order_with_legs(FIRST, MICROSOFT, "BUY", 10, 510.0, [order_leg("PROFIT", 550.0)])
    simulator.inject(Fault("late_visibility", "place_order", times=1, seconds=30))
    trader.client.place_order(order)
    hidden = trader.client.get_orders()
    simulator.advance(31)

    assert hidden == []
    assert {found.id for found in trader.client.get_orders()} == {order.id, *order.sub_ids}


def test_a_sleeping_order_is_cancelled_in_two_steps(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(cancel="two_steps")
    order = KINDS["bracket"](trader)
    trader.client.place_order(order)
    trader.client.cancel_order(id=order.sub_ids[1])
    simulator.advance(2)
    simulator.set_price("MSFT", 390)
    told = {found["id"]: found["status"] for found in simulator.orders(FIRST)}

    assert told == {order.id: "Filled", order.sub_ids[0]: "Submitted", order.sub_ids[1]: "Cancelled"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_tells_what_would_pass(simulator: Simulator, trader: Trader, kind: str) -> None:
    preview = trader.client.preview_order(KINDS[kind](trader))

    assert preview["is_pass"], preview["message"]
    assert preview["init_margin"] >= preview["init_margin_before"]
    assert simulator.orders(FIRST) == []


@pytest.mark.parametrize(
    ("contract", "sec_type"), [(future_contract("ES2703", "USD"), "FUT"), (cc_contract("ETH/USD"), "CC")]
)
def test_what_can_be_bought_is_estimated(trader: Trader, contract: object, sec_type: str) -> None:
    estimate = trader.client.get_estimate_tradable_quantity(market_order(FIRST, contract, "BUY", 1))

    assert estimate.tradable_quantity > 0
    assert estimate.position_quantity == 0


def test_orders_and_positions_are_found_by_what_names_an_option(simulator: Simulator, trader: Trader) -> None:
    contract = get_option(200, "CALL", find_expiry(trader))
    other = get_option(210, "CALL", find_expiry(trader))
    for each in (contract, other):
        trader.client.place_order(market_order(FIRST, each, "BUY", 1))
    held = trader.client.get_positions(sec_type="OPT", expiry=contract.expiry, strike=200, put_call="CALL")

    assert [position.contract.strike for position in held] == ["200"]
    assert len(trader.client.get_orders(sec_type="OPT", symbol="AAPL")) == 2
    assert trader.client.get_orders(sec_type="FUT", seg_type="ALL") == []


def test_a_coin_is_sold_by_amount(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("ETH/USD", 4000)
    for side, amount in (("BUY", 2000.0), ("SELL", 500.0)):
        trader.client.place_order(market_order_by_amount(FIRST, cc_contract("ETH/USD"), side, amount))
        simulator.advance(1)
    held = trader.position("ETH/USD", sec_type="CC")

    assert held.market_value == pytest.approx(1500, rel=0.01)
