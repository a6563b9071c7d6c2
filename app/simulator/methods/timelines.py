"""Wire methods for the minutes of a day, inside and outside the regular session: timeline and history_timeline."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.simulator.market.bars import Adjustments, Bar, make_bar
from app.simulator.market.calendars import TradingDay
from app.simulator.market.companies import Companies
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import STOCK
from app.simulator.market.prices import PriceSeries
from app.simulator.market.sessions import Session, get_minutes, get_stretch, has_sessions
from app.simulator.methods.requests import fields_of, missing, read_day, read_moment, read_symbols, read_type, refused
from app.simulator.wire import Handler, WireRequest

_FIELDS = {"preMarket": Session.PRE_MARKET, "afterHours": Session.AFTER_HOURS, "overnight": Session.OVERNIGHT}
_REGULAR, _ALL = "Regular", "All"


class TimelineMethods:
    """Answer the minutes of a day with the average price so far; symbols that are not listed are left out."""

    def __init__(self, exchange: Exchange, companies: Companies) -> None:
        self._exchange = exchange
        self._companies = companies

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"timeline": self.timeline, "history_timeline": self.history_timeline}

    def timeline(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the current trading day; the sessions around it where they are asked for."""
        biz = fields_of(request)
        wanted = _read_sessions(biz, with_all=bool(biz.get("include_hour_trading")))
        answer = []
        for series in self._asked(biz):
            begin_ms = read_moment(biz.get("begin_time"), "begin_time", series.calendar.hours.zone)
            day = series.calendar.current(request.now_ms)
            items = _rows(self._regular(series, day, request.now_ms, Adjustments()), begin_ms)
            row: dict[str, Any] = {
                "symbol": series.instrument.symbol,
                "period": "day",
                "preClose": series.instrument.ticks.price(series.whole_day(day.index - 1).close),
                "intraday": _part(items if _REGULAR in wanted else [], begin_ms),
            }
            for name, session in _FIELDS.items():
                if session.value in wanted and has_sessions(series.instrument):
                    minutes = self._extended(series, session, day, request.now_ms, Adjustments())
                    row[name] = _part(_rows(minutes, begin_ms), begin_ms)
            answer.append(row)
        return answer

    def history_timeline(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer one past date; without minutes where it is none of trading."""
        biz = fields_of(request)
        if not biz.get("date"):
            raise missing("date")
        on = read_day(biz["date"], "date")
        wanted = _read_sessions(biz, with_all=False)
        answer = []
        for series in self._asked(biz):
            symbol = series.instrument.symbol
            row: dict[str, Any] = {"symbol": symbol, "items": []}
            index = series.calendar.index_from(on)
            day = series.calendar.day(index) if series.calendar.dates[index] == on else None
            if day is not None and day.open_ms <= request.now_ms:
                is_raw = biz.get("right") == "nr" and series.instrument.sec_type == STOCK
                raw = self._companies.adjustments(symbol) if is_raw else Adjustments()
                if _REGULAR in wanted:
                    row["items"] = _rows(self._regular(series, day, request.now_ms, raw))
                for name, session in _FIELDS.items():
                    if session.value in wanted and has_sessions(series.instrument):
                        row[name] = _rows(self._extended(series, session, day, request.now_ms, raw))
            answer.append(row)
        return answer

    def _asked(self, biz: dict[str, Any]) -> list[PriceSeries]:
        found = (self._exchange.listed_as(symbol, read_type(biz)) for symbol in read_symbols(biz))
        return [self._exchange.series_of(instrument) for instrument in found if instrument is not None]

    def _regular(self, series: PriceSeries, day: TradingDay, now_ms: int, raw: Adjustments) -> list[Bar]:
        factor = raw.factor(day.index)
        return [make_bar(series, at, span, factor, day.index) for at, span in series.minute_bars(day, 1, now_ms)]

    def _extended(
        self, series: PriceSeries, session: Session, day: TradingDay, now_ms: int, raw: Adjustments
    ) -> list[Bar]:
        factor = raw.factor(day.index)
        minutes = get_minutes(series, get_stretch(series, session, day), now_ms)
        return [make_bar(series, at, span, factor, day.index) for at, span in minutes]


def _read_sessions(biz: dict[str, Any], *, with_all: bool) -> set[str]:
    """Return the sessions asked for: the regular one unless another, or all of them, is named."""
    every = {_REGULAR, *(session.value for session in Session)}
    asked = biz.get("trade_session") or (_ALL if with_all else _REGULAR)
    if asked == _ALL:
        return every
    if asked not in every:
        raise refused(f"trade_session '{asked}' is not supported")
    return {asked}


def _part(items: list[dict[str, Any]], begin_ms: int | None) -> dict[str, Any]:
    return {
        "items": items,
        "beginTime": -1 if begin_ms is None else begin_ms,
        "endTime": items[-1]["time"] if items else -1,
    }


def _rows(bars: Iterable[Bar], begin_ms: int | None = None) -> list[dict[str, Any]]:
    rows = []
    amount, volume = 0.0, 0
    for bar in bars:
        amount += bar.amount
        volume += bar.volume
        average = amount / volume if volume else bar.close
        row = {"time": bar.start_ms, "volume": bar.volume, "price": bar.close, "avgPrice": round(average, 5)}
        if begin_ms is None or bar.start_ms >= begin_ms:
            rows.append(row)
    return rows
