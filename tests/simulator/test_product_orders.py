"""Warrants, bull/bear contracts, funds and digital assets."""

from typing import Any

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import (
    cc_contract,
    fund_contract,
    iopt_contract_by_symbol,
    war_contract_by_symbol,
)
from tigeropen.common.util.order_utils import (
    market_order_by_amount,
)
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.instruments import renew
from tests.simulator.trader import PAPER, Trader

NOW = 1_800_000_000_000
DAY = 24 * 3600
FUND = "LU0417517546.USD"


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    return simulate(frozen_at_ms=NOW)


def place(trader: Trader, order: Order) -> Order:
    trader.client.place_order(order)
    return trader.order(order.id)


def warrant(trader: Trader, sec_type: str, right: str) -> Contract:
    listed = trader.simulator._assembly.engine.prices.market.derivatives.warrants("00700", NOW)
    found = next(item for item in listed[4:] if (item.sec_type, item.right) == (sec_type, right))
    make = war_contract_by_symbol if sec_type == "WAR" else iopt_contract_by_symbol
    return make(found.symbol, found.expiry, float(found.strike), right, found.symbol)


@pytest.mark.parametrize(("sec_type", "right"), [("WAR", "CALL"), ("WAR", "PUT"), ("IOPT", "CALL")])
def test_a_warrant_is_bought_in_lots_and_sold(simulator: Simulator, sec_type: str, right: str) -> None:
    simulator.set_price("00700", 600)
    trader = Trader(simulator)
    contract = warrant(trader, sec_type, right)
    bought = trader.place("BUY", 10_000, contract=contract)
    held = trader.position(contract.symbol, sec_type=sec_type)
    sold = trader.place("SELL", 10_000, contract=contract)

    assert (bought._status, sold._status) == (OrderStatus.FILLED, OrderStatus.FILLED)
    assert (held.position_qty, held.contract.put_call, held.contract.expiry) == (10_000, right, contract.expiry)
    assert held.market_value == pytest.approx(10_000 * held.market_price)


@pytest.mark.parametrize(
    ("quantity", "fields", "reason"),
    [
        (500, {}, "lot size 1000"),
        (1000, {"order_type": "STP", "aux_price": 0.1}, "STP order is not supported for WAR"),
        (1000, {"order_type": "LMT", "limit_price": 0.1003}, "minimum price variation"),
    ],
)
def test_a_warrant_is_refused_with_its_reason(
    trader: Trader, quantity: int, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ApiException, match=reason):
        trader.place("BUY", quantity, contract=warrant(trader, "WAR", "PUT"), **fields)


def test_a_bull_contract_ends_at_its_call_price(simulator: Simulator) -> None:
    simulator.set_price("00700", 600)
    trader = Trader(simulator)
    contract = warrant(trader, "IOPT", "CALL")
    trader.place("BUY", 10_000, contract=contract)
    cash = trader.segment().currency_assets["HKD"].cash_balance
    simulator.set_price("00700", contract.strike)
    ended = trader.client.get_orders(limit=1)[0]

    assert (ended.attr_list, ended.avg_fill_price) == (["KNOCK_OUT"], 0)
    assert trader.position(contract.symbol, sec_type="IOPT") is None
    assert trader.segment().currency_assets["HKD"].cash_balance == cash
    with pytest.raises(ApiException, match="合约不正确"):
        trader.place("BUY", 10_000, contract=contract)


def test_a_warrant_is_paid_its_inner_value_at_the_end(simulator: Simulator) -> None:
    simulator.set_price("00700", 800)
    trader = Trader(simulator)
    contract = warrant(trader, "WAR", "CALL")
    trader.place("BUY", 10_000, contract=contract)
    cash = trader.segment().currency_assets["HKD"].cash_balance
    simulator.advance(100 * DAY)
    trader = renew(trader)
    paid = trader.segment().currency_assets["HKD"].cash_balance - cash

    assert paid == pytest.approx(10_000 * round((800 - float(contract.strike)) / 100, 3))
    assert trader.client.get_orders(limit=1)[0].attr_list == ["CASH_SETTLE"]


@pytest.mark.parametrize("contract", [fund_contract(FUND), cc_contract("BTC/USD")])
def test_the_paper_account_trades_no_funds_and_coins(simulator: Simulator, contract: Contract) -> None:
    paper = Trader(simulator, PAPER)
    with pytest.raises(ApiException, match="paper account does not support trading of") as refused:
        paper.client.place_order(market_order_by_amount(PAPER, contract, "BUY", 500.0))

    assert refused.value.code == 1200


def test_the_legacy_account_trades_no_new_products(simulate: Simulate) -> None:
    trader = Trader(simulate(global_account=True), "U1234567")
    with pytest.raises(ApiException, match="global account does not support trading of FUND") as refused:
        trader.client.place_order(market_order_by_amount(trader.account, fund_contract(FUND), "BUY", 500.0))

    assert refused.value.code == 1100


def test_the_paper_account_trades_no_warrants(simulator: Simulator) -> None:
    paper = Trader(simulator, PAPER)
    with pytest.raises(ApiException, match="paper account does not support trading of WAR"):
        paper.place("BUY", 1000, contract=warrant(paper, "WAR", "PUT"))


def test_a_fund_is_bought_by_amount_at_the_next_net_asset_value(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price(FUND, 20)
    order = place(trader, market_order_by_amount(trader.account, fund_contract(FUND), "BUY", 1000.0))
    simulator.advance(DAY)
    filled = trader.order(order.id)
    held = trader.position(FUND, sec_type="FUND")

    assert (order._status, order.filled) == (OrderStatus.HELD, 0)
    assert (filled._status, filled.avg_fill_price, filled.filled_cash_amount) == (OrderStatus.FILLED, 20.0, 1000.0)
    assert (held.position_qty, held.market_value, held.contract.currency) == (50.0, 1000.0, "USD")
    assert [found.id for found in trader.client.get_orders(seg_type="FUND")] == [order.id]


def test_units_of_a_fund_are_sold_in_parts(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price(FUND, 20)
    place(trader, market_order_by_amount(trader.account, fund_contract(FUND), "BUY", 1000.0))
    simulator.advance(DAY)
    sold = trader.place("SELL", 125, contract=fund_contract(FUND), quantity_scale=1)
    simulator.advance(4 * DAY)

    assert trader.order(sold.id).filled_cash_amount == 250.0
    assert trader.position(FUND, sec_type="FUND").position_qty == 37.5


@pytest.mark.parametrize(
    ("quantity", "fields", "reason"),
    [
        (10, {}, "must be by amount"),
        (None, {"total_cash_amount": 50.0}, "amount is too small"),
        (None, {"total_cash_amount": 500.0, "order_type": "LMT", "limit_price": 20.0}, "LMT order is not supported"),
    ],
)
def test_a_fund_is_refused_with_its_reason(
    trader: Trader, quantity: int | None, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ApiException, match=reason):
        trader.place("BUY", quantity, contract=fund_contract(FUND), **fields)


def test_a_fund_order_can_be_called_off_before_it_is_priced(simulator: Simulator, trader: Trader) -> None:
    order = place(trader, market_order_by_amount(trader.account, fund_contract(FUND), "BUY", 1000.0))
    trader.client.cancel_order(id=order.id)
    simulator.advance(4 * DAY)

    assert trader.order(order.id)._status == OrderStatus.CANCELLED


def test_a_coin_is_bought_by_amount_and_in_parts(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("BTC/USD", 100_000)
    by_amount = place(trader, market_order_by_amount(trader.account, cc_contract("BTC/USD"), "BUY", 1000.0))
    in_parts = trader.place("BUY", 12_345, "LMT", contract=cc_contract("BTC/USD"), quantity_scale=6, limit_price=1e5)
    held = trader.position("BTC/USD", sec_type="CC")

    assert (by_amount._status, by_amount.time_in_force) == (OrderStatus.FILLED, "GTC")
    assert 999 < by_amount.filled_cash_amount <= 1000
    assert in_parts.quantity_scale == 6
    assert held.position_qty > 0.009


def test_a_coin_that_is_not_held_is_not_sold(trader: Trader) -> None:
    with pytest.raises(ApiException, match="insufficient position"):
        trader.place("SELL", 1, contract=cc_contract("ETH/USD"))
