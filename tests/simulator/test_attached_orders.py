"""Orders attached to another one: asleep until it is filled, then one ends the other; and groups placed as such."""

from typing import Any

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import limit_order_with_legs, market_order, oca_order, order_leg
from tigeropen.trade.domain.order import Order

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import Trader, Wire

STOCK = stock_contract("MSFT", "USD")


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.set_price("MSFT", 500)
    return simulator


@pytest.fixture
def open_simulator(simulate: Simulate) -> Simulator:
    """Give a simulator whose lookups show attached orders from the start."""
    simulator = simulate(frozen_at_ms=1_800_000_000_000, attached_orders="at_once")
    simulator.set_price("MSFT", 500)
    return simulator


def bracket(trader: Trader, limit: float = 510.0, quantity: int = 10, **loss: Any) -> Order:
    legs = [
        order_leg("PROFIT", 550.0, "GTC"),
        order_leg("LOSS", **({"price": limit - 60, "time_in_force": "GTC"} | loss)),
    ]
    order = limit_order_with_legs(trader.account, STOCK, "BUY", quantity, limit, legs)
    order.user_mark = "mine"
    trader.client.place_order(order)
    trader.order(order.id)
    return order


def children(trader: Trader, parent: Order) -> list[Order]:
    return [trader.order(child) for child in parent.sub_ids]


def test_attached_orders_have_ids_from_the_start_and_sleep(trader: Trader) -> None:
    parent = bracket(trader, limit=400.0)

    assert len(parent.sub_ids) == 2
    assert [order["id"] for order in parent.orders] == [parent.id]
    assert [order.id for order in trader.client.get_open_orders()] == [parent.id]
    assert children(trader, parent) == [None, None]


def test_attached_orders_can_be_shown_from_the_start(open_simulator: Simulator) -> None:
    trader = Trader(open_simulator)
    parent = bracket(trader, limit=400.0)

    assert [order["id"] for order in parent.orders] == [parent.id, *parent.sub_ids]
    assert {child.parent_id for child in children(trader, parent)} == {parent.id}
    assert {child._status for child in children(trader, parent)} == {OrderStatus.NEW}


def test_a_filled_order_wakes_what_is_attached_to_it(trader: Trader) -> None:
    parent = bracket(trader)
    profit, loss = children(trader, parent)

    assert trader.order(parent.id)._status == OrderStatus.FILLED
    assert (profit.order_type, profit.limit_price, profit.action, profit.quantity) == ("LMT", 550.0, "SELL", 10)
    assert (loss.order_type, loss.aux_price, loss.time_in_force) == ("STP", 450.0, "GTC")
    assert [child.parent_id for child in (profit, loss)] == [parent.id] * 2
    assert [child.attr_list for child in (profit, loss)] == [["ATTACHED_ORDER"]] * 2
    assert [child.user_mark for child in (profit, loss)] == ["mine"] * 2
    assert [child._status for child in (profit, loss)] == [OrderStatus.HELD] * 2


@pytest.mark.parametrize(("price", "filled"), [(560, 0), (440, 1)])
def test_of_a_bracket_one_ends_the_other(simulator: Simulator, trader: Trader, price: float, filled: int) -> None:
    parent = bracket(trader)
    simulator.set_price("MSFT", price)
    ended = children(trader, parent)

    assert ended[filled]._status == OrderStatus.FILLED
    assert (ended[1 - filled]._status, ended[1 - filled].filled) == (OrderStatus.CANCELLED, 0)
    assert "another order of its group" in ended[1 - filled].reason
    assert trader.position("MSFT") is None


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ({"price": 450.0, "limit_price": 440.0}, {"order_type": "STP_LMT", "aux_price": 450.0, "limit_price": 440.0}),
        ({"price": None, "trailing_percent": 5.0}, {"order_type": "TRAIL", "trailing_percent": 5.0}),
        ({"price": None, "trailing_amount": 20.0}, {"order_type": "TRAIL", "aux_price": 20.0}),
    ],
)
def test_a_loss_is_stopped_in_every_way(trader: Trader, loss: dict[str, Any], told: dict[str, object]) -> None:
    stop = children(trader, bracket(trader, **loss))[1]

    assert {name: getattr(stop, name) for name in told} == told


def test_attached_orders_end_with_a_parent_that_is_not_filled(open_simulator: Simulator) -> None:
    trader = Trader(open_simulator)
    parent = bracket(trader, limit=400.0)
    trader.client.cancel_order(id=parent.id)

    assert trader.order(parent.id)._status == OrderStatus.CANCELLED
    assert {child._status for child in children(trader, parent)} == {OrderStatus.CANCELLED}


def test_attached_orders_wait_until_the_whole_order_is_filled(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("MSFT", 10)
    legs = [order_leg("PROFIT", 12.0), order_leg("LOSS", 9.0)]
    parent = limit_order_with_legs(trader.account, STOCK, "BUY", 9000, 11.0, legs)
    trader.client.place_order(parent)
    before = (trader.order(parent.id).filled, children(trader, parent))
    simulator.advance(30)

    assert 0 < before[0] < 9000
    assert before[1] == [None, None]
    assert [child.quantity for child in children(trader, parent)] == [9000, 9000]


def test_a_sleeping_order_is_changed_by_its_own_id(open_simulator: Simulator) -> None:
    trader = Trader(open_simulator)
    parent = bracket(trader, limit=400.0)
    profit, loss = children(trader, parent)
    trader.client.modify_order(profit, limit_price=560.0)
    trader.client.modify_order(loss, aux_price=390.0)
    open_simulator.set_price("MSFT", 395)
    profit, loss = children(trader, parent)

    assert (profit.limit_price, loss.aux_price) == (560.0, 390.0)
    assert {profit._status, loss._status} == {OrderStatus.HELD}


def test_a_waking_order_is_changed_too(trader: Trader) -> None:
    profit, loss = children(trader, bracket(trader))
    trader.client.modify_order(profit, limit_price=570.0)
    trader.client.modify_order(loss, aux_price=460.0)

    assert (trader.order(profit.id).limit_price, trader.order(loss.id).aux_price) == (570.0, 460.0)


def test_a_modification_of_the_parent_changes_the_attached_prices(wire: Wire, trader: Trader) -> None:
    parent = bracket(trader, limit=400.0)
    fields = {
        "account": trader.account, "id": parent.id, "symbol": "MSFT", "sec_type": "STK", "currency": "USD",
        "action": "BUY", "order_type": "LMT", "total_quantity": 20, "limit_price": 401.0, "time_in_force": "DAY",
        "attach_type": "BRACKETS", "profit_taker_price": 580.0, "stop_loss_price": 380.0,
    }  # fmt: skip
    answer = wire.ask("modify_order", fields)
    trader.simulator.set_price("MSFT", 390)
    profit, loss = children(trader, parent)

    assert answer["code"] == 0
    assert (profit.limit_price, loss.aux_price, profit.quantity) == (580.0, 380.0, 20)


def test_one_of_a_bracket_is_cancelled_alone(trader: Trader) -> None:
    profit, loss = children(trader, bracket(trader))
    trader.client.cancel_order(id=loss.id)

    assert trader.order(loss.id)._status == OrderStatus.CANCELLED
    assert trader.order(profit.id)._status == OrderStatus.HELD


def test_the_shares_of_a_bracket_are_promised_once(trader: Trader) -> None:
    bracket(trader)

    assert trader.position("MSFT").salable_qty == 0
    with pytest.raises(ApiException, match="exceeds the closable quantity 0"):
        trader.client.place_order(market_order(trader.account, STOCK, "SELL", 1))


@pytest.mark.parametrize(
    ("legs", "reason"),
    [
        ([order_leg("PROFIT", 490.0)], "wrong side of the limit price"),
        ([order_leg("LOSS", 520.0)], "wrong side of the limit price"),
        ([order_leg("PROFIT", 550.001)], "minimum price variation"),
    ],
)
def test_a_bracket_is_refused_whole(trader: Trader, legs: list[object], reason: str) -> None:
    with pytest.raises(ApiException, match=reason):
        trader.client.place_order(limit_order_with_legs(trader.account, STOCK, "BUY", 1, 510.0, legs))

    assert trader.client.get_orders() == []


def test_orders_are_attached_to_limit_orders_only(trader: Trader) -> None:
    order = market_order(trader.account, STOCK, "BUY", 1)
    order.order_legs = [order_leg("PROFIT", 550.0)]

    with pytest.raises(ApiException, match="only supported for limit orders"):
        trader.client.place_order(order)


def group(trader: Trader, quantity: int = 100) -> Order:
    legs = [order_leg("LMT", 300.0), order_leg("STP", 150.0)]
    order = oca_order(trader.account, stock_contract("AAPL", "USD"), "SELL", legs, quantity)
    trader.client.place_order(order)
    return order


@pytest.mark.parametrize(("price", "filled"), [(310, 0), (140, 1)])
def test_of_a_group_the_first_that_fills_ends_the_others(
    simulator: Simulator, trader: Trader, price: float, filled: int
) -> None:
    simulator.set_price("AAPL", 200)
    placed = group(trader)
    simulator.set_price("AAPL", price)
    ended = children(trader, placed)

    assert placed.id == placed.sub_ids[0]
    assert [order["orderType"] for order in placed.orders] == ["LMT", "STP"]
    assert [order.attr_list for order in ended] == [["OCA"], ["OCA"]]
    assert (ended[filled]._status, ended[1 - filled]._status) == (OrderStatus.FILLED, OrderStatus.CANCELLED)
    assert trader.position() is None


def test_a_group_is_cancelled_together(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    placed = group(trader)
    trader.client.cancel_order(id=placed.sub_ids[1])

    assert {order._status for order in children(trader, placed)} == {OrderStatus.CANCELLED}


def test_a_group_is_taken_whole_or_not_at_all(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    with pytest.raises(ApiException, match="exceeds the closable quantity 100"):
        group(trader, 101)

    assert trader.client.get_orders() == []


def test_an_order_of_a_group_is_changed_by_itself(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    first, second = children(trader, group(trader))
    trader.client.modify_order(first, limit_price=320.0)
    trader.client.modify_order(second, aux_price=160.0)

    assert (trader.order(first.id).limit_price, trader.order(second.id).aux_price) == (320.0, 160.0)


def test_numbers_of_attached_orders_are_the_accounts_next(trader: Trader) -> None:
    parent = bracket(trader)
    numbers = [trader.order(parent.id).order_id, *(child.order_id for child in children(trader, parent))]

    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert trader.place("BUY", 1).order_id == numbers[0] + 3


def test_a_family_outlives_a_restart(simulate: Simulate) -> None:
    first = simulate(frozen_at_ms=1_800_000_000_000)
    first.set_price("MSFT", 500)
    parent = bracket(Trader(first), limit=400.0)
    first.stop()
    second = simulate(frozen_at_ms=1_800_000_001_000)
    second.set_price("MSFT", 390)
    second.set_price("MSFT", 330)
    trader = Trader(second)

    assert {child._status for child in children(trader, parent)} == {OrderStatus.FILLED, OrderStatus.CANCELLED}


def test_a_bracket_whose_parent_is_refused_late_ends_whole(open_simulator: Simulator) -> None:
    trader = Trader(open_simulator)
    open_simulator.read_as(unaffordable="taken_then_invalid")
    parent = bracket(trader, quantity=1_000_000)
    open_simulator.advance(3)

    assert trader.order(parent.id)._status == OrderStatus.EXPIRED
    assert {child._status for child in children(trader, parent)} == {OrderStatus.CANCELLED}
