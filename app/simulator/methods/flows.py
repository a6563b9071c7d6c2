"""Wire methods for the flow of money: capital_flow and capital_distribution."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.simulator.market.calendars import TradingDay
from app.simulator.market.exchange import Exchange
from app.simulator.market.flows import get_flow, get_shares
from app.simulator.market.prices import PriceSeries
from app.simulator.methods.requests import fields_of, read_integer, read_markets, read_moment, read_symbol, refused
from app.simulator.wire import Handler, WireRequest

_MONTHS = {"month": 1, "quarter": 3, "6month": 6, "year": 12}
_PERIODS = ("intraday", "day", "week", *_MONTHS)
_DEFAULT_LIMIT = 200
_MOST = 1200


class FlowMethods:
    """Answer the flows of stocks; null for what is not listed."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"capital_flow": self.flow, "capital_distribution": self.distribution}

    def _series(self, request: WireRequest) -> PriceSeries | None:
        biz = fields_of(request)
        markets = read_markets(biz)
        stock = self._exchange.stock(read_symbol(biz))
        return None if stock is None or stock.market not in markets else self._exchange.series(stock.symbol)

    def distribution(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer what came in and went out today, by the size of orders."""
        series = self._series(request)
        if series is None:
            return None
        day = series.calendar.current(request.now_ms)
        flow = get_flow(series, day, request.now_ms)
        row: dict[str, Any] = {"symbol": series.instrument.symbol, "netInflow": flow.net}
        for side, money in (("in", flow.money_in), ("out", flow.money_out)):
            shares = get_shares(series, day.index, money, side)
            row |= {f"{side}All": money} | {f"{side}{name}": share for name, share in shares.items()}
        return row

    def flow(self, request: WireRequest) -> dict[str, Any] | None:
        """Answer net inflows: minute by minute of today, or of the days, weeks … within a span, oldest first."""
        biz = fields_of(request)
        period = biz.get("period") or "day"
        if period not in _PERIODS:
            raise refused(f"period '{period}' is not supported")
        limit = min(read_integer(biz, "limit", _DEFAULT_LIMIT), _MOST)
        if limit < 1:
            raise refused("field 'limit' must be above 0")
        series = self._series(request)
        if series is None:
            return None
        zone = series.calendar.hours.zone
        begin_ms = read_moment(biz.get("begin_time"), "begin_time", zone)
        end_ms = read_moment(biz.get("end_time"), "end_time", zone)
        items: list[dict[str, Any]] = []
        newest_first = self._minutes(series, request) if period == "intraday" else self._days(series, period, request)
        for row in newest_first:
            if len(items) == limit or (begin_ms is not None and row["timestamp"] < begin_ms):
                break
            if end_ms is None or row["timestamp"] < end_ms:
                items.append(row)
        return {"symbol": series.instrument.symbol, "period": period, "items": items[::-1]}

    def _minutes(self, series: PriceSeries, request: WireRequest) -> Iterator[dict[str, Any]]:
        day = series.calendar.current(request.now_ms)
        later = get_flow(series, day, request.now_ms).net
        for minute in range(day.minute_at(request.now_ms), -1, -1):
            start_ms = day.minute_start_ms(minute)
            before = get_flow(series, day, start_ms).net
            yield _row(f"{series.calendar.local(start_ms):%H:%M}", start_ms, later - before)
            later = before

    def _days(self, series: PriceSeries, period: str, request: WireRequest) -> Iterator[dict[str, Any]]:
        today = series.calendar.current(request.now_ms)
        group: list[tuple[TradingDay, float]] = []
        for index in range(today.index, series.first_day - 1, -1):
            day = series.calendar.day(index)
            if group and _group(day.date, period) != _group(group[-1][0].date, period):
                yield _joined(group)
                group = []
            group.append((day, get_flow(series, day, request.now_ms).net))
        if group:
            yield _joined(group)


def _joined(newest_first: list[tuple[TradingDay, float]]) -> dict[str, Any]:
    first = newest_first[-1][0]
    return _row(first.date.isoformat(), first.midnight_ms, sum(net for _, net in newest_first))


def _row(time: str, at_ms: int, net: float) -> dict[str, Any]:
    return {"time": time, "timestamp": at_ms, "netInflow": round(net, 2)}


def _group(on: date, period: str) -> tuple[int, int]:
    if period == "day":
        return on.year, on.timetuple().tm_yday
    if period == "week":
        return on.isocalendar()[:2]
    return on.year, (on.month - 1) // _MONTHS[period]
