"""Know under which names Tiger lists the options of Hong Kong stocks (wire method ``all_hk_option_symbols``)."""

from dataclasses import replace

from tigeropen.common.consts.service_types import ALL_HK_OPTION_SYMBOLS
from tigeropen.quote.request.model import MarketParams

from app.tiger.deadline import Deadline
from app.tiger.instrument import OPTION_TYPE, Instrument
from app.tiger.sessions import Session
from app.tiger.symbols import get_market
from app.tiger.wire import values
from app.tiger.wire.fields import fill


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


def _fetch_codes(session: Session, deadline: Deadline) -> dict[str, str]:
    params = fill(MarketParams(), market="HK")
    pairs = [
        (values.text(row.get("underlyingSymbol")), values.text(row.get("symbol")))
        for row in values.rows(session.read(ALL_HK_OPTION_SYMBOLS, params, deadline))
    ]
    return {stock: code for stock, code in pairs if stock and code}
