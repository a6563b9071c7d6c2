"""Stocks for tests that need one to themselves on the simulator that many share."""

import itertools
from collections.abc import Iterator

from app.simulator.running import Simulator
from tests.support.client import FIRST

# None costs less than 2 or more than 900, so that the orders of these tests rest.
_symbols: Iterator[str] = itertools.cycle(
    """QCOM RIVN T TSM UBER UNH V VZ WMT XOM DIA GLD IWM QQQ SPY TLT VOO PYPL PLTR PG PFE PEP ABBV ABNB ADBE AMD
    AMZN AVGO BA BABA BAC BIDU C CAT COIN CRM CSCO CVX DIS F GE GM GOOG GOOGL GS HD IBM INTC JNJ JPM KO LLY MA
    MCD META MRK MU NIO""".split()  # noqa: SIM905 - a list would be a line for each.
)


def find_free_symbol(simulator: Simulator) -> str:
    """Return a stock of which the first account has no open order, whichever tests ran before; fail where all have."""
    over = {"Filled", "Cancelled", "Invalid", "Inactive"}
    taken = {order["symbol"] for order in simulator.orders(FIRST) if order["status"] not in over}
    return next(symbol for symbol in itertools.islice(_symbols, 58) if symbol not in taken)
