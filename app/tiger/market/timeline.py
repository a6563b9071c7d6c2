"""Fetch the minutes of a day (wire methods ``timeline`` 3.0, ``history_timeline`` and ``option_timeline``)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import HISTORY_TIMELINE, OPTION_TIMELINE, TIMELINE
from tigeropen.common.model import BaseParams
from tigeropen.quote.request.model import MultipleQuoteParams, OptionContractsParams, SingleOptionQuoteParams

from app.errors import SymbolNotFound
from app.tiger.answered_types import choose_by_type
from app.tiger.instrument import COIN, OPTION_TYPE, STOCK, Instrument, get_members
from app.tiger.option_codes import fetch_listed
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import get_pair
from app.tiger.vocabulary import REGULAR, SESSIONS
from app.tiger.wire import values
from app.tiger.wire.fields import fill
from app.tiger.wire.options import fill_option, get_option_identifier

MINUTES: Final = Kind("timeline", lambda seconds: seconds.quote_seconds)
VERSION: Final = "3.0"
WHOLE_DAY: Final = -1
ALL_SESSIONS: Final = "All"
ADJUSTED: Final = "br"
"""Prices before a split are adjusted, as the SDK has it where it is not told otherwise."""
PARTS: Final = {
    "pre": ("preMarket",),
    REGULAR: ("intraday", "items", "minutes"),
    "post": ("afterHours",),
    "overnight": ("overnight",),
}
"""The members that hold the minutes of a session: those of the regular one have another name in each answer."""

Timelines = dict[str | None, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """How the minutes of a type are asked for, and which instrument a row of the answer is about."""

    ask: Callable[[Instrument, date | None, Sequence[str]], tuple[str, BaseParams]]
    get_identifier: Callable[[Mapping[str, Any]], str | None]


def fetch_timeline(
    session: Session, instrument: Instrument, on: date | None = None, sessions: Sequence[str] = (REGULAR,)
) -> dict[str, Any]:
    """Return the minutes of the current trading day or of a past one, oldest first, each with its session.

    ``sessions`` of the answer are those of which Tiger told at all; where one is missing that was asked for, nothing is
    known of its minutes.

    Raises:
        InvalidRequest: Tiger has no timelines of that type.
        SymbolNotFound: Tiger has no timeline of the instrument.
    """
    source, deadline = choose_by_type(SOURCES, instrument, "minutes of a day"), session.read_deadline()
    listed = fetch_listed(session, instrument, deadline)
    method, params = source.ask(listed, on, sessions)
    decode = partial(get_timelines, source.get_identifier)
    timeline = session.read(method, params, deadline, decode=decode, kind=MINUTES).get(get_pair(listed.identifier))
    if timeline is None:
        raise SymbolNotFound(f"Tiger has no timeline of {instrument.identifier}.")
    parts = {name: timeline["parts"][name] for name in sessions if name in timeline["parts"]}
    minutes = sorted((minute for part in parts.values() for minute in part), key=lambda minute: minute["time"])
    return {
        **get_members(instrument),
        "date": None if on is None else on.isoformat(),
        "pre_close": timeline["pre_close"],
        "sessions": list(parts),
        "count": len(minutes),
        "minutes": minutes,
    }


def _ask_for_listed(instrument: Instrument, on: date | None, sessions: Sequence[str]) -> tuple[str, BaseParams]:
    # All of them in one call, where there are several, and none named where the usual one is asked for.
    named = SESSIONS[sessions[0]] if len(sessions) == 1 else ALL_SESSIONS
    trade_session = None if named == SESSIONS[REGULAR] else named
    params = fill(MultipleQuoteParams(), symbols=[instrument.symbol], trade_session=trade_session)
    if on is not None:
        return HISTORY_TIMELINE, fill(params, date=on.isoformat(), right=ADJUSTED)
    sec_type = None if instrument.sec_type == STOCK else instrument.sec_type
    chosen = {"include_hour_trading": len(sessions) > 1, "begin_time": WHOLE_DAY, "version": VERSION}
    return TIMELINE, fill(params, sec_type=sec_type, **chosen)


def _ask_for_option(option: Instrument, _on: date | None, _sessions: Sequence[str]) -> tuple[str, BaseParams]:
    asked = [fill_option(SingleOptionQuoteParams(), option)]
    return OPTION_TIMELINE, fill(OptionContractsParams(), option_query=asked, market=option.market)


def get_symbol(row: Mapping[str, Any]) -> str | None:
    """Return what a row is about; Tiger writes the pair of a digital asset in two ways."""
    return get_pair(values.text(row.get("symbol")) or "") or None


SOURCES: Final[Mapping[str, TimelineSource]] = {
    STOCK: TimelineSource(_ask_for_listed, get_symbol),
    OPTION_TYPE: TimelineSource(_ask_for_option, get_option_identifier),
    COIN: TimelineSource(_ask_for_listed, get_symbol),
}


def get_timelines(get_identifier: Callable[[Mapping[str, Any]], str | None], data: Any) -> Timelines:
    """Return what an answer tells of the minutes of each instrument, session by session."""
    return {get_identifier(row): _get_timeline(row) for row in values.rows(data)}


def _get_timeline(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[member] for name, members in PARTS.items() for member in members if row.get(member) is not None}
    parts = {name: _get_minutes(name, part) for name, part in told.items()}
    return {"pre_close": values.price(row.get("preClose")), "parts": parts}


def _get_minutes(name: str, part: Any) -> list[dict[str, Any]]:
    """Return the minutes of a part: a list, an object with ``items``, or a list of such objects [docs, SDK]."""
    rows = [item for row in values.rows(part) for item in (values.rows(row["items"]) if "items" in row else [row])]
    return [minute for row in rows if (minute := _get_minute(name, row))["time"] is not None]


def _get_minute(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    # A digital asset has its volume with all decimals in another member [SDK: get_timeline].
    volume = row.get("volumeDecimal", row.get("volume"))
    return {
        "time": values.milliseconds(row.get("time")),
        "session": name,
        "price": values.price(row.get("price")),
        "avg_price": values.price(row.get("avgPrice")),
        "volume": values.figure(volume),
    }
