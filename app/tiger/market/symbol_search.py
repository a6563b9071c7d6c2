"""Search symbols by name: Tiger has no such call, so the list of a market's names is kept and searched here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import ALL_SYMBOL_NAMES
from tigeropen.quote.request.model import SymbolsParams

from app.tiger.deadline import Deadline
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.wire import values
from app.tiger.wire.fields import fill

NAMES: Final = Kind("names", lambda seconds: seconds.names_seconds / 2, is_shared=True)
"""Half as old as they may be at most, so that who keeps them for as long again stays within that."""
EXACT_SYMBOL, SYMBOL_PREFIX, NAME_PREFIX, NAME_WORDS, NAME_PART = range(5)
NO_MATCH: Final = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold one symbol of a market with what is searched of it."""

    symbol: str
    name: str | None
    folded: str
    words: tuple[str, ...]


def fetch_search(session: Session, keyword: str, market: str, limit: int = 20) -> dict[str, Any]:
    """Return what a keyword finds in one market (US, HK, CN), best first.

    The exact symbol comes first, then symbols that begin so, then names: those that begin so, then those with words
    that begin as the keyword's words do. The list of names is some hours old at most.
    """
    listings = session.refreshing(("names", market), partial(_fetch_listings, market), session.read_deadline())
    results = [
        {"symbol": listing.symbol, "name": listing.name, "market": market}
        for listing in get_matches(listings, keyword, limit)
    ]
    return {"keyword": keyword, "market": market, "results": results}


def get_matches(listings: Iterable[Listing], keyword: str, limit: int) -> list[Listing]:
    """Return the best matches of a keyword; of equally good ones the shorter symbol comes first."""
    symbol, folded = get_symbol(keyword), " ".join(keyword.casefold().split())
    words = _words(folded)
    ranked = [
        (rank, len(listing.symbol), listing.symbol, listing)
        for listing in listings
        if (rank := _rank(listing, symbol, folded, words)) < NO_MATCH
    ]
    return [listing for *_, listing in sorted(ranked, key=lambda entry: entry[:3])[:limit]]


def get_listing(symbol: str, name: str | None) -> Listing:
    """Return what is searched of one symbol."""
    folded = (name or "").casefold()
    return Listing(symbol=symbol, name=name, folded=folded, words=_words(folded))


def _fetch_listings(market: str, session: Session, deadline: Deadline) -> tuple[Listing, ...]:
    params = fill(SymbolsParams(), market=market)
    named = session.read(ALL_SYMBOL_NAMES, params, deadline, decode=get_names, kind=NAMES)
    return tuple(get_listing(symbol, name) for symbol, name in named)


def get_names(data: Any) -> list[tuple[str, str | None]]:
    """Return symbols and names of an answer."""
    named = {values.text(row.get("symbol")): values.text(row.get("name")) for row in values.rows(data)}
    return [(symbol, name) for symbol, name in named.items() if symbol]


def _rank(listing: Listing, symbol: str, folded: str, words: tuple[str, ...]) -> int:
    if not folded:
        return NO_MATCH
    if listing.symbol == symbol:
        return EXACT_SYMBOL
    if listing.symbol.startswith(folded.upper()):
        return SYMBOL_PREFIX
    if listing.folded.startswith(folded):
        return NAME_PREFIX
    if words and all(any(word.startswith(part) for word in listing.words) for part in words):
        return NAME_WORDS
    # Chinese names have no spaces between their words.
    return NAME_PART if not folded.isascii() and folded in listing.folded else NO_MATCH


def _words(folded: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w']+", folded))
