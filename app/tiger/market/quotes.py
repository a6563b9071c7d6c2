"""Fetch the latest prices of instruments of every type, of many at once in as few calls as the wire allows."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_DELAY, QUOTE_OVERNIGHT
from tigeropen.quote.request.model import MultipleQuoteParams

from app.errors import InvalidRequest, SymbolNotFound, TigerPermissionDenied
from app.tiger.answered_types import choose_by_type
from app.tiger.deadline import Deadline
from app.tiger.identification import get_instrument
from app.tiger.instrument import OPTION_TYPE, STOCK, Instrument, get_members
from app.tiger.market.extended_hours import NO_HOURS, get_overnight
from app.tiger.market.quote_rows import get_delayed_quotes
from app.tiger.market.quote_sources import EXTENDED, SOURCES, QuoteSource
from app.tiger.option_codes import fetch_listed
from app.tiger.pipeline.call import Kind
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.sessions import Session
from app.tiger.symbols import get_market, get_pair
from app.tiger.vocabulary import QUOTE_FIELDS
from app.tiger.wire.fields import fill
from app.tiger.wire.methods import METHODS

FUND_QUOTES: Final = Kind("fund_quotes", lambda seconds: seconds.daily_seconds)
EXTENDED_MARKET: Final = "US"
"""The one whose quotes Tiger tells late without a permission [docs: quote_delay], and outside of regular hours."""


def fetch_quote(
    session: Session, named: Instrument | str, *, extended_hours: bool = False, overnight: bool = True
) -> dict[str, Any]:
    """Return the quote of one instrument: prices as numbers, ``timestamp`` of the latest trade in epoch milliseconds.

    A symbol names its type by its form. ``extended_hours`` are those of a United States stock, else None; not
    ``overnight`` they are those of the day.

    Raises:
        SymbolNotFound: Tiger knows nothing about it.
        InvalidSymbol: Tiger refuses it.
    """
    instrument = named if isinstance(named, Instrument) else get_instrument(named)
    name = instrument.identifier
    noted = _find_quotes(session, {name: instrument}, extended_hours=extended_hours, overnight=overnight)[name]
    if noted.error is not None:
        raise get_copy(noted.error)
    if noted.quote is None:
        raise SymbolNotFound(f"Tiger has no quote of {name}.")
    return {"extended_hours": None, **noted.quote, **_describe(instrument, noted.quote)}


def fetch_quotes(
    session: Session, named: Sequence[Instrument | str], fields: Sequence[str] = (), *, extended_hours: bool = False
) -> dict[str, Any]:
    """Return the quotes of some instruments by identifier: the six documented fields of each, and those asked for.

    What Tiger has no quote of, or refuses (code 1000, ``invalid symbols``), is listed in ``missing``.

    Raises:
        InvalidRequest: Two of them have the same identifier.
        InvalidSymbol: Tiger refuses the only one.
    """
    asked: dict[str, Instrument] = {}
    for one in named:
        instrument = one if isinstance(one, Instrument) else get_instrument(one)
        known = asked.setdefault(instrument.identifier, instrument)
        if known is not instrument and known != instrument:
            raise InvalidRequest(f"Ask in two requests for what is written {instrument.identifier} in two types.")
    wanted = list(asked)
    noted = _find_quotes(session, asked, extended_hours=extended_hours)
    if len(wanted) == 1 and (error := noted[wanted[0]].error) is not None:
        raise get_copy(error)
    found = {name: quote for name in wanted if (quote := noted[name].quote) is not None}
    names = tuple(dict.fromkeys((*QUOTE_FIELDS, *fields, *(("extended_hours",) if extended_hours else ()), "delayed")))
    return {
        "symbols": wanted,
        "count": len(found),
        "quotes": {name: _get_members(asked[name], quote, names) for name, quote in found.items()},
        "missing": [name for name in wanted if name not in found],
    }


def _get_members(instrument: Instrument, quote: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the members of a quote that were asked for; what is no stock says what it is, too."""
    members = {name: quote.get(name) for name in names}
    return members if instrument.sec_type == STOCK else {**_describe(instrument, quote), **members}


def _describe(instrument: Instrument, quote: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every answer says about its instrument, with what Tiger tells of it beside its quote."""
    members = get_members(instrument)
    if instrument.sec_type == STOCK:
        return members
    return {name: member if (told := quote.get(name)) is None else told for name, member in members.items()}


def _find_quotes(
    session: Session, asked: Mapping[str, Instrument], *, extended_hours: bool, overnight: bool = True
) -> dict[str, Noted]:
    """Return what is known of each instrument by its identifier, asking for those of a source and market together."""
    deadline, stocks = session.read_deadline(), SOURCES[STOCK]
    groups: dict[tuple[QuoteSource, str], dict[str, str]] = {}
    for name, instrument in asked.items():
        listed, source = name, stocks
        if instrument.sec_type != STOCK:
            # Types without quotes are refused before anything is asked.
            source = choose_by_type(SOURCES, instrument, "quotes")
            is_option = instrument.sec_type == OPTION_TYPE
            listed = fetch_listed(session, instrument, deadline).identifier if is_option else get_pair(name)
        groups.setdefault((source, get_market(listed)), {})[listed] = name
    known: dict[str, Noted] = {}
    for (source, market), names in groups.items():
        if source is stocks and market == EXTENDED_MARKET:
            found = _find_extended(session, list(names), deadline, extended_hours=extended_hours)
            known |= _add_overnight(session, found, deadline) if extended_hours and overnight else found
        elif METHODS[source.method].is_batched:
            found = session.read(source.method, source.ask(list(names)), deadline, decode=source.decode)
            known |= {names[symbol]: noted for symbol, noted in found.items() if symbol in names}
        else:
            known |= _find_values(session, source, list(names), deadline)
    return known


def _find_values(session: Session, source: QuoteSource, symbols: list[str], deadline: Deadline) -> dict[str, Noted]:
    """Return the values of funds, which are new once a day: they are kept, and nobody shares a call for others."""
    known: dict[str, Noted] = {}
    most = METHODS[source.method].most_names
    for start in range(0, len(symbols), most):
        part, begun_at = symbols[start : start + most], time.monotonic()
        found = session.read(source.method, source.ask(part), deadline, decode=source.decode, kind=FUND_QUOTES)
        known |= {symbol: Noted(begun_at, found.get(symbol)) for symbol in part}
    return known


def _find_extended(
    session: Session, symbols: list[str], deadline: Deadline, *, extended_hours: bool
) -> dict[str, Noted]:
    """Return what is known of United States stocks, late where that may be and real time is refused."""
    source = EXTENDED if extended_hours else SOURCES[STOCK]
    known: dict[str, Noted] = {}
    try:
        known = session.read(source.method, source.ask(symbols), deadline, decode=source.decode)
        refused = [symbol for symbol in symbols if isinstance(known[symbol].error, TigerPermissionDenied)]
    except TigerPermissionDenied:
        refused = symbols
        if not session.link.may_delay:
            raise
    if refused and session.link.may_delay:
        params = fill(MultipleQuoteParams(), symbols=refused)
        known |= session.read(QUOTE_DELAY, params, deadline, decode=get_delayed_quotes)
    return known


def _add_overnight(session: Session, known: dict[str, Noted], deadline: Deadline) -> dict[str, Noted]:
    """Return the same quotes with the last one of the night, where Tiger tells it; it has a permission of its own."""
    symbols = [symbol for symbol, noted in known.items() if noted.quote is not None]
    nights: dict[str, Noted] = {}
    if symbols:
        try:
            params = fill(MultipleQuoteParams(), symbols=symbols)
            nights = session.read(QUOTE_OVERNIGHT, params, deadline, decode=get_overnight)
        except (TigerPermissionDenied, InvalidRequest, SymbolNotFound):
            # Not every stock is traded at night, and how Tiger says so nobody knows.
            nights = {}
    added = dict(known)
    for symbol in symbols:
        quote, night = known[symbol].quote or {}, nights.get(symbol)
        hours = {**quote.get("extended_hours", NO_HOURS), **((night and night.quote) or {})}
        added[symbol] = Noted(known[symbol].begun_at, {**quote, "extended_hours": hours}, known[symbol].error)
    return added
