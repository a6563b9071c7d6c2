"""Fetch bars of an instrument (wire methods ``kline``, ``option_kline`` and ``future_kline``)."""

from dataclasses import dataclass, replace
from typing import Any

from app.errors import InvalidRequest, TigerError
from app.tiger.answered_types import choose_by_type, read_instrument
from app.tiger.deadline import Deadline
from app.tiger.instrument import Instrument, get_members
from app.tiger.market.bar_sources import SOURCES, Bar, BarSource, BarsQuestion, Item
from app.tiger.option_codes import fetch_listed
from app.tiger.paging import Paging
from app.tiger.pipeline.bar_batches import BARS, IN_DOUBT, get_bars_seconds
from app.tiger.pipeline.call import Kind
from app.tiger.pipeline.copies import get_copy
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.vocabulary import MAXIMUM_BARS, REGULAR
from app.tiger.wire import values


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page of older bars ends: before this moment, epoch ms."""

    before_ms: int


def fetch_bars(
    session: Session,
    symbol: str | Instrument,
    period: str,
    begin_ms: int | None,
    end_ms: int | None,
    limit: int,
    *,
    adjusted: bool = True,
    trading_session: str = REGULAR,
    page_token: str | None = None,
) -> dict[str, Any]:
    """Return the newest ``limit`` bars whose time is in the range, oldest first; both ends are epoch ms, included.

    A page token continues with the bars before those of the page that gave it. Tiger is asked for the bars up to the
    end alone, newest first by its page tokens, and the beginning is applied here: which end of a range its ``limit``
    keeps is not documented.

    Raises:
        InvalidRequest: Tiger has no bars of that type or period; or the token is of another question.
        TigerError: The answer is about something else.
    """
    instrument = read_instrument(symbol)
    source = choose_by_type(SOURCES, instrument, "bars")
    _check_period(instrument, source, period)
    asked = [instrument.sec_type, instrument.identifier, period, begin_ms, end_ms, adjusted, trading_session]
    paging = Paging(session, "kline", asked, Before)
    place = paging.read(page_token)
    before_ms = place.before_ms if place else None if end_ms is None else end_ms + 1
    # One more than is wanted tells whether there are more, where Tiger gives so many at once.
    most = limit if limit >= MAXIMUM_BARS else limit + 1
    question = BarsQuestion(instrument, period, before_ms, min(most, source.most), adjusted, trading_session)
    bars = _fetch(session, source, question, begin_ms, most)
    chosen = bars[-limit:]
    has_more = len(bars) > limit or len(bars) == limit == most
    return {
        **get_members(instrument),
        "period": period,
        "adjusted": adjusted if source.has_adjustment else None,
        "session": trading_session,
        "count": len(chosen),
        "bars": chosen,
        "next_page_token": paging.write(Before(chosen[0]["time"]) if has_more else None),
    }


def _check_period(instrument: Instrument, source: BarSource, period: str) -> None:
    if period not in source.periods:
        reason = f"Tiger has bars of {instrument.sec_type} of these periods only: {', '.join(source.periods)}."
        raise InvalidRequest(reason, details={"period": [reason]})


def _fetch(session: Session, source: BarSource, question: BarsQuestion, begin_ms: int | None, most: int) -> list[Bar]:
    """Return the bars from the beginning on, oldest first: at most ``most``, unless Tiger sends more."""
    deadline = session.read_deadline()
    question = replace(question, instrument=fetch_listed(session, question.instrument, deadline))
    params: Any = source.ask(question)
    before_ms = question.before_ms
    bars: dict[int, Bar] = {}
    page, token = _fetch_first(session, source, question.instrument, params, deadline)
    while True:
        size = len(bars)
        bars |= {bar["time"]: bar for bar in page if before_ms is None or bar["time"] < before_ms}
        reached = begin_ms is not None and any(bar["time"] < begin_ms for bar in page)
        if token is None or reached or len(bars) >= most or len(bars) == size:
            break
        params.page_token = token
        data = session.read(source.method, params, deadline, is_alone=True)
        page, token = get_page(data, source, question.instrument)
    return [bars[time] for time in sorted(bars) if begin_ms is None or time >= begin_ms]


def _fetch_first(
    session: Session, source: BarSource, instrument: Instrument, params: Any, deadline: Deadline
) -> tuple[list[Bar], str | None]:
    """Return the first page; those of stocks that several ask for at the same time come in one call."""
    if source.is_batched:
        noted = session.read(source.method, params, deadline, decode=lambda data: get_pages(data, source))
        page = noted.get(instrument.symbol)
        if isinstance(page, Noted):
            if page.error is not None:
                raise get_copy(page.error)
            page = page.quote
        if page is None or IN_DOUBT not in page:
            return (page["bars"], page["token"]) if page else ([], None)
    kind = Kind(BARS, lambda kept: get_bars_seconds(kept.bars_seconds, session.tiger_now), is_shared=True)
    bars, token = session.read(
        source.method,
        params,
        deadline,
        decode=lambda data: get_page(data, source, instrument),
        kind=kind,
        is_alone=True,
    )
    return bars, token


def get_pages(data: Any, source: BarSource) -> dict[str, dict[str, Any]]:
    """Return the bars of an answer about several by symbol, each with Tiger's token of its next page."""
    pages: dict[str, dict[str, Any]] = {}
    for row in values.rows(data):
        bars, token = _read_row(row, source)
        pages.setdefault(get_symbol(values.text(row.get("symbol")) or ""), {"bars": bars, "token": token})
    return pages


def get_page(data: Any, source: BarSource, instrument: Instrument) -> tuple[list[Bar], str | None]:
    """Return the bars of an answer, and Tiger's token of the next page where it gives one.

    Raises:
        TigerError: There are bars, but not of the instrument.
    """
    rows = values.rows(data)
    row = next((row for row in rows if source.is_about(row, instrument)), None)
    if row is None:
        if rows:
            raise TigerError(f"Tiger's answer is not about {instrument.identifier}.")
        return [], None
    return _read_row(row, source)


def _read_row(row: Item, source: BarSource) -> tuple[list[Bar], str | None]:
    bars = [source.read(item) for item in values.rows(row.get("items"))]
    return [bar for bar in bars if bar["time"] is not None], values.text(row.get("nextPageToken"))
