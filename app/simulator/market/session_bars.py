"""Bars of the sessions outside the regular one: minutes, and what they add up to."""

from collections.abc import Iterator
from functools import reduce
from itertools import groupby

from app.simulator.market.bars import MINUTE_PERIODS, NO_ADJUSTMENTS, Adjustments, Bar, make_bar
from app.simulator.market.paths import Span
from app.simulator.market.prices import PriceSeries
from app.simulator.market.sessions import Session, Stretch, find_stretch, get_minutes, get_stretch, has_sessions
from app.simulator.market.trades import Trade

_MINUTE_MS = 60_000


def newest_session_bars(
    series: PriceSeries,
    session: Session,
    period: str,
    limit: int,
    begin_ms: int | None,
    end_ms: int,
    now_ms: int,
    raw: Adjustments = NO_ADJUSTMENTS,
) -> list[Bar]:
    """Return the newest ``limit`` bars of a session from ``begin_ms`` on and before ``end_ms``, oldest first.

    There are bars of minutes only, and only of what trades outside the regular session.
    """
    chosen: list[Bar] = []
    if period not in MINUTE_PERIODS or not has_sessions(series.instrument):
        return chosen
    for stretch in _stretches(series, session, min(end_ms, now_ms)):
        factor = raw.factor(stretch.day.index)
        for start_ms, span in reversed(list(_grouped(series, stretch, MINUTE_PERIODS[period], now_ms))):
            if len(chosen) == limit or (begin_ms is not None and start_ms < begin_ms):
                return chosen[::-1]
            if start_ms < end_ms:
                chosen.append(make_bar(series, start_ms, span, factor, stretch.day.index))
    return chosen[::-1]


def get_session_trades(series: PriceSeries, session: Session, now_ms: int) -> list[Trade]:
    """Return the trades of the newest stretch of a session: one at the end of each of its minutes that traded at all.

    What has been told once is told so again.
    """
    if not has_sessions(series.instrument):
        return []
    price = series.instrument.ticks.price
    trades: list[Trade] = []
    for start_ms, span in get_minutes(series, find_stretch(series, session, now_ms), now_ms):
        if span.volume and start_ms + _MINUTE_MS <= now_ms:
            direction = "+" if span.close > span.open else "-" if span.close < span.open else "*"
            trades.append(Trade(len(trades), start_ms + _MINUTE_MS, price(span.close), span.volume, direction))
    return trades


def _stretches(series: PriceSeries, session: Session, at_ms: int) -> Iterator[Stretch]:
    """Yield the stretches of a session that have begun by a moment, newest first."""
    newest = find_stretch(series, session, at_ms)
    for index in range(newest.day.index, max(series.first_day, 1) - 1, -1):
        yield get_stretch(series, session, series.calendar.day(index))


def _grouped(series: PriceSeries, stretch: Stretch, minutes: int, now_ms: int) -> Iterator[tuple[int, Span]]:
    def get_number(minute: tuple[int, Span]) -> int:
        return (minute[0] - stretch.begin_ms) // (_MINUTE_MS * minutes)

    for number, group in groupby(get_minutes(series, stretch, now_ms), get_number):
        spans = (span for _, span in group)
        yield stretch.begin_ms + number * minutes * _MINUTE_MS, reduce(Span.followed_by, spans)
