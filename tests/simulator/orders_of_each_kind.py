"""Orders of each kind that rest in the book, by the name of the kind."""

from collections.abc import Callable

from tigeropen.common.util.contract_utils import cc_contract, future_contract, stock_contract
from tigeropen.common.util.order_utils import (
    combo_order,
    limit_order,
    limit_order_with_legs,
    oca_order,
    order_leg,
)
from tigeropen.trade.domain.order import Order

from tests.simulator.instruments import find_expiry, get_leg, get_option
from tests.simulator.trader import FIRST, Trader

APPLE, MICROSOFT = stock_contract("AAPL", "USD"), stock_contract("MSFT", "USD")


def vertical(trader: Trader) -> Order:
    expiry = find_expiry(trader)
    legs = [get_leg(get_option(strike, "CALL", expiry), side) for strike, side in ((200, "BUY"), (220, "SELL"))]
    return combo_order(FIRST, legs, "VERTICAL", "BUY", 1, limit_price=0.01)


KINDS: dict[str, Callable[[Trader], Order]] = {
    "option": lambda trader: limit_order(FIRST, get_option(200, "CALL", find_expiry(trader)), "BUY", 1, 0.01),
    "future": lambda _: limit_order(FIRST, future_contract("ES2703", "USD"), "BUY", 1, 1000.0),
    "coin": lambda _: limit_order(FIRST, cc_contract("BTC/USD"), "BUY", 1, 1000.0),
    "bracket": lambda _: limit_order_with_legs(
        FIRST, MICROSOFT, "BUY", 10, 400.0, [order_leg("PROFIT", 550.0), order_leg("LOSS", 350.0)]
    ),
    "group": lambda _: oca_order(FIRST, APPLE, "SELL", [order_leg("LMT", 300.0), order_leg("STP", 100.0)], 100),
    "combination": vertical,
}
