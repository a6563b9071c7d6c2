"""Fetch the order book of an instrument (wire methods ``quote_depth``, ``option_depth`` and ``future_depth``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts.service_types import FUTURE_DEPTH, OPTION_DEPTH, QUOTE_DEPTH
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import DepthQuoteParams, FutureQuoteParams

from app.errors import SymbolNotFound
from app.tiger.answered_types import choose_by_type
from app.tiger.instrument import FUTURE, OPTION_TYPE, STOCK, Instrument, get_members
from app.tiger.option_codes import fetch_listed
from app.tiger.pipeline.call import Kind
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.sessions import Session
from app.tiger.wire import values
from app.tiger.wire.fields import Decode, fill, get_decoder
from app.tiger.wire.options import get_basics, get_option_identifier

DEPTH: Final = Kind("depth", lambda seconds: seconds.quote_seconds)


@dataclass(frozen=True, slots=True)
class BookSource:
    """Where order books of a type come from, and how Tiger writes them: whose one is, its sides, a level."""

    method: str
    ask: Callable[[Instrument], BaseParams]
    get_identifier: Callable[[Mapping[str, Any]], str | None]
    sides: Mapping[str, str]
    decode: Decode


_LEVEL: Final = ((values.number, "price"), (values.figure, "size=volume"), (values.whole, "orders=count"))
_QUOTE: Final = ((values.text, "exchange=code"), (values.milliseconds, "time=timestamp"))
_SINGULAR: Final = {"asks": "ask", "bids": "bid"}
SOURCES: Final[Mapping[str, BookSource]] = {
    STOCK: BookSource(
        QUOTE_DEPTH,
        lambda stock: fill(DepthQuoteParams(), symbols=[stock.symbol], market=stock.market),
        lambda row: values.text(row.get("symbol")),
        {"asks": "asks", "bids": "bids"},
        get_decoder(*_LEVEL),
    ),
    OPTION_TYPE: BookSource(
        OPTION_DEPTH,
        lambda option: get_basics([option]),
        get_option_identifier,
        _SINGULAR,
        get_decoder(*_LEVEL, *_QUOTE),
    ),
    FUTURE: BookSource(
        FUTURE_DEPTH,
        lambda future: fill(FutureQuoteParams(), contract_codes=[future.symbol]),
        lambda row: values.text(row.get("contractCode")),
        _SINGULAR,
        get_decoder(*_LEVEL),
    ),
}


def fetch_depth(session: Session, instrument: Instrument, levels: int | None = None) -> dict[str, Any]:
    """Return both sides of an order book, the best price first; with ``levels``, so many of each at most.

    Raises:
        InvalidRequest: Tiger has no order books of that type.
        SymbolNotFound: Tiger has no order book of the instrument.
    """
    source, deadline = choose_by_type(SOURCES, instrument, "order books"), session.read_deadline()
    listed = fetch_listed(session, instrument, deadline)
    # The levels are no part of the question to Tiger, so that those who want more and fewer share one call.
    books = session.read(
        source.method,
        source.ask(listed),
        deadline,
        decode=lambda data: get_books(data, source),
        kind=DEPTH,
    )
    book = books.get(listed.identifier)
    if isinstance(book, Noted):
        # Those of stocks that several ask for at the same time come in one call.
        if book.error is not None:
            raise get_copy(book.error)
        book = book.quote
    if book is None:
        raise SymbolNotFound(f"Tiger has no order book of {instrument.identifier}.")
    return {**get_members(instrument), **{side: rows[:levels] for side, rows in book.items()}}


def get_books(data: Any, source: BookSource) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the order books of an answer by identifier."""
    books = {source.get_identifier(row): row for row in values.rows(data)}
    return {
        identifier: {side: _get_levels(row.get(sent), source.decode) for side, sent in source.sides.items()}
        for identifier, row in books.items()
        if identifier
    }


def _get_levels(rows: Any, decode: Decode) -> list[dict[str, Any]]:
    """Return the levels of a side; one of neither price nor size is how Tiger writes that there is none."""
    return [level for level in map(decode, values.rows(rows)) if level["price"] or level["size"]]
