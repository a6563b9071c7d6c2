"""Fetch single trades (wire methods ``trade_tick``, ``option_trade_tick`` and ``future_tick`` 3.0).

Tiger counts those of stocks and futures from 0 in each session, gives the newest where both ends of a span are -1, and
leaves out the end of a span [docs: QuoteTradeTickRequest, FutureTickRequest]. Those of an option it gives all at once
and uncounted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts.service_types import FUTURE_TICK, OPTION_TRADE_TICK, TRADE_TICK
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import (
    FutureQuoteParams,
    MultipleContractParams,
    MultipleQuoteParams,
    SingleContractParams,
)

from app.errors import InvalidRequest, InvalidSymbol, SymbolNotFound, TigerError
from app.tiger.answered_types import choose_by_type
from app.tiger.instrument import FUTURE, OPTION_TYPE, STOCK, Instrument, get_members
from app.tiger.market.tick_rows import Tick, Ticks, get_future_ticks, get_option_ticks, get_stock_ticks
from app.tiger.option_codes import fetch_listed
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.vocabulary import REGULAR, SESSIONS
from app.tiger.wire.fields import fill
from app.tiger.wire.options import fill_option

TICKS: Final = Kind("ticks", lambda seconds: seconds.quote_seconds)
FUTURE_VERSION: Final = "3.0"
NEWEST: Final = -1

Read = Callable[[int, int, int], list[Tick]]


@dataclass(frozen=True, slots=True)
class Stream:
    """How Tiger gives the ticks of a type: its method, how a span is asked for, how the answer is read."""

    method: str
    get_params: Callable[[Instrument, str, int, int, int], BaseParams]
    decode: Callable[[Any], Ticks]
    is_counted: bool = True


def fetch_ticks(
    session: Session,
    instrument: Instrument,
    limit: int,
    after: int | None = None,
    after_time: int | None = None,
    trading_session: str = REGULAR,
) -> dict[str, Any]:
    """Return the newest ticks, oldest first, or those that follow on the one with the index ``after``.

    ``after`` -1 begins with the first one. ``restarted`` tells that Tiger counts anew since the tick ``after``, which
    ``after_time`` (epoch milliseconds) shows in any case: the ticks are the first ones then, none is left out.

    Raises:
        InvalidRequest: Tiger has no ticks of that type.
        SymbolNotFound: Tiger has no ticks of the instrument.
        TigerError: What Tiger answers does not follow on ``after``.
    """
    stream, deadline = choose_by_type(STREAMS, instrument, "single trades"), session.read_deadline()
    listed = fetch_listed(session, instrument, deadline)

    def read(begin: int, end: int, count: int) -> list[Tick]:
        params = stream.get_params(listed, trading_session, begin, end, count)
        ticks = session.read(stream.method, params, deadline, decode=stream.decode, kind=TICKS)
        if listed.identifier not in ticks:
            raise SymbolNotFound(f"Tiger has no ticks of {instrument.identifier}.")
        found: list[Tick] = ticks[listed.identifier]
        return found

    restarted, has_more = False, False
    if after is None:
        ticks = read(NEWEST, NEWEST, limit)[-limit:]
    elif stream.is_counted:
        ticks, restarted, has_more = follow(read, after, after_time, limit)
    else:
        ticks = [tick for tick in read(NEWEST, NEWEST, limit) if tick["index"] > after]
        ticks, has_more = ticks[:limit], len(ticks) > limit
    return {
        **get_members(instrument),
        "session": trading_session,
        "restarted": restarted,
        "has_more": has_more,
        "count": len(ticks),
        "ticks": ticks,
        "next": _get_next(ticks, NEWEST if after is None or restarted else after, after_time),
    }


def _get_next(ticks: list[Tick], after: int, after_time: int | None) -> dict[str, int | None] | None:
    """Return what to ask with for the ticks that follow; None where Tiger does not number them."""
    if not ticks:
        return {"after": after, "after_time": None if after == NEWEST else after_time}
    index, at_ms = ticks[-1]["index"], ticks[-1]["time"]
    return None if index is None else {"after": index, "after_time": at_ms}


def follow(read: Read, after: int, after_time: int | None, limit: int) -> tuple[list[Tick], bool, bool]:
    """Return the ticks after one, whether Tiger counts anew since, and whether there may be more already.

    That one is asked for again: only where Tiger still has it under its index the next ones are those that follow.
    """
    if after == NEWEST:
        first = read(0, limit, limit)
        return first, False, len(first) >= limit
    try:
        ticks = read(after, after + limit + 1, limit + 1)
    except InvalidSymbol:
        raise
    except InvalidRequest:
        # No source says what Tiger answers where the index is beyond its last one.
        ticks = []
    known = next((tick for tick in ticks if tick["index"] == after), None)
    if not ticks or (known is not None and after_time not in (None, known["time"])):
        first = read(0, limit, limit)
        return first, True, len(first) >= limit
    if known is None:
        raise TigerError(f"Tiger's ticks do not follow on number {after}: ask without after for the newest ones.")
    return [tick for tick in ticks if tick["index"] > after], False, len(ticks) > limit


def _get_stock_params(stock: Instrument, trading_session: str, begin: int, end: int, count: int) -> BaseParams:
    named = SESSIONS[trading_session] if trading_session != REGULAR else None
    span = {"begin_index": begin, "end_index": end, "limit": count, "trade_session": named}
    # The single symbol is for older servers, the SDK sends it, too.
    return fill(MultipleQuoteParams(), symbols=[stock.symbol], symbol=stock.symbol, **span)


def _get_future_params(future: Instrument, _session: str, begin: int, end: int, count: int) -> BaseParams:
    span = {"begin_index": begin, "end_index": end, "limit": count, "version": FUTURE_VERSION}
    return fill(FutureQuoteParams(), contract_code=future.symbol, **span)


def _get_option_params(option: Instrument, _session: str, _begin: int, _end: int, _count: int) -> BaseParams:
    return fill(MultipleContractParams(), contracts=[fill_option(SingleContractParams(), option)])


STREAMS: Final[Mapping[str, Stream]] = {
    STOCK: Stream(TRADE_TICK, _get_stock_params, get_stock_ticks),
    OPTION_TYPE: Stream(OPTION_TRADE_TICK, _get_option_params, get_option_ticks, is_counted=False),
    FUTURE: Stream(FUTURE_TICK, _get_future_params, get_future_ticks),
}
"""The types that have ticks [SDK]."""
