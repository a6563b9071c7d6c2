"""Stocks for tests that need one to themselves on the simulator that many share."""

import itertools
from collections.abc import Iterator

from app.simulator.running import Simulator
from tests.support.client import FIRST

_symbols: Iterator[str] = itertools.cycle(
    [
        "QCOM",
        "RIVN",
        "T",
        "TLRY",
        "TSM",
        "UBER",
        "UNH",
        "V",
        "VZ",
        "WMT",
        "XOM",
        "DIA",
        "GLD",
        "IWM",
        "QQQ",
        "SPY",
        "TLT",
        "VOO",
        "PYPL",
        "PLTR",
        "PG",
        "PFE",
        "PEP",
        "ABBV",
        "ABNB",
        "ADBE",
        "AMD",
        "AMZN",
        "AVGO",
        "BA",
        "BABA",
        "BAC",
        "BIDU",
        "C",
        "CAT",
        "COIN",
        "COST",
        "CRM",
        "CSCO",
        "CVX",
        "DIS",
        "F",
        "GE",
        "GM",
        "GOOG",
        "GOOGL",
        "GS",
        "HD",
        "IBM",
        "INTC",
        "JNJ",
        "JPM",
        "KO",
        "LLY",
        "MA",
        "MCD",
        "META",
        "MRK",
        "MU",
        "NFLX",
        "NIO",
    ]
)


def find_free_symbol(simulator: Simulator) -> str:
    """Return a stock of which the first account has no open order, whichever tests ran before; fail where all have."""
    over = {"Filled", "Cancelled", "Invalid", "Inactive"}
    taken = {order["symbol"] for order in simulator.orders(FIRST) if order["status"] not in over}
    return next(symbol for symbol in itertools.islice(_symbols, 61) if symbol not in taken)
