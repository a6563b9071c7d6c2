"""What quotes are subscribed for: the contract that a client's text names."""

import re
from collections.abc import Sequence
from decimal import Decimal

from app.simulator.push.vocabulary import DataType
from app.simulator.trading.contracts import BULL_BEAR, COIN, FUTURE, OPTION, STOCK, WARRANT, Contract
from app.simulator.trading.prices import Prices

_PARTS = re.compile(r"(\S+) (\d{8}) (\d+(?:\.\d+)?) (CALL|PUT)")
"""``AAPL 20230120 150.0 CALL``, one of the two forms of Tiger's page on the push of options."""
_IDENTIFIER = re.compile(r"(\S+) *(\d{6})([CP])(\d{8})")
"""``SPY   220520C00385000``, the other one."""
_RIGHTS = {"C": "CALL", "P": "PUT"}
_ANY = (STOCK, WARRANT, BULL_BEAR, FUTURE, COIN)
_TYPES: dict[DataType, Sequence[str]] = {
    DataType.Quote: _ANY,
    DataType.Option: (),
    DataType.Future: (FUTURE,),
    DataType.Cc: (COIN,),
    DataType.QuoteDepth: (STOCK, FUTURE),
    DataType.TradeTick: (STOCK, FUTURE),
    DataType.Kline: (STOCK,),
}
"""What each subscription takes; an index is in none of them [Tiger's page on the push of quotes]."""
_WITH_OPTIONS = frozenset({DataType.Quote, DataType.Option, DataType.QuoteDepth})
EVENT_TYPES = {OPTION: DataType.Option, FUTURE: DataType.Future, COIN: DataType.Cc}
"""What the quotes of these types are called in events, whatever they were subscribed as; all others are Quote."""


def find_subject(prices: Prices, topic: DataType, text: str) -> Contract | None:
    """Return what a client's text names; None for what the topic does not take, or the market does not have."""
    if topic in _WITH_OPTIONS and (option := _find_option(prices, text)):
        return option
    return next((found for kind in _TYPES.get(topic, ()) if (found := prices.find(kind, text))), None)


def _find_option(prices: Prices, text: str) -> Contract | None:
    if match := _PARTS.fullmatch(text):
        symbol, expiry, strike, right = match.groups()
        return prices.find(OPTION, symbol, expiry, Decimal(strike), right)
    if match := _IDENTIFIER.fullmatch(text):
        symbol, day, letter, digits = match.groups()
        return prices.find(OPTION, symbol, f"20{day}", Decimal(digits) / 1000, _RIGHTS[letter])
    return None


def get_text(contract: Contract) -> str:
    """Return how events and listings call a contract."""
    if contract.sec_type != OPTION or contract.strike is None:
        return contract.symbol
    return f"{contract.symbol} {contract.expiry} {float(contract.strike)} {contract.right}"
