"""Ask Tiger for quotes and order books, as a publisher and a new stream need them."""

from collections.abc import Collection, Mapping
from typing import Any

from app.errors import InvalidRequest, SymbolNotFound
from app.tiger.instrument import Instrument
from app.tiger.market.depth import fetch_depth
from app.tiger.market.quotes import fetch_quotes
from app.tiger.push.feeds import Feed
from app.tiger.sessions import Session
from app.tiger.vocabulary import FURTHER_QUOTE_FIELDS

NAMES = frozenset({"symbol", "sec_type", "identifier", "market", "currency"})


def fetch_members(session: Session, feed: Feed, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
    """Return the members of some instruments by identifier; what Tiger knows nothing of is left out.

    Raises:
        GatewayError: It cannot be asked.
    """
    if feed is Feed.QUOTES:
        return _fetch_quotes(session, instruments)
    found = {}
    for each in instruments:
        try:
            found[each.identifier] = fetch_depth(session, each)
        except (SymbolNotFound, InvalidRequest):
            continue
    return {name: {side: book[side] for side in ("asks", "bids")} for name, book in found.items()}


def _fetch_quotes(session: Session, instruments: Collection[Instrument]) -> dict[str, dict[str, Any]]:
    try:
        answer = fetch_quotes(session, list(instruments), (*FURTHER_QUOTE_FIELDS, "open_interest"))
    except InvalidRequest:
        # Of a list Tiger's refusals are left out; that of the only one is raised.
        if len(instruments) > 1:
            raise
        return {}
    return {name: _get_members(quote) for name, quote in answer["quotes"].items()}


def _get_members(quote: Mapping[str, Any]) -> dict[str, Any]:
    # Stocks have no open interest.
    left_out = NAMES if quote["open_interest"] is not None else NAMES | {"open_interest"}
    return {member: value for member, value in quote.items() if member not in left_out}
