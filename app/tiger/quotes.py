"""Fetch the latest prices of stocks (wire method ``quote_real_time``)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from tigeropen.common.consts.service_types import QUOTE_REAL_TIME
from tigeropen.quote.request.model import MultipleQuoteParams

from app.errors import SymbolNotFound
from app.tiger import values
from app.tiger.deadline import Deadline
from app.tiger.flow.copies import get_copy
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.vocabulary import QUOTE_FIELDS


def fetch_quote(session: Session, symbol: str) -> dict[str, Any]:
    """Return the quote of one symbol: prices as numbers, ``timestamp`` of the latest trade in epoch milliseconds.

    Raises:
        SymbolNotFound: Tiger knows nothing about the symbol.
        InvalidSymbol: Tiger refuses it.
    """
    symbol = get_symbol(symbol)
    noted = session.quotes((symbol,), partial(_fetch_quotes, session))[symbol]
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
    known = session.quotes(wanted, partial(_fetch_quotes, session))
    if len(wanted) == 1 and (error := known[wanted[0]].error) is not None:
        raise get_copy(error)
    found = {symbol: quote for symbol in wanted if (quote := known[symbol].quote) is not None}
    names = tuple(dict.fromkeys((*QUOTE_FIELDS, *fields)))
    return {
        "symbols": wanted,
        "count": len(found),
        "quotes": {symbol: {name: quote[name] for name in names} for symbol, quote in found.items()},
        "missing": [symbol for symbol in wanted if symbol not in found],
    }


def _fetch_quotes(session: Session, symbols: list[str], deadline: Deadline) -> dict[str, dict[str, Any]]:
    params = MultipleQuoteParams()
    params.symbols = symbols
    params.include_hour_trading = False
    data = session.call(QUOTE_REAL_TIME, params, deadline=deadline)
    quotes = {values.text(row.get("symbol")): _quote(row) for row in values.rows(data)}
    return {symbol: quotes[symbol] for symbol in symbols if symbol in quotes}


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
    }
