"""Bars of every period, newest page first in what is chosen and oldest first in what is answered."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.simulator.market.calendars import Calendar, TradingDay
from app.simulator.market.instruments import Instrument
from app.simulator.market.paths import Span

MINUTE_PERIODS = {
    "1min": 1, "3min": 3, "5min": 5, "10min": 10, "15min": 15, "30min": 30, "45min": 45, "60min": 60,
    "2hour": 120, "3hour": 180, "4hour": 240, "6hour": 360,
}  # fmt: skip
DAY_PERIODS = ("day", "week", "month", "year")
PERIODS = (*DAY_PERIODS, *MINUTE_PERIODS)


class Days(Protocol):
    """Tell what happened on each trading day: the prices of an instrument, or of several that follow each other."""

    @property
    def instrument(self) -> Instrument:
        """Return what the prices are of; its ticks are the grid."""

    @property
    def calendar(self) -> Calendar:
        """Return the trading days."""

    @property
    def first_day(self) -> int:
        """Return the number of the first trading day that there are prices of."""

    def whole_day(self, index: int, /) -> Span:
        """Return the finished bar of a trading day."""

    def day_so_far(self, day: TradingDay, at_ms: int) -> Span:
        """Return a day's bar as it stands at a moment within it."""

    def minute_bars(self, day: TradingDay, period: int, at_ms: int) -> Iterator[tuple[int, Span]]:
        """Yield start and span of each bar of so many minutes that has begun by a moment, oldest first."""


class LiveDays(Days, Protocol):
    """Tell the running day from second to second as well."""

    @property
    def real_hours(self) -> bool:
        """Say whether prices rest between sessions."""

    def is_over(self, day: TradingDay, at_ms: int) -> bool:
        """Say whether a day's bar is finished at a moment."""

    def sample(self, second: int, purpose: int) -> float:
        """Return a number in [0, 1) that belongs to one second, for sizes and spreads."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Hold a bar: start in epoch milliseconds, prices on the tick grid, volume in shares, amount in currency.

    A day's bar starts at midnight of the exchange (a future's with its session); a week's, month's and year's with its
    first trading day. ``last_day`` is the trading day in which it ends.
    """

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    amount: float
    last_day: int


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Hold a listing's splits as (number of the first trading day after, shares for one), oldest first.

    The price series is adjusted for them ("br"); unadjusted bars ("nr") undo the later ones.
    """

    splits: tuple[tuple[int, float], ...] = ()

    def factor(self, day: int) -> float:
        """Return what a raw price of a trading day is divided by to be comparable with today's."""
        factor = 1.0
        for first_day, ratio in reversed(self.splits):
            if day >= first_day:
                break
            factor *= ratio
        return factor


NO_ADJUSTMENTS = Adjustments()


def newest_bars(
    series: Days,
    period: str,
    limit: int,
    begin_ms: int | None,
    end_ms: int,
    now_ms: int,
    raw: Adjustments = NO_ADJUSTMENTS,
) -> list[Bar]:
    """Return the newest ``limit`` bars that start from ``begin_ms`` on and before ``end_ms``, oldest first."""
    if period in MINUTE_PERIODS:
        newest_first = _minute_bars(series, MINUTE_PERIODS[period], end_ms, now_ms, raw)
    else:
        newest_first = _grouped_days(series, period, end_ms, now_ms, raw)
    chosen: list[Bar] = []
    for bar in newest_first:
        if len(chosen) == limit or (begin_ms is not None and bar.start_ms < begin_ms):
            break
        if bar.start_ms < end_ms:
            chosen.append(bar)
    chosen.reverse()
    return chosen


def _last_day(series: Days, end_ms: int, now_ms: int) -> TradingDay:
    """Return the newest trading day that can hold a bar which starts before ``end_ms``."""
    today = series.calendar.current(now_ms)
    if end_ms > today.open_ms:
        return today
    dates = series.calendar.dates
    index = bisect_right(dates, series.calendar.local_date(max(end_ms, 0))) - 1
    return series.calendar.day(max(min(index, today.index), 0))


def _minute_bars(series: Days, minutes: int, end_ms: int, now_ms: int, raw: Adjustments) -> Iterator[Bar]:
    for index in range(_last_day(series, end_ms, now_ms).index, series.first_day - 1, -1):
        day = series.calendar.day(index)
        factor = raw.factor(index)
        bars = list(series.minute_bars(day, minutes, now_ms))
        for start_ms, span in reversed(bars):
            yield make_bar(series, start_ms, span, factor, index)


def _day_bars(series: Days, last: int, now_ms: int, raw: Adjustments) -> Iterator[Bar]:
    today = series.calendar.current(now_ms)
    for index in range(last, series.first_day - 1, -1):
        day = series.calendar.day(index)
        span = series.day_so_far(day, now_ms) if day is today else series.whole_day(index)
        yield make_bar(series, day.start_ms, span, raw.factor(index), index)


def _grouped_days(series: Days, period: str, end_ms: int, now_ms: int, raw: Adjustments) -> Iterator[Bar]:
    """Yield bars of days, or of the weeks, months or years that hold them, newest first."""
    calendar = series.calendar
    last = _last_day(series, end_ms, now_ms).index
    if period == "day":
        yield from _day_bars(series, last, now_ms, raw)
        return
    # A group is whole or it is the current one: the days after ``end_ms`` belong to a bar that began before.
    newest = calendar.current(now_ms).index
    while last < newest and _group(calendar.dates[last + 1], period) == _group(calendar.dates[last], period):
        last += 1
    group: list[Bar] = []
    for bar in _day_bars(series, last, now_ms, raw):
        if group and _group(calendar.dates[bar.last_day], period) != _group(calendar.dates[group[0].last_day], period):
            yield _joined(group)
            group = []
        group.append(bar)
    if group:
        yield _joined(group)


def _group(on: date, period: str) -> tuple[int, int]:
    if period == "week":
        return on.isocalendar()[:2]
    return (on.year, on.month if period == "month" else 0)


def _joined(newest_first: list[Bar]) -> Bar:
    first, last = newest_first[-1], newest_first[0]
    return Bar(
        first.start_ms,
        first.open,
        max(bar.high for bar in newest_first),
        min(bar.low for bar in newest_first),
        last.close,
        sum(bar.volume for bar in newest_first),
        round(sum(bar.amount for bar in newest_first), 2),
        last.last_day,
    )


def make_bar(series: Days, start_ms: int, span: Span, factor: float, day: int) -> Bar:
    """Return a span as a bar; ``factor`` undoes the splits after its day."""
    price = series.instrument.ticks.price
    volume = span.volume
    if factor == 1.0:
        prices = (price(span.open), price(span.high), price(span.low), price(span.close))
    else:
        prices = (
            price(round(span.open * factor)),
            price(round(span.high * factor)),
            price(round(span.low * factor)),
            price(round(span.close * factor)),
        )
        volume = round(volume / factor)
    return Bar(start_ms, *prices, volume, round(sum(prices) / 4 * volume, 2), day)
