"""Futures: bought on margin, settled each day into their own segment, ended on their last day."""

from typing import Any

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import future_contract

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.instruments import renew
from tests.simulator.trader import Trader

ES = future_contract("ES2703", "USD")
DAY = 24 * 3600


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.set_price("ES2703", 6000)
    return simulator


def futures(trader: Trader) -> Any:
    return trader.client.get_prime_assets().segments["C"]


def test_a_future_is_bought_on_margin_and_costs_its_charges_only(trader: Trader) -> None:
    before, securities = futures(trader), trader.segment()
    order = trader.place("BUY", 2, contract=ES)
    after = futures(trader)

    assert (order._status, order.contract.multiplier) == (OrderStatus.FILLED, 50)
    assert order.filled_cash_amount == pytest.approx(2 * 50 * order.avg_fill_price)
    assert before.cash_balance - after.cash_balance == pytest.approx(order.commission)
    assert after.init_margin == pytest.approx(2 * 50 * 6000 * 0.055)
    assert trader.segment().cash_balance == securities.cash_balance


def test_a_position_in_futures_is_told_with_month_and_multiplier(trader: Trader) -> None:
    trader.place("SELL", 1, contract=ES)
    held = trader.position("ES2703", sec_type="FUT")

    assert (held.position_qty, held.contract.multiplier, held.contract.expiry) == (-1, 50, "20270319")
    assert held.market_value == pytest.approx(-50 * 6000)
    assert held.unrealized_pnl == pytest.approx(held.market_value + 50 * held.average_cost)


def test_what_a_future_gains_is_paid_at_each_settlement(simulator: Simulator, trader: Trader) -> None:
    order = trader.place("BUY", 1, contract=ES)
    cash = futures(trader).cash_balance
    simulator.set_price("ES2703", 6100)
    moved = futures(trader)
    simulator.advance(DAY)
    settled = futures(trader)

    gained = 50 * (6100 - order.avg_fill_price)
    assert (moved.cash_balance, moved.unrealized_pl) == (cash, pytest.approx(gained))
    assert settled.cash_balance - cash == pytest.approx(gained)
    assert (settled.unrealized_pl, settled.net_liquidation) == (0, pytest.approx(moved.net_liquidation))
    assert trader.position("ES2703", sec_type="FUT").average_cost == 6100


def test_a_closed_future_leaves_what_it_gained(simulator: Simulator, trader: Trader) -> None:
    before = futures(trader).cash_balance
    bought = trader.place("BUY", 1, contract=ES)
    simulator.advance(3 * DAY)
    simulator.set_price("ES2703", 6200)
    sold = trader.place("SELL", 1, contract=ES)
    gained = 50 * (sold.avg_fill_price - bought.avg_fill_price) - bought.commission - sold.commission

    assert futures(trader).cash_balance - before == pytest.approx(gained)
    assert trader.position("ES2703", sec_type="FUT") is None


def test_a_future_ends_at_its_last_settlement_price(simulator: Simulator, trader: Trader) -> None:
    before = futures(trader).cash_balance
    bought = trader.place("BUY", 1, contract=ES)
    waiting = trader.place("BUY", 1, "LMT", contract=ES, limit_price=1000.0, time_in_force="GTC")
    simulator.advance(70 * DAY)
    trader = renew(trader)
    ended = trader.client.get_orders(seg_type="FUT", limit=1)[0]

    assert trader.position("ES2703", sec_type="FUT") is None
    assert (ended.attr_list, ended.avg_fill_price) == (["EXPIRY"], 6000)
    assert futures(trader).cash_balance - before == pytest.approx(
        50 * (6000 - bought.avg_fill_price) - bought.commission
    )
    assert trader.order(waiting.id)._status == OrderStatus.EXPIRED
    with pytest.raises(ApiException, match="合约不正确"):
        trader.place("BUY", 1, contract=ES)


def test_a_continuous_future_is_held_as_its_front_month(trader: Trader) -> None:
    order = trader.place("BUY", 1, contract=future_contract("ESmain", "USD"))
    held = trader.position("ES2703", sec_type="FUT")
    trader.place("SELL", 1, contract=ES)

    assert (order.contract.symbol, held.position_qty) == ("ESmain", 1)
    assert trader.position("ES2703", sec_type="FUT") is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"order_type": "LMT", "limit_price": 6000.1}, "minimum price variation 0.25"),
        ({"order_type": "TRAIL", "trailing_percent": 5}, "TRAIL order is not supported for FUT"),
        ({"quantity": 100}, "insufficient buying power"),
        ({"quantity": 5, "quantity_scale": 1}, "does not support fractional"),
        ({"contract": future_contract("ES2601", "USD")}, "合约不正确"),
        ({"contract": future_contract("ES2702", "USD")}, "合约不正确"),
    ],
)
def test_a_future_is_refused_with_its_reason(trader: Trader, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiException, match=reason) as refused:
        trader.place("BUY", **{"quantity": 1, "order_type": "MKT", "contract": ES} | fields)

    assert refused.value.code == 1200


def test_a_stop_of_a_future_triggers(simulator: Simulator, trader: Trader) -> None:
    trader.place("BUY", 1, contract=ES)
    stop = trader.place("SELL", 1, "STP", contract=ES, aux_price=5900.0)
    simulator.set_price("ES2703", 5899)

    assert trader.order(stop.id)._status == OrderStatus.FILLED


def test_a_preview_of_a_future_is_of_its_segment(trader: Trader) -> None:
    preview = trader.client.preview_order(trader.draft("BUY", 1, contract=ES))

    assert preview["is_pass"]
    assert preview["init_margin"] - preview["init_margin_before"] == pytest.approx(50 * 6000 * 0.055, rel=0.01)
    assert preview["equity_with_loan_before"] == pytest.approx(100_000)


def test_in_real_hours_futures_trade_by_night_and_pause_in_the_evening(simulate: Simulate) -> None:
    monday_three_in_new_york = 1_769_414_400_000
    simulator = simulate(real_hours=True, frozen_at_ms=monday_three_in_new_york)
    trader = Trader(simulator)
    contract = future_contract("ES2603", "USD")
    by_night = trader.place("BUY", 1, contract=contract)
    simulator.advance(14.5 * 3600)
    in_the_pause = trader.place("SELL", 1, contract=contract)

    assert (by_night.filled, in_the_pause.filled) == (1, 0)
