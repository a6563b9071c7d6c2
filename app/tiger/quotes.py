"""Fetch the latest prices of stocks (wire method ``quote_real_time``)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_REAL_TIME
from tigeropen.quote.request.model import MultipleQuoteParams

from app.errors import InvalidSymbol, SymbolNotFound
from app.tiger import values
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.vocabulary import QUOTE_FIELDS

MAXIMUM_CALLS: Final = 16
"""Calls that one batch may cost while it looks for the symbols that Tiger refuses."""


def fetch_quote(session: Session, symbol: str) -> dict[str, Any]:
    """Return the quote of one symbol: prices as numbers, ``timestamp`` of the latest trade in epoch milliseconds.

    Raises:
        SymbolNotFound: Tiger knows nothing about the symbol.
    """
    symbol = get_symbol(symbol)
    quote = _fetch_quotes(session, [symbol], session.read_deadline()).get(symbol)
    if quote is None:
        raise SymbolNotFound(f"Tiger has no quote of {symbol}.")
    return {"symbol": symbol, **quote}


def fetch_quotes(session: Session, symbols: Sequence[str], fields: Sequence[str] = ()) -> dict[str, Any]:
    """Return the quotes of up to 50 symbols: the six documented fields of each, and those asked for besides.

    What Tiger has no quote of is listed in ``missing``. Tiger may refuse a whole batch for one symbol (code 1000,
    ``invalid symbols``): such a batch is halved until the refused symbols are found.
    """
    wanted = list(dict.fromkeys(get_symbol(symbol) for symbol in symbols))
    found = _fetch_known(session, wanted)
    names = dict.fromkeys((*QUOTE_FIELDS, *fields))
    return {
        "symbols": wanted,
        "count": len(found),
        "quotes": {symbol: {name: found[symbol][name] for name in names} for symbol in wanted if symbol in found},
        "missing": [symbol for symbol in wanted if symbol not in found],
    }


def _fetch_known(session: Session, symbols: list[str]) -> dict[str, dict[str, Any]]:
    deadline = session.read_deadline()
    found: dict[str, dict[str, Any]] = {}
    batches, calls = [symbols], 0
    while batches:
        batch = batches.pop()
        calls += 1
        try:
            found |= _fetch_quotes(session, batch, deadline)
        except InvalidSymbol:
            if len(symbols) == 1 or calls + len(batches) >= MAXIMUM_CALLS:
                raise
            middle = len(batch) // 2
            batches += [half for half in (batch[:middle], batch[middle:]) if half and len(batch) > 1]
    return found


def _fetch_quotes(session: Session, symbols: list[str], deadline: Deadline) -> dict[str, dict[str, Any]]:
    params = MultipleQuoteParams()
    params.symbols = symbols
    params.include_hour_trading = False
    data = session.call(QUOTE_REAL_TIME, params, deadline=deadline)
    quotes = {values.text(row.get("symbol")): _quote(row) for row in values.rows(data)}
    return {symbol: quotes[symbol] for symbol in symbols if symbol in quotes}


def _quote(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "latest_price": values.number(row.get("latestPrice")),
        "pre_close": values.number(row.get("preClose")),
        "open": values.number(row.get("open")),
        "high": values.number(row.get("high")),
        "low": values.number(row.get("low")),
        "close": values.number(row.get("close")),
        "adj_pre_close": values.number(row.get("adjPreClose")),
        "volume": values.json_number(values.decimal(row.get("volume"))),
        "bid_price": values.number(row.get("bidPrice")),
        "bid_size": values.json_number(values.decimal(row.get("bidSize"))),
        "ask_price": values.number(row.get("askPrice")),
        "ask_size": values.json_number(values.decimal(row.get("askSize"))),
        "status": values.text(row.get("status")),
        "timestamp": values.milliseconds(row.get("latestTime")),
    }
