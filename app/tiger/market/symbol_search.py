"""Search what can be traded by name: Tiger has no such call, so lists of names are kept and searched here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from app.tiger.symbols import get_symbol
from app.tiger.vocabulary import SEARCHED_TYPES

EXACT_SYMBOL, SYMBOL_PREFIX, NAME_PREFIX, NAME_WORDS, NAME_PART = range(5)
NO_MATCH: Final = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold one symbol with what is searched of it; ``also`` is another symbol by which it is exactly meant."""

    symbol: str
    name: str | None
    folded: str
    words: tuple[str, ...]
    market: str | None = None
    sec_type: str = "STK"
    underlying: str | None = None
    also: str | None = None

    def describe(self) -> dict[str, Any]:
        """Return what a search tells of it."""
        return {
            "symbol": self.symbol,
            "name": self.name,
            "market": self.market,
            "sec_type": self.sec_type,
            "underlying": self.underlying,
        }


def get_matches(listings: Iterable[Listing], keyword: str, limit: int) -> list[Listing]:
    """Return the best matches of a keyword; of equally good ones stocks come first, then the shorter symbol."""
    asked = _Asked.read(keyword)
    ranked = [
        (rank, SEARCHED_TYPES.index(listing.sec_type), len(listing.symbol), listing.symbol, listing)
        for listing in listings
        if (rank := asked.rank(listing)) < NO_MATCH
    ]
    return [listing for *_, listing in sorted(ranked, key=lambda entry: entry[:4])[:limit]]


def get_listing(symbol: str, name: str | None, **members: Any) -> Listing:
    """Return what is searched of one symbol, with further members of a listing."""
    folded = (name or "").casefold()
    return Listing(symbol=symbol, name=name, folded=folded, words=_words(folded), **members)


def get_rank(listing: Listing, keyword: str) -> int:
    """Return how well a listing matches; the lower, the better."""
    return _Asked.read(keyword).rank(listing)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, read in all the ways in which a listing may match it."""

    symbol: str
    folded: str
    words: tuple[str, ...]

    @classmethod
    def read(cls, keyword: str) -> Self:
        folded = " ".join(keyword.casefold().split())
        return cls(get_symbol(keyword), folded, _words(folded))

    def rank(self, listing: Listing) -> int:
        if not self.folded:
            return NO_MATCH
        if self.symbol in (listing.symbol, listing.also):
            return EXACT_SYMBOL
        if listing.symbol.startswith(self.folded.upper()):
            return SYMBOL_PREFIX
        if listing.folded.startswith(self.folded):
            return NAME_PREFIX
        if self.words and all(any(word.startswith(part) for word in listing.words) for part in self.words):
            return NAME_WORDS
        # Chinese names have no spaces between their words.
        return NAME_PART if not self.folded.isascii() and self.folded in listing.folded else NO_MATCH


def _words(folded: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w']+", folded))
