"""Find stocks, options, futures and funds by symbol or name, in lists that are kept."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import ALL_SYMBOL_NAMES, FUND_CONTRACTS, OPTION_EXPIRATION
from tigeropen.common.consts.service_types import FUTURE_CONTRACT_BY_EXCHANGE_CODE as FUTURE_EXCHANGE_CONTRACTS
from tigeropen.quote.request.model import (
    FutureExchangeParams,
    MultipleQuoteParams,
    OptionContractsParams,
    SymbolsParams,
)

from app.errors import GatewayError
from app.tiger.deadline import Deadline
from app.tiger.market.futures import FUTURES, fetch_exchanges, get_contracts
from app.tiger.market.options import get_expirations
from app.tiger.market.symbol_lists import fetch_list
from app.tiger.market.symbol_search import EXACT_SYMBOL, Listing, get_listing, get_matches, get_rank
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.vocabulary import SEARCHED_TYPES
from app.tiger.wire import values
from app.tiger.wire.fields import fill

NAMES: Final = Kind("names", lambda seconds: seconds.names_seconds / 2, is_shared=True)
"""Half as old as they may be at most, so that who keeps them for as long again stays within that."""
OPTIONABLE: Final = Kind("optionable", lambda seconds: seconds.list_seconds, is_shared=True)
FURTHER_SECONDS: Final = 2.0
"""How long a search that names no type waits for the lists of other types than stocks."""
MOST_UNDERLYINGS: Final = 3
"""Of so many stocks a search for options asks whether there are any."""
FUND_BATCH: Final = 50
MOST_NAMED_FUNDS: Final = 500
"""Funds are named fifty a call; the others are found by symbol."""
OPTION_HINT: Final = (
    "Name an option by this symbol with expiry, strike and put_call, or by its identifier; option-chain lists them."
)


def fetch_search(
    session: Session, keyword: str, market: str, limit: int = 20, sec_type: str | None = None
) -> dict[str, Any]:
    """Return what a keyword finds, best first: stocks and options of a market (US, HK, CN), futures, funds.

    The exact symbol comes first, of a future also its product and of an option its stock; then symbols that begin so,
    then names: those that begin so, then those with words that begin as the keyword's words do. The lists are some
    hours old at most. Options of the US are found as their stock, since Tiger has no list of them.

    ``unavailable`` names the types that Tiger did not list; where the type was asked for, or it is stocks, that is an
    error.
    """
    deadline = session.read_deadline()
    found: list[Listing] = []
    unavailable: list[str] = []
    for kind in SEARCHED_TYPES if sec_type is None else (sec_type,):
        is_needed = kind in {sec_type, "STK"}
        try:
            in_time = deadline if is_needed else deadline.at_most(FURTHER_SECONDS)
            found += _fetch_matches(session, kind, market, keyword, limit, in_time, is_alone=sec_type is not None)
        except GatewayError:
            if is_needed:
                raise
            unavailable.append(kind)
    results = [listing.describe() for listing in get_matches(found, keyword, limit)]
    for row in results:
        row["hint"] = OPTION_HINT if row["sec_type"] == "OPT" else None
    return {"keyword": keyword, "market": market, "results": results, "unavailable": unavailable}


def _fetch_matches(
    session: Session, kind: str, market: str, keyword: str, limit: int, deadline: Deadline, *, is_alone: bool
) -> list[Listing]:
    if kind == "OPT" and market == "US":
        return _fetch_optionable(session, keyword, MOST_UNDERLYINGS if is_alone else 1, deadline, is_exact=not is_alone)
    fetches: dict[str, Callable[[Session, Deadline], tuple[Listing, ...]]] = {
        "STK": partial(_fetch_stocks, market),
        "OPT": partial(_fetch_classes, market),
        "FUT": _fetch_futures,
        "FUND": _fetch_funds,
    }
    where = market if kind in {"STK", "OPT"} else None
    return get_matches(session.refreshing(("names", kind, where), fetches[kind], deadline), keyword, limit)


def _fetch_stocks(market: str, session: Session, deadline: Deadline) -> tuple[Listing, ...]:
    params = fill(SymbolsParams(), market=market)
    named = session.read(ALL_SYMBOL_NAMES, params, deadline, decode=get_names, kind=NAMES)
    return tuple(get_listing(symbol, name, market=market) for symbol, name in named)


def _fetch_classes(market: str, session: Session, deadline: Deadline) -> tuple[Listing, ...]:
    """Return the classes of options of Hong Kong under the names of their stocks; no other market has such."""
    if market != "HK":
        return ()
    names = {listing.symbol: listing.name for listing in _fetch_stocks(market, session, deadline)}
    return tuple(
        get_listing(code, names.get(stock or "") or code, market=market, sec_type="OPT", underlying=stock, also=stock)
        for code, stock in fetch_list("OPT", "HK", False, session, deadline).items()
    )


def _fetch_futures(session: Session, deadline: Deadline) -> tuple[Listing, ...]:
    """Return the contracts of all exchanges; a product means its main contract."""
    exchanges = [row["code"] for row in fetch_exchanges(session)["exchanges"] if row["code"]]
    contracts: list[dict[str, Any]] = []
    for code in exchanges:
        params = fill(FutureExchangeParams(), exchange_code=code)
        contracts += session.read(FUTURE_EXCHANGE_CONTRACTS, params, deadline, decode=get_contracts, kind=FUTURES)
    return tuple(
        get_listing(row["symbol"], row["name"], sec_type="FUT", also=row["type"] if row["main"] else None)
        for row in contracts
    )


def _fetch_funds(session: Session, deadline: Deadline) -> tuple[Listing, ...]:
    symbols = list(fetch_list("FUND", None, False, session, deadline))
    names: dict[str, Any] = {}
    for start in range(0, min(len(symbols), MOST_NAMED_FUNDS), FUND_BATCH):
        params = fill(MultipleQuoteParams(), symbols=symbols[start : start + FUND_BATCH])
        names |= dict(session.read(FUND_CONTRACTS, params, deadline, decode=get_names, kind=NAMES))
    return tuple(get_listing(symbol, names.get(symbol) or symbol, sec_type="FUND") for symbol in symbols)


def _fetch_optionable(
    session: Session, keyword: str, most: int, deadline: Deadline, *, is_exact: bool
) -> list[Listing]:
    """Return the stocks of the US that a keyword finds and that there are options on, as what these are named by."""
    stocks = _fetch_matches(session, "STK", "US", keyword, most, deadline, is_alone=True)
    if is_exact:
        stocks = [stock for stock in stocks if get_rank(stock, keyword) == EXACT_SYMBOL]
    return [
        get_listing(stock.symbol, stock.name, market="US", sec_type="OPT", underlying=stock.symbol)
        for stock in stocks
        if _has_options(session, stock.symbol, deadline)
    ]


def _has_options(session: Session, symbol: str, deadline: Deadline) -> bool:
    params = fill(OptionContractsParams(), symbols=[symbol], market="US")
    return bool(session.read(OPTION_EXPIRATION, params, deadline, decode=_are_any, kind=OPTIONABLE))


def _are_any(data: Any) -> bool:
    return bool(get_expirations(data))


def get_names(data: Any) -> list[tuple[str, str | None]]:
    """Return symbols and names of an answer."""
    named = {values.text(row.get("symbol")): values.text(row.get("name")) for row in values.rows(data)}
    return [(symbol, name) for symbol, name in named.items() if symbol]
