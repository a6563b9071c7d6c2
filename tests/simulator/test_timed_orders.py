"""Orders that take their time: algorithms, icebergs, auctions, trading sessions, dates."""

from typing import Any

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import (
    cc_contract,
    stock_contract,
)
from tigeropen.common.util.order_utils import (
    algo_order,
    algo_order_params,
    auction_limit_order,
    auction_market_order,
    iceberg_order,
)
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import Trader

NOW = 1_800_000_000_000
DAY = 24 * 3600
AAPL = stock_contract("AAPL", "USD")
TENCENT = stock_contract("00700", "HKD")


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    return simulate(frozen_at_ms=NOW)


def place(trader: Trader, order: Order) -> Order:
    trader.client.place_order(order)
    return trader.order(order.id)


def test_a_weighted_order_fills_over_its_time(simulator: Simulator, trader: Trader) -> None:
    params = algo_order_params(start_time=NOW, end_time=NOW + 600_000)
    order = place(trader, algo_order(trader.account, AAPL, "BUY", 100, "TWAP", params))
    filled = []
    for _ in range(4):
        simulator.advance(150)
        filled.append(trader.order(order.id).filled)
    told = trader.order(order.id)

    assert filled == [25, 50, 75, 100]
    assert told._status == OrderStatus.FILLED
    assert (told.algo_params.start_time, told.algo_params.end_time) == (NOW, NOW + 600_000)


@pytest.mark.parametrize(("goes_on", "status"), [(None, OrderStatus.CANCELLED), (True, OrderStatus.FILLED)])
def test_a_weighted_order_ends_with_its_time(
    simulator: Simulator, trader: Trader, goes_on: bool | None, status: OrderStatus
) -> None:
    simulator.set_price("AAPL", 200)
    params = algo_order_params(
        start_time=NOW, end_time=NOW + 60_000, participation_rate=0.1, allow_past_end_time=goes_on
    )
    order = place(trader, algo_order(trader.account, AAPL, "BUY", 10, "VWAP", params, limit_price=150.0))
    simulator.advance(61)
    simulator.set_price("AAPL", 149)

    assert trader.order(order.id)._status == status


@pytest.mark.parametrize("rate", [0.001, 0.6])
def test_a_participation_rate_has_bounds(trader: Trader, rate: float) -> None:
    params = algo_order_params(participation_rate=rate)
    with pytest.raises(ApiException, match="participation_rate") as refused:
        trader.client.place_order(algo_order(trader.account, AAPL, "BUY", 10, "VWAP", params))

    assert refused.value.code == 1010


def test_an_iceberg_shows_a_part_at_a_time(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = place(
        trader,
        iceberg_order(trader.account, AAPL, "BUY", 30, 210.0, display_size=10, check_intervals=60),
    )
    simulator.advance(30)
    waiting = trader.order(order.id).filled
    simulator.advance(31)
    second = trader.order(order.id).filled
    simulator.advance(61)
    told = trader.order(order.id)

    assert (order.filled, waiting, second, told.filled) == (10, 10, 20, 30)
    assert (told.display_size, told.check_intervals, told.price_type) == (10, 60, "LIMIT_PRICE")


def test_an_iceberg_is_changed(trader: Trader) -> None:
    order = place(trader, iceberg_order(trader.account, AAPL, "BUY", 300, 10.0, display_size=100))
    trader.client.modify_order(order, display_size=50, limit_price=11.0)

    assert (trader.order(order.id).display_size, trader.order(order.id).limit_price) == (50, 11.0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"display_size": 300}, "display size must be smaller"),
        ({"display_size": 10, "min_display_size": 20}, "min_display_size"),
        ({"display_size": 10, "price_type": "MID"}, "price_type"),
        ({"display_size": 10, "start_time": NOW, "end_time": NOW}, "end_time"),
    ],
)
def test_an_iceberg_is_refused_with_its_reason(trader: Trader, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiException, match=reason):
        trader.client.place_order(iceberg_order(trader.account, AAPL, "BUY", 300, 10.0, **fields))


def test_an_auction_order_waits_for_the_next_auction(simulate: Simulate) -> None:
    simulator = simulate(frozen_at_ms=NOW - 10 * 3_600_000)
    trader = Trader(simulator)
    simulator.set_price("00700", 600)
    market = place(trader, auction_market_order(trader.account, TENCENT, "BUY", 100))
    met = place(trader, auction_limit_order(trader.account, TENCENT, "BUY", 100, 610.0))
    missed = place(trader, auction_limit_order(trader.account, TENCENT, "BUY", 100, 590.0))
    simulator.advance(DAY)
    ended = [trader.order(order.id) for order in (market, met, missed)]

    assert [order.filled for order in (market, met, missed)] == [0, 0, 0]
    assert [order.filled for order in ended] == [100, 100, 0]
    assert [order.avg_fill_price for order in ended[:2]] == [600.0, 600.0]
    assert ended[2]._status == OrderStatus.EXPIRED


def test_a_limit_order_left_over_from_the_opening_trades_on(simulate: Simulate) -> None:
    simulator = simulate(frozen_at_ms=NOW - 10 * 3_600_000)
    trader = Trader(simulator)
    simulator.set_price("00700", 600)
    order = place(trader, auction_limit_order(trader.account, TENCENT, "BUY", 100, 590.0, time_in_force="OPG"))
    closing = place(trader, auction_limit_order(trader.account, TENCENT, "BUY", 100, 650.0))
    simulator.advance(4 * 3600)
    waiting = [trader.order(each.id).filled for each in (order, closing)]
    simulator.set_price("00700", 580)
    simulator.advance(120)

    assert waiting == [0, 0]
    assert [trader.order(each.id).filled for each in (order, closing)] == [100, 0]


@pytest.mark.parametrize(
    ("contract", "order_type"), [(AAPL, "AM"), (AAPL, "AL"), (TENCENT, "TWAP"), (cc_contract("BTC/USD"), "STP")]
)
def test_a_market_that_does_not_have_an_order_type_refuses_it(
    trader: Trader, contract: Contract, order_type: str
) -> None:
    with pytest.raises(ApiException, match=f"{order_type} order is not supported") as refused:
        trader.place("BUY", 100, order_type, contract=contract, limit_price=10.0, aux_price=10.0)

    assert refused.value.code == 1200


@pytest.mark.parametrize(("contract", "session"), [(AAPL, "HK_CTS"), (TENCENT, "OVERNIGHT"), (TENCENT, "RTH")])
def test_a_session_of_another_market_is_refused(trader: Trader, contract: Contract, session: str) -> None:
    with pytest.raises(ApiException, match=f"trading session {session} is not supported"):
        trader.place("BUY", 100, "LMT", contract=contract, limit_price=10.0, trading_session_type=session)


def test_an_order_for_the_night_is_filled_by_night(simulate: Simulate) -> None:
    monday_three_in_new_york = 1_769_414_400_000
    simulator = simulate(real_hours=True, frozen_at_ms=monday_three_in_new_york)
    trader = Trader(simulator)
    filled = {
        session: trader.place("BUY", 1, "LMT", limit_price=900.0, trading_session_type=session).filled
        for session in ("RTH", "PRE_RTH_POST", "OVERNIGHT", "FULL")
    }
    simulator.advance(2 * 3600)
    before_the_opening = {order.trading_session_type: order.filled for order in trader.client.get_orders()}

    assert filled == {"RTH": 0, "PRE_RTH_POST": 0, "OVERNIGHT": 1, "FULL": 1}
    assert before_the_opening == filled | {"PRE_RTH_POST": 1}


def test_an_order_till_a_date_ends_then(simulator: Simulator, trader: Trader) -> None:
    order = trader.place("BUY", 1, "LMT", limit_price=1.0, time_in_force="GTD", expire_time=NOW + 3 * DAY * 1000)
    simulator.advance(2 * DAY)
    waiting = trader.order(order.id)
    simulator.advance(DAY + 1)

    assert (waiting._status, waiting.expire_time) == (OrderStatus.HELD, NOW + 3 * DAY * 1000)
    assert trader.order(order.id)._status == OrderStatus.EXPIRED
