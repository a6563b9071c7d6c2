"""What a list of orders, fills or positions is narrowed to: one instrument, or all that share what a client says."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.tiger.identification import FUTURE_CODE, get_instrument
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument, refuse
from app.tiger.symbols import OPTION, get_symbol, get_symbol_of

OF_CODES: Final = frozenset({STOCK, FUTURE, "FUND", COIN})
"""Types of which a code says all: no expiration, no strike, no side."""

RENAMED: Final = frozenset({FUTURE, COIN})
"""Types that Tiger writes in more than one way: ES2603 and ES, BTC.USD and BTC/USD."""


@dataclass(frozen=True, slots=True)
class InstrumentFilter:
    """What a list is narrowed to; None is any. ``symbol`` is an option's underlying, a future's or a fund's code.

    ``other_symbol`` is another name of that underlying: options of Hong Kong stocks have two.
    """

    symbol: str | None = None
    sec_type: str | None = None
    expiry: date | None = None
    strike: Decimal | None = None
    put_call: str | None = None
    other_symbol: str | None = None

    @property
    def tiger_symbol(self) -> str | None:
        """Return what Tiger can be asked for; where a row may have another name, such as a coin's, all are read."""
        return None if self.sec_type in RENAMED or self.other_symbol else self.symbol


ANY: Final = InstrumentFilter()


def get_only(instrument: Instrument) -> InstrumentFilter:
    """Return what narrows a list to one instrument."""
    one = instrument
    return InstrumentFilter(one.symbol, one.sec_type, one.expiry, one.strike, one.put_call)


def get_filter(
    symbol: str | None = None,
    sec_type: str | None = None,
    identifier: str | None = None,
    expiry: date | None = None,
    strike: Decimal | None = None,
    put_call: str | None = None,
) -> InstrumentFilter:
    """Return what a list is narrowed to by a client's words, which need not identify one instrument.

    A type that is left out is told by the name where that is an identifier or a future's code, and is OPT where an
    option is described.

    Raises:
        UnclearInstrument: They mean two things, or no instrument is all of it.
    """
    parts = {"expiry": expiry, "strike": strike, "put_call": put_call}
    described = [name for name, part in parts.items() if part is not None]
    if identifier or (symbol and _says_all(get_symbol(symbol), sec_type)):
        one = get_instrument(symbol, sec_type, identifier, expiry, strike, put_call)
        return InstrumentFilter(one.symbol, one.sec_type, one.expiry, one.strike, one.put_call)
    if described and sec_type in OF_CODES:
        refuse(described[0], f"Leave it out: it belongs to options and warrants, not to {sec_type}.")
    kind = sec_type or (OPTION_TYPE if described else None)
    return InstrumentFilter(get_symbol_of(kind or STOCK, symbol) if symbol else None, kind, expiry, strike, put_call)


def _says_all(symbol: str, sec_type: str | None) -> bool:
    return OPTION.fullmatch(symbol) is not None or (sec_type is None and FUTURE_CODE.fullmatch(symbol) is not None)
