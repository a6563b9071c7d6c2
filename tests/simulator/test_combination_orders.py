"""Combinations of legs: one order, one price, every leg booked; margined as what they can lose."""

from typing import Any

import pytest
from tigeropen.common.consts import ComboType, OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import combo_order
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.instruments import find_expiry, get_leg, get_option, renew
from tests.simulator.trader import Trader

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
MARGIN = 0.2 * 200 * 100


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.set_price("AAPL", 200)
    return simulator


def option(trader: Trader, strike: float, right: str, expiry: int = 2) -> Contract:
    return get_option(strike, right, find_expiry(trader, expiry))


def draft(
    trader: Trader, combo: str, *legs: tuple[Contract, str], action: str = "BUY", quantity: int = 1, **fields: Any
) -> Order:
    made = [get_leg(contract, side, 100 if contract.sec_type == "STK" else 1) for contract, side in legs]
    kind = fields.pop("order_type", "MKT")
    return combo_order(trader.account, made, ComboType(combo), action, quantity, kind, **fields)


def place(trader: Trader, order: Order) -> Order:
    trader.client.place_order(order)
    return trader.order(order.id)


def vertical(trader: Trader, first: str = "BUY", second: str = "SELL", **fields: Any) -> Order:
    legs = ((option(trader, 200, "CALL"), first), (option(trader, 220, "CALL"), second))
    return draft(trader, "VERTICAL", *legs, **fields)


def test_a_vertical_is_one_order_with_two_legs(trader: Trader) -> None:
    order = place(trader, vertical(trader, quantity=2))
    held = {str(held.contract.strike): held for held in trader.client.get_positions(sec_type="OPT")}

    assert (order._status, order.contract.sec_type, order.combo_type) == (OrderStatus.FILLED, "MLEG", "VERTICAL")
    assert [(leg.strike, leg.action, leg.filled_quantity, leg.total_quantity) for leg in order.contract_legs] == [
        ("200", "BUY", 2.0, 2.0),
        ("220", "SELL", 2.0, 2.0),
    ]
    assert (held["200"].position_qty, held["220"].position_qty) == (2, -2)
    bought, sold = (leg.avg_filled_price for leg in order.contract_legs)
    assert order.avg_fill_price == pytest.approx(bought - sold)
    assert order.filled_cash_amount == pytest.approx(200 * order.avg_fill_price)


def test_cash_pays_for_the_whole_and_its_charges(trader: Trader) -> None:
    before = trader.segment().cash_balance
    order = place(trader, vertical(trader, quantity=2))

    assert before - trader.segment().cash_balance == pytest.approx(order.filled_cash_amount + order.commission)


def test_executions_are_told_leg_by_leg(trader: Trader) -> None:
    order = place(trader, vertical(trader))
    fills = trader.client.get_transactions(order_id=order.id)

    assert {(fill.contract.strike, fill.action, fill.contract.sec_type) for fill in fills} == {
        ("200", "BUY", "OPT"),
        ("220", "SELL", "OPT"),
    }
    sold = fills[0].contract if fills[0].action == "SELL" else fills[1].contract
    named = {"symbol": "AAPL", "strike": 220, "put_call": "CALL", "sec_type": "OPT", "expiry": sold.expiry}
    assert len(trader.client.get_transactions(**named)) == 1


def test_a_debit_spread_ties_down_what_it_costs(trader: Trader) -> None:
    before = trader.segment()
    order = place(trader, vertical(trader))
    after = trader.segment()
    spent = before.cash_available_for_trade - after.cash_available_for_trade

    assert after.init_margin - before.init_margin < MARGIN / 2
    assert spent == pytest.approx(order.filled_cash_amount + order.commission, rel=0.05)


def test_a_credit_spread_ties_down_what_it_can_lose(trader: Trader) -> None:
    before = trader.segment()
    order = place(trader, vertical(trader, "SELL", "BUY"))
    after = trader.segment()
    spent = before.cash_available_for_trade - after.cash_available_for_trade

    assert order.avg_fill_price < 0
    assert spent == pytest.approx(20 * 100 + order.filled_cash_amount + order.commission, rel=0.05)


def test_a_written_straddle_ties_down_one_side(trader: Trader) -> None:
    before = trader.segment()
    legs = ((option(trader, 200, "CALL"), "SELL"), (option(trader, 200, "PUT"), "SELL"))
    place(trader, draft(trader, "STRADDLE", *legs))
    covered = trader.segment().init_margin - before.init_margin

    # The call is covered by the hundred shares; the put is not.
    assert covered == pytest.approx(MARGIN)


def test_a_negative_limit_is_a_credit(simulator: Simulator, trader: Trader) -> None:
    fields = {"order_type": "LMT"}
    waiting = place(trader, vertical(trader, "SELL", "BUY", limit_price=-19.0, **fields))
    taken = place(trader, vertical(trader, "SELL", "BUY", limit_price=-0.5, **fields))

    assert (waiting._status, waiting.limit_price) == (OrderStatus.HELD, -19.0)
    assert (taken._status, taken.avg_fill_price <= -0.5) == (OrderStatus.FILLED, True)


def test_selling_a_combination_takes_it_back(trader: Trader) -> None:
    place(trader, vertical(trader))
    order = place(trader, vertical(trader, action="SELL"))

    assert order._status == OrderStatus.FILLED
    assert trader.client.get_positions(sec_type="OPT") == []
    assert order.realized_pnl < 0


def test_a_combination_is_changed_and_cancelled(trader: Trader) -> None:
    order = place(trader, vertical(trader, order_type="LMT", limit_price=0.5))
    trader.client.modify_order(order, limit_price=0.75, quantity=2)
    changed = trader.order(order.id)
    trader.client.cancel_order(id=order.id)

    assert (changed.limit_price, changed.quantity) == (0.75, 2)
    assert trader.order(order.id)._status == OrderStatus.CANCELLED


def test_a_covered_call_is_bought_as_one(trader: Trader) -> None:
    legs = ((stock_contract("AAPL", "USD"), "BUY"), (option(trader, 220, "CALL"), "SELL"))
    order = place(trader, draft(trader, "COVERED", *legs))

    assert order._status == OrderStatus.FILLED
    assert trader.position().position_qty == 200
    assert trader.position(sec_type="OPT").position_qty == -1
    assert order.avg_fill_price == pytest.approx(200, rel=0.1)


STRATEGIES = {
    "PROTECTIVE": lambda t: ((stock_contract("AAPL", "USD"), "BUY"), (option(t, 190, "PUT"), "BUY")),
    "STRANGLE": lambda t: ((option(t, 190, "PUT"), "BUY"), (option(t, 210, "CALL"), "BUY")),
    "CALENDAR": lambda t: ((option(t, 200, "CALL", 2), "SELL"), (option(t, 200, "CALL", 4), "BUY")),
    "DIAGONAL": lambda t: ((option(t, 210, "CALL", 2), "SELL"), (option(t, 200, "CALL", 4), "BUY")),
    "SYNTHETIC": lambda t: ((option(t, 200, "CALL"), "BUY"), (option(t, 200, "PUT"), "SELL")),
    "CUSTOM": lambda t: (
        (option(t, 190, "PUT"), "BUY"),
        (option(t, 200, "PUT"), "SELL"),
        (option(t, 210, "CALL"), "SELL"),
        (option(t, 220, "CALL"), "BUY"),
    ),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_is_filled(trader: Trader, strategy: str) -> None:
    order = place(trader, draft(trader, strategy, *STRATEGIES[strategy](trader)))

    assert order._status == OrderStatus.FILLED
    assert len(order.contract_legs) == len(STRATEGIES[strategy](trader))


@pytest.mark.parametrize("strategy", ["STRADDLE", "CALENDAR", "COVERED"])
def test_legs_that_are_not_what_they_are_called_are_refused(trader: Trader, strategy: str) -> None:
    legs = ((option(trader, 200, "CALL"), "BUY"), (option(trader, 220, "CALL"), "SELL"))
    with pytest.raises(ApiException, match=f"not a combination {strategy}") as refused:
        trader.client.place_order(draft(trader, strategy, *legs))

    assert refused.value.code == 1200


def test_a_leg_that_is_not_listed_is_no_contract(trader: Trader) -> None:
    legs = ((option(trader, 200, "CALL"), "BUY"), (option(trader, 221, "CALL"), "SELL"))
    with pytest.raises(ApiException, match="合约不正确"):
        trader.client.place_order(draft(trader, "VERTICAL", *legs))


def test_a_preview_tells_what_a_spread_adds(trader: Trader) -> None:
    preview = trader.client.preview_order(vertical(trader, "SELL", "BUY"))
    naked = trader.client.preview_order(trader.draft("SELL", 2, contract=option(trader, 200, "PUT")))

    assert preview["is_pass"]
    assert 0 < preview["init_margin"] - preview["init_margin_before"] < 20 * 100
    assert naked["init_margin"] - naked["init_margin_before"] > 2 * MARGIN * 0.9


def test_a_spread_that_ends_in_the_money_costs_its_width(simulator: Simulator, trader: Trader) -> None:
    place(trader, vertical(trader, "SELL", "BUY"))
    simulator.set_price("AAPL", 260)
    cash = trader.segment().cash_balance
    simulator.advance(40 * 24 * 3600)
    trader = renew(trader)

    assert cash - trader.segment().cash_balance == pytest.approx(20 * 100)
    assert trader.position().position_qty == 100


def test_a_combination_fills_in_parts(simulator: Simulator, trader: Trader) -> None:
    order = place(trader, vertical(trader, quantity=70))
    simulator.advance(5)

    assert 0 < order.filled < 70
    assert trader.order(order.id).filled == 70
