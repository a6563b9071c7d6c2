"""Fetch the latest prices of stocks (wire methods ``quote_real_time`` and ``quote_delay``)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_DELAY, QUOTE_REAL_TIME
from tigeropen.quote.request.model import MultipleQuoteParams

from app.errors import SymbolNotFound, TigerPermissionDenied
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.vocabulary import QUOTE_FIELDS
from app.tiger.wire import values
from app.tiger.wire.dates import get_symbols_by_market
from app.tiger.wire.fields import fill

DELAYED_MARKET: Final = "US"
"""The one whose quotes Tiger tells late without a permission [docs: quote_delay]."""


def fetch_quote(session: Session, symbol: str) -> dict[str, Any]:
    """Return the quote of one symbol: prices as numbers, ``timestamp`` of the latest trade in epoch milliseconds.

    Raises:
        SymbolNotFound: Tiger knows nothing about the symbol.
        InvalidSymbol: Tiger refuses it.
    """
    symbol = get_symbol(symbol)
    noted = _find_quotes(session, (symbol,))[symbol]
    if noted.error is not None:
        raise get_copy(noted.error)
    if noted.quote is None:
        raise SymbolNotFound(f"Tiger has no quote of {symbol}.")
    return {"symbol": symbol, **noted.quote}


def fetch_quotes(session: Session, symbols: Sequence[str], fields: Sequence[str] = ()) -> dict[str, Any]:
    """Return the quotes of up to 50 symbols: the six documented fields of each, and those asked for besides.

    What Tiger has no quote of, or refuses (code 1000, ``invalid symbols``), is listed in ``missing``.

    Raises:
        InvalidSymbol: Tiger refuses the only symbol.
    """
    wanted = list(dict.fromkeys(get_symbol(symbol) for symbol in symbols))
    known = _find_quotes(session, wanted)
    if len(wanted) == 1 and (error := known[wanted[0]].error) is not None:
        raise get_copy(error)
    found = {symbol: quote for symbol in wanted if (quote := known[symbol].quote) is not None}
    names = tuple(dict.fromkeys((*QUOTE_FIELDS, *fields, "delayed")))
    return {
        "symbols": wanted,
        "count": len(found),
        "quotes": {symbol: {name: quote[name] for name in names} for symbol, quote in found.items()},
        "missing": [symbol for symbol in wanted if symbol not in found],
    }


def _find_quotes(session: Session, symbols: Sequence[str]) -> dict[str, Noted]:
    """Return what is known of some symbols; where that may be and real time is refused, delayed quotes of US stocks."""
    deadline = session.read_deadline()
    known: dict[str, Noted] = {}
    for market, names in get_symbols_by_market(symbols).items():
        may_delay = session.link.may_delay and market == DELAYED_MARKET
        params = fill(MultipleQuoteParams(), symbols=names, include_hour_trading=False)
        try:
            known |= session.read(QUOTE_REAL_TIME, params, deadline, decode=get_quotes)
            refused = [name for name in names if isinstance(known[name].error, TigerPermissionDenied)]
        except TigerPermissionDenied:
            refused = names
            if not may_delay:
                raise
        if refused and may_delay:
            params = fill(MultipleQuoteParams(), symbols=refused)
            known |= session.read(QUOTE_DELAY, params, deadline, decode=get_delayed_quotes)
    return known


def get_delayed_quotes(data: Any) -> dict[str, dict[str, Any]]:
    """Return the quotes of an answer of ``quote_delay`` by symbol."""
    # It has neither bid nor ask, and its members have other names.
    rows = [{**row, "latestPrice": row.get("close"), "latestTime": row.get("time")} for row in values.rows(data)]
    return {symbol: {**_quote(row), "delayed": True} for row in rows if (symbol := values.text(row.get("symbol")))}


def get_quotes(data: Any) -> dict[str, dict[str, Any]]:
    """Return the quotes of an answer of ``quote_real_time`` by symbol."""
    return {symbol: _quote(row) for row in values.rows(data) if (symbol := values.text(row.get("symbol")))}


def _quote(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "latest_price": values.price(row.get("latestPrice")),
        "pre_close": values.price(row.get("preClose")),
        "open": values.price(row.get("open")),
        "high": values.price(row.get("high")),
        "low": values.price(row.get("low")),
        "close": values.price(row.get("close")),
        "adj_pre_close": values.price(row.get("adjPreClose")),
        "volume": values.figure(row.get("volume")),
        "bid_price": values.side(row.get("bidPrice"), row.get("bidSize")),
        "bid_size": values.figure(row.get("bidSize")),
        "ask_price": values.side(row.get("askPrice"), row.get("askSize")),
        "ask_size": values.figure(row.get("askSize")),
        "status": values.text(row.get("status")),
        "timestamp": values.milliseconds(row.get("latestTime")),
        "delayed": False,
    }
