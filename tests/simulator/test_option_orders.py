"""Options: bought and written, margined together, exercised and assigned, closed out before that."""

from decimal import Decimal

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.trade.domain.contract import Contract

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.instruments import find_expiry, get_option, renew
from tests.simulator.trader import Trader

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
WEEKS = 21 * 24 * 3600


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.set_price("AAPL", 200)
    return simulator


def near(trader: Trader, strike: float, right: str) -> Contract:
    return get_option(strike, right, find_expiry(trader, 0))


def test_an_option_order_is_told_with_what_names_the_contract(trader: Trader) -> None:
    contract = near(trader, 200, "CALL")
    order = trader.place("BUY", 2, "LMT", contract=contract, limit_price=0.01)
    told = order.contract

    assert (told.sec_type, told.symbol, told.expiry, told.strike, told.put_call, told.multiplier) == (
        "OPT",
        "AAPL",
        contract.expiry,
        "200",
        "CALL",
        100,
    )
    assert told.identifier == f"AAPL  {contract.expiry[2:]}C00200000"


def test_a_position_in_options_counts_its_multiplier(trader: Trader) -> None:
    order = trader.place("BUY", 3, contract=near(trader, 190, "CALL"))
    held = trader.position(sec_type="OPT")

    assert order.filled_cash_amount == pytest.approx(300 * order.avg_fill_price)
    assert held.market_value == pytest.approx(300 * held.market_price)
    assert held.unrealized_pnl == pytest.approx(held.market_value - 300 * held.average_cost, abs=0.01)


@pytest.mark.parametrize(("strike", "right"), [(201, "CALL"), (200, "C"), (5000, "CALL")])
def test_an_option_that_is_not_listed_is_no_contract(trader: Trader, strike: float, right: str) -> None:
    with pytest.raises(ApiException, match="合约不正确") as refused:
        trader.place("BUY", 1, contract=near(trader, strike, right))

    assert refused.value.code == 1200


@pytest.mark.parametrize("order_type", ["TRAIL", "TWAP", "AM"])
def test_a_type_that_options_do_not_have_is_refused(trader: Trader, order_type: str) -> None:
    with pytest.raises(ApiException, match=f"{order_type} order is not supported for OPT") as refused:
        trader.place("BUY", 1, order_type, contract=near(trader, 200, "CALL"), trailing_percent=5)

    assert refused.value.code == 1200


def test_an_option_has_no_part_and_no_amount(trader: Trader) -> None:
    contract = near(trader, 200, "CALL")
    for quantity, fields in ((5, {"quantity_scale": 1}), (None, {"total_cash_amount": 500.0})):
        with pytest.raises(ApiException, match="does not support"):
            trader.place("BUY", quantity, contract=contract, **fields)


def test_a_bought_call_is_exercised_at_its_strike(simulator: Simulator, trader: Trader) -> None:
    contract = near(trader, 190, "CALL")
    bought = trader.place("BUY", 1, contract=contract)
    before = trader.segment()
    simulator.advance(WEEKS)
    trader = renew(trader)
    after = trader.segment()

    assert trader.position(sec_type="OPT") is None
    assert trader.position().position_qty == 200
    assert before.cash_balance - after.cash_balance == pytest.approx(19_000)
    assert after.realized_pl - before.realized_pl == pytest.approx(-bought.filled_cash_amount - bought.commission)


def test_a_written_put_brings_the_shares(simulator: Simulator, trader: Trader) -> None:
    trader.place("SELL", 2, contract=near(trader, 210, "PUT"))
    before = trader.segment().cash_balance
    simulator.advance(WEEKS)
    trader = renew(trader)

    assert trader.position().position_qty == 300
    assert before - trader.segment().cash_balance == pytest.approx(2 * 21_000)


def test_a_covered_call_takes_the_shares_away(simulator: Simulator, trader: Trader) -> None:
    cost = trader.position().average_cost
    trader.place("SELL", 1, contract=near(trader, 190, "CALL"))
    realized = trader.segment().realized_pl
    simulator.advance(WEEKS)
    trader = renew(trader)
    told = {attribute for order in trader.client.get_orders() for attribute in order.attr_list}

    assert trader.position() is None
    assert told == {"ASSIGNMENT"}
    assert trader.segment().realized_pl - realized > 100 * (190 - cost)


def test_an_option_out_of_the_money_expires_worthless(simulator: Simulator, trader: Trader) -> None:
    bought = trader.place("BUY", 1, contract=near(trader, 210, "CALL"))
    cash = trader.segment().cash_balance
    simulator.advance(WEEKS)
    trader = renew(trader)
    expiry = trader.client.get_orders()[0]

    assert trader.position(sec_type="OPT") is None
    assert trader.position().position_qty == 100
    assert trader.segment().cash_balance == cash
    assert (expiry.attr_list, expiry.realized_pnl) == (
        ["EXPIRY"],
        pytest.approx(-bought.filled_cash_amount - bought.commission),
    )


def test_hong_kong_options_are_delivered_in_their_own_currency(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("00700", 600)
    contract = get_option(590, "CALL", find_expiry(trader, 0, "TCH.HK"), "TCH.HK")
    order = trader.place("BUY", 1, contract=contract)
    before = trader.segment().currency_assets["HKD"].cash_balance
    simulator.advance(50 * 24 * 3600)
    trader = renew(trader)

    assert order.filled_cash_amount == pytest.approx(100 * order.avg_fill_price)
    assert trader.position("00700").position_qty == 300
    assert before - trader.segment().currency_assets["HKD"].cash_balance == pytest.approx(59_000)


def test_exercise_is_told_by_transactions_that_add_up(simulator: Simulator, trader: Trader) -> None:
    trader.place("BUY", 1, contract=near(trader, 190, "CALL"))
    simulator.advance(WEEKS)
    trader = renew(trader)
    fills = trader.client.get_transactions(limit=100)

    assert [(fill.contract.sec_type, fill.action, fill.filled_price) for fill in fills[:2]] == [
        ("STK", "BUY", 190.0),
        ("OPT", "SELL", 0.0),
    ]


def test_an_order_for_an_option_ends_with_it(simulator: Simulator, trader: Trader) -> None:
    order = trader.place("BUY", 1, "LMT", contract=near(trader, 200, "CALL"), limit_price=0.01, time_in_force="GTC")
    simulator.advance(WEEKS)
    trader = renew(trader)

    assert trader.order(order.id)._status == OrderStatus.EXPIRED
    with pytest.raises(ApiException, match="合约不正确"):
        trader.place("BUY", 1, contract=order.contract)


def test_a_written_option_ties_down_a_fifth_of_what_it_delivers(trader: Trader) -> None:
    before = trader.segment()
    trader.place("SELL", 1, contract=near(trader, 220, "PUT"))
    after = trader.segment()

    assert after.init_margin - before.init_margin == pytest.approx(0.20 * 200 * 100)


def test_a_covered_call_ties_down_nothing(trader: Trader) -> None:
    before = trader.segment()
    trader.place("SELL", 1, contract=near(trader, 220, "CALL"))

    assert trader.segment().init_margin == pytest.approx(before.init_margin)


def test_options_that_cannot_be_paid_for_are_closed_two_hours_before_the_end(
    simulator: Simulator, trader: Trader
) -> None:
    contract = near(trader, 190, "CALL")
    bought = trader.place("BUY", 300, contract=contract)
    while trader.order(bought.id).filled < 300:
        simulator.advance(60)
    simulator.advance(seconds_to_the_close(simulator, str(contract.expiry)) - 3600)
    for _ in range(10):
        simulator.advance(60)
    trader = renew(trader)
    (order,) = [order for order in trader.client.get_orders() if order.liquidation]

    assert (order.action, order.filled, order.attr_list) == ("SELL", 300, ["LIQUIDATION"])
    assert trader.position(sec_type="OPT") is None
    assert trader.position().position_qty == 100


def seconds_to_the_close(simulator: Simulator, expiry: str) -> float:
    contract = simulator._assembly.engine.prices.find("OPT", "AAPL", expiry, Decimal(190), "CALL")
    assert contract is not None
    assert contract.expires_ms is not None
    return (contract.expires_ms - simulator.now_ms) / 1000


def test_the_state_of_options_outlives_a_restart(simulate: Simulate) -> None:
    first = simulate(frozen_at_ms=1_800_000_000_000)
    trader = Trader(first)
    bought = trader.place("BUY", 2, contract=near(trader, 190, "CALL"))
    first.stop()
    second = simulate(frozen_at_ms=1_800_000_000_000 + WEEKS * 1000)
    second.advance(0)
    trader = renew(Trader(second))

    assert trader.order(bought.id).contract.multiplier == 100
    assert trader.position(sec_type="OPT") is None
