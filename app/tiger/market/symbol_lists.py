"""List everything of a kind that Tiger knows (``all_symbols``, ``all_hk_option_symbols``, ``fund_all_symbols``)."""

from bisect import bisect_right
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import ALL_SYMBOLS, FUND_ALL_SYMBOLS
from tigeropen.quote.request.model import SymbolsParams

from app.tiger.deadline import Deadline
from app.tiger.market.funds import get_symbols
from app.tiger.option_codes import fetch_classes
from app.tiger.paging import AtToken, Paging
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.wire.fields import fill

SYMBOLS: Final = Kind("symbols", lambda seconds: seconds.names_seconds / 2, is_shared=True)
"""Half as old as they may be at most, as the names of the search are."""


def fetch_symbols(
    session: Session, sec_type: str, market: str | None, limit: int, page_token: str | None, *, with_otc: bool = False
) -> dict[str, Any]:
    """Return a page of the symbols of a kind (STK of a market, OPT: classes of Hong Kong, FUND, CC), in their order.

    A class of options names its stock under ``underlyings``. The list is some hours old at most.

    Raises:
        InvalidRequest: The page token does not continue this list.
    """
    paging = Paging(session, "symbols", [sec_type, market, with_otc], AtToken)
    place = paging.read(page_token)
    listed = fetch_listed(session, sec_type, market, session.read_deadline(), with_otc=with_otc)
    symbols = list(listed)
    # A place is a symbol, so that what is listed anew meanwhile moves no page.
    start = bisect_right(symbols, place.token) if place else 0
    page = symbols[start : start + limit]
    following = AtToken(page[-1]) if page and start + limit < len(symbols) else None
    underlyings = {"underlyings": {symbol: listed[symbol] for symbol in page}} if sec_type == "OPT" else {}
    told = {"count": len(page), "total": len(symbols), "symbols": page, **underlyings}
    return {"sec_type": sec_type, "market": market, **told, "next_page_token": paging.write(following)}


def fetch_listed(
    session: Session, sec_type: str, market: str | None, deadline: Deadline, *, with_otc: bool = False
) -> dict[str, str | None]:
    """Return every symbol of a kind, in order, with what it is about where it is a class of options."""
    fetch = partial(fetch_list, sec_type, market, with_otc)
    return session.refreshing(("symbols", sec_type, market, with_otc), fetch, deadline)


def fetch_list(
    sec_type: str, market: str | None, with_otc: bool, session: Session, deadline: Deadline
) -> dict[str, str | None]:
    """Return the same from Tiger, as far as no worker keeps it, for who keeps it with something else."""
    if sec_type == "OPT":
        return fetch_classes(session, deadline)
    if sec_type == "FUND":
        method, params = FUND_ALL_SYMBOLS, SymbolsParams()
    elif sec_type == "CC":
        method, params = ALL_SYMBOLS, fill(SymbolsParams(), market="ALL", sec_type=sec_type)
    else:
        method, params = ALL_SYMBOLS, fill(SymbolsParams(), market=market, include_otc=with_otc)
    return dict.fromkeys(session.read(method, params, deadline, decode=get_symbols, kind=SYMBOLS))
