"""Wire methods for what has been traded: kline and trade_tick."""

from collections.abc import Mapping
from typing import Any

from app.simulator.market.bars import DAY_PERIODS, MINUTE_PERIODS, PERIODS, Adjustments, Bar, newest_bars
from app.simulator.market.companies import Companies
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import DIGITAL, STOCK, Instrument
from app.simulator.market.session_bars import get_session_trades, newest_session_bars
from app.simulator.market.sessions import Session
from app.simulator.market.trades import count_trades, get_trades
from app.simulator.methods.page_tokens import read_page_token, write_page_token
from app.simulator.methods.requests import (
    fields_of,
    read_day,
    read_integer,
    read_moment,
    read_symbols,
    read_type,
    refused,
)
from app.simulator.wire import Handler, WireRequest

DEFAULT_BARS = 300
MOST_BARS = 1200
_MOST_TICKS = 2000
_DEFAULT_TICKS = 200
_DAY_MS = 86_400_000
_RIGHTS = ("br", "nr")


class BarMethods:
    """Answer the methods that tell history; symbols that are not listed are left out of the answer."""

    def __init__(self, exchange: Exchange, companies: Companies) -> None:
        self._exchange = exchange
        self._companies = companies

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "kline": self.kline,
            "trade_tick": self.trade_tick,
        }

    def kline(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer bars, oldest first; of a range that holds more than ``limit``, the newest.

        ``begin_time`` is included and ``end_time`` is not (tigeropen, ``get_bars_by_page``). Sessions other
        than the regular one have bars of minutes only.
        """
        biz = fields_of(request)
        symbols = read_symbols(biz)
        period = biz.get("period") or "day"
        if period not in PERIODS:
            raise refused(f"period '{period}' is not supported")
        right = biz.get("right") or "br"
        if right not in _RIGHTS:
            raise refused(f"right '{right}' is not supported")
        limit = read_integer(biz, "limit", DEFAULT_BARS)
        if limit < 1:
            raise refused("field 'limit' must be above 0")
        session = _read_session(biz)
        if read_type(biz) not in {None, STOCK, DIGITAL}:
            return [{"symbol": symbol, "period": period, "items": []} for symbol in symbols]
        return [
            self._kline_of(instrument, period, min(limit, MOST_BARS), right, session, len(symbols) == 1, request)
            for symbol in symbols
            if (instrument := self._exchange.listed_as(symbol, read_type(biz))) is not None
        ]

    def _kline_of(
        self,
        instrument: Instrument,
        period: str,
        limit: int,
        right: str,
        session: Session | None,
        alone: bool,
        request: WireRequest,
    ) -> dict[str, Any]:
        biz = fields_of(request)
        symbol = instrument.symbol
        calendar = self._exchange.calendar(instrument.calendar_name)
        zone = calendar.hours.zone
        begin_ms = read_moment(biz.get("begin_time"), "begin_time", zone)
        asked_end_ms = read_moment(biz.get("end_time"), "end_time", zone)
        end_ms = request.now_ms + 1 if asked_end_ms is None else min(asked_end_ms, request.now_ms + 1)
        if biz.get("date") and period in MINUTE_PERIODS:
            on = read_day(biz["date"], "date")
            begin_ms = calendar.midnight_ms(on)
            end_ms = min(begin_ms + _DAY_MS, end_ms)
        if begin_ms is not None and asked_end_ms is not None and begin_ms > asked_end_ms:
            raise refused("begin_time must not be after end_time")
        token = biz.get("page_token")
        kind = f"kline|{symbol}|{period}" + (f"|{session.value}" if session else "")
        if token and alone:
            end_ms = min(end_ms, read_page_token(token, kind))
        is_raw = right == "nr" and instrument.sec_type == STOCK
        raw = self._companies.adjustments(symbol) if is_raw else Adjustments()
        series = self._exchange.series(symbol)
        if session is None:
            bars = newest_bars(series, period, limit + 1, begin_ms, end_ms, request.now_ms, raw)
        else:
            bars = newest_session_bars(series, session, period, limit + 1, begin_ms, end_ms, request.now_ms, raw)
        has_more = len(bars) > limit
        bars = bars[-limit:]
        answer: dict[str, Any] = {
            "symbol": symbol,
            "period": period,
            "items": [_bar_row(bar) for bar in bars],
        }
        if biz.get("with_fundamental") and period in DAY_PERIODS:
            for row, bar in zip(answer["items"], bars, strict=True):
                row.update(self._companies.valuation(instrument, bar.close, bar.volume, bar.start_ms))
        bounded = begin_ms is not None or asked_end_ms is not None or bool(token)
        if has_more and alone and bounded:
            answer["nextPageToken"] = write_page_token(kind, bars[0].start_ms)
        return answer

    def trade_tick(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer trades of the current trading day, one for each second of it, numbered from 0.

        ``begin_index`` is included and ``end_index`` is not; without them, or with -1 for both, the newest ``limit``.
        A span of more than 2000 is answered by 200 from its beginning [Tiger's page on stocks' quotes].
        """
        biz = fields_of(request)
        limit = min(read_integer(biz, "limit", _DEFAULT_TICKS), _MOST_TICKS)
        session = _read_session(biz)
        return [
            self._ticks(instrument, biz, limit, session, request.now_ms)
            for symbol in read_symbols(biz)
            if (instrument := self._exchange.listed_as(symbol, read_type(biz))) is not None
        ]

    def _ticks(
        self, instrument: Instrument, biz: dict[str, Any], limit: int, session: Session | None, now_ms: int
    ) -> dict[str, Any]:
        series = self._exchange.series(instrument.symbol)
        day = series.calendar.current(now_ms)
        outside = [] if session is None else get_session_trades(series, session, now_ms)
        traded = count_trades(series, day, now_ms) if session is None else len(outside)
        first, asked = read_integer(biz, "begin_index", -1), read_integer(biz, "end_index", -1)
        if 0 <= first < asked - _MOST_TICKS:
            limit = _DEFAULT_TICKS
        last = traded if asked < 0 else min(asked, traded)
        begin = max(0, last - limit) if first < 0 else min(first, last)
        last = min(last, begin + limit)
        items = [
            {"time": trade.at_ms, "volume": trade.volume, "price": trade.price, "type": trade.direction}
            for trade in (get_trades(series, day, begin, last) if session is None else outside[begin:last])
        ]
        return {"symbol": instrument.symbol, "beginIndex": begin, "endIndex": last, "items": items}


def _read_session(biz: dict[str, Any]) -> Session | None:
    """Return the session asked for, None for the regular one."""
    asked = biz.get("trade_session") or "Regular"
    if asked in {"Regular", "All"}:
        return None
    try:
        return Session(asked)
    except ValueError:
        raise refused(f"trade_session '{asked}' is not supported") from None


def _bar_row(bar: Bar) -> dict[str, Any]:
    return {
        "time": bar.start_ms,
        "volume": bar.volume,
        "open": bar.open,
        "close": bar.close,
        "high": bar.high,
        "low": bar.low,
        "amount": bar.amount,
    }
