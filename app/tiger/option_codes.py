"""Know under which names Tiger lists the options of Hong Kong stocks (wire method ``all_hk_option_symbols``)."""

from dataclasses import replace
from typing import Any, Final

from tigeropen.common.consts.service_types import ALL_HK_OPTION_SYMBOLS
from tigeropen.quote.request.model import MarketParams

from app.errors import GatewayError
from app.tiger.deadline import Deadline
from app.tiger.instrument import OPTION_TYPE, Instrument
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market
from app.tiger.wire import values
from app.tiger.wire.fields import fill

CLASSES: Final = Kind("option_classes", lambda seconds: seconds.names_seconds / 2, is_shared=True)
"""Half as old as they may be at most, as the names of the search are."""


def fetch_listed(session: Session, instrument: Instrument, deadline: Deadline) -> Instrument:
    """Return an instrument as Tiger lists it: options of Hong Kong stocks have another underlying (TCH.HK)."""
    if instrument.sec_type != OPTION_TYPE:
        return instrument
    underlying = fetch_underlying(session, instrument.symbol, deadline)
    return instrument if underlying == instrument.symbol else replace(instrument, symbol=underlying)


def fetch_underlying(session: Session, symbol: str, deadline: Deadline) -> str:
    """Return the name under which Tiger lists a stock's options; only Hong Kong has other ones."""
    if not symbol.isdigit() or get_market(symbol) != "HK":
        return symbol
    codes = session.refreshing("hk option codes", _fetch_codes, deadline)
    return str(codes.get(symbol, symbol))


def fetch_filter(session: Session, wanted: InstrumentFilter, deadline: Deadline) -> InstrumentFilter:
    """Return a filter with both names of an underlying: in which of them Tiger's lists have it no source says.

    Raises:
        GatewayError: The names cannot be had, and it is named by its stock.
    """
    if wanted.sec_type != OPTION_TYPE or wanted.symbol is None or get_market(wanted.symbol) != "HK":
        return wanted
    try:
        codes = session.refreshing("hk option codes", _fetch_codes, deadline)
    except GatewayError:
        # Options have been seen under the name of their class alone.
        if wanted.symbol.isdigit():
            raise
        return wanted
    names = {name for pair in codes.items() if wanted.symbol in pair for name in pair} - {wanted.symbol}
    return replace(wanted, other_symbol=min(names, default=None))


def fetch_classes(session: Session, deadline: Deadline) -> dict[str, str | None]:
    """Return the classes of options of Hong Kong, in order, each with its stock."""
    params = fill(MarketParams(), market="HK")
    classes: dict[str, str | None] = session.read(
        ALL_HK_OPTION_SYMBOLS, params, deadline, decode=get_classes, kind=CLASSES
    )
    return classes


def get_classes(data: Any) -> dict[str, str | None]:
    """Return the classes of options in an answer, in order, each with its stock."""
    told = {values.text(row.get("symbol")): values.text(row.get("underlyingSymbol")) for row in values.rows(data)}
    return {name: told[name] for name in sorted(filter(None, told))}


def _fetch_codes(session: Session, deadline: Deadline) -> dict[str, str]:
    return {stock: code for code, stock in fetch_classes(session, deadline).items() if stock}
