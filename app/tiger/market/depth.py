"""Fetch the order book of a stock (wire method ``quote_depth``)."""

from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_DEPTH
from tigeropen.quote.request.model import DepthQuoteParams

from app.errors import SymbolNotFound
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol
from app.tiger.wire.fields import fill, get_decoder

DEPTH: Final = Kind("depth", lambda seconds: seconds.quote_seconds)
SIDES: Final = ("asks", "bids")
_decode: Final = get_decoder((values.number, "price"), (values.figure, "size=volume"), (values.whole, "orders=count"))


def fetch_depth(session: Session, symbol: str, levels: int | None = None) -> dict[str, Any]:
    """Return both sides of the order book of a stock, the best price first; with ``levels``, so many of each at most.

    Raises:
        SymbolNotFound: Tiger has no order book of the symbol.
    """
    symbol = get_symbol(symbol)
    market = get_market(symbol)
    params = fill(DepthQuoteParams(), symbols=[symbol], market=market)
    # The levels are no part of the question to Tiger, so that those who want more and fewer share one call.
    books = session.read(QUOTE_DEPTH, params, session.read_deadline(), decode=get_books, kind=DEPTH)
    if symbol not in books:
        raise SymbolNotFound(f"Tiger has no order book of {symbol}.")
    return {"symbol": symbol, "market": market, **{side: books[symbol][side][:levels] for side in SIDES}}


def get_books(data: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the order books of an answer by symbol."""
    books = get_by_symbol(data)
    return {symbol: {side: _get_levels(row.get(side)) for side in SIDES} for symbol, row in books.items()}


def _get_levels(rows: Any) -> list[dict[str, Any]]:
    """Return the levels of a side; one of neither price nor size is how Tiger writes that there is none."""
    return [level for level in map(_decode, values.rows(rows)) if level["price"] or level["size"]]
