"""Fetch what stocks are valued at: ratios of price and accounts (wire method ``stock_fundamental``)."""

from collections.abc import Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import STOCK_FUNDAMENTAL
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.wire import values
from app.tiger.wire.dates import get_symbols_by_market
from app.tiger.wire.fields import fill, get_decoder

FUNDAMENTALS: Final = Kind("fundamentals", lambda seconds: seconds.fundamentals_seconds, is_shared=True)

_decode: Final = get_decoder(
    (values.number, "market_cap float_market_cap"),
    (values.number, "pe_ratio=ttmPeRate last_year_pe_ratio=lyrPeRate pb_ratio=pbRate ps_ratio=psRate"),
    (values.number, "eps=ttmEps last_year_eps=lyrEps dividend_yield=divideRate roe roa"),
    (values.number, "week52_high=week52High week52_low=week52Low volume_ratio turnover_rate"),
)


def fetch_fundamentals(session: Session, symbols: Sequence[str]) -> dict[str, Any]:
    """Return the figures of some stocks in the order asked for, and as ``missing`` those that Tiger has none of.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()
    found: dict[str, dict[str, Any]] = {}
    for market, names in get_symbols_by_market(symbols).items():
        params = fill(MultipleQuoteParams(), symbols=names, market=market)
        figures = session.read(STOCK_FUNDAMENTAL, params, deadline, decode=get_figures, kind=FUNDAMENTALS)
        found |= {name: {"symbol": name, "market": market, **figures[name]} for name in names if name in figures}
    wanted = [get_symbol(symbol) for symbol in symbols]
    return {
        "fundamentals": [found[symbol] for symbol in wanted if symbol in found],
        "missing": [symbol for symbol in wanted if symbol not in found],
    }


def get_figures(data: Any) -> dict[str, dict[str, Any]]:
    """Return the figures of an answer by symbol, which each row names, or each list of rows [SDK: both are read]."""
    found: dict[str, dict[str, Any]] = {}
    for outer in values.rows(data):
        for row in values.rows(outer["items"]) if "items" in outer else [outer]:
            symbol = values.text(row.get("symbol", outer.get("symbol")))
            if symbol is not None:
                found[get_symbol(symbol)] = _decode(row)
    return found
