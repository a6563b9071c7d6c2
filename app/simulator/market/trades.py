"""The single trades of a trading day: one a second of the session, which add up to its bars."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.simulator.market.bars import LiveDays
from app.simulator.market.calendars import TradingDay


@dataclass(frozen=True, slots=True)
class Trade:
    """Hold one trade; ``direction`` is + for a higher price than before, - for a lower one, * for the same."""

    index: int
    at_ms: int
    price: float
    volume: int
    direction: str


def count_trades(series: LiveDays, day: TradingDay, now_ms: int) -> int:
    """Return how many trades a day has seen by a moment."""
    if not series.real_hours:
        return (min(now_ms, day.next_open_ms) - day.open_ms) // 1000
    if now_ms >= day.close_ms:
        return day.minutes * 60
    minute = day.minute_at(now_ms)
    return minute * 60 + min((now_ms - day.minute_start_ms(minute)) // 1000, 60)


def get_trades(series: LiveDays, day: TradingDay, first: int, last: int) -> Iterator[Trade]:
    """Yield the trades numbered from ``first`` up to, not including, ``last``."""
    if first >= last:
        return
    ticks = series.instrument.ticks
    before = series.day_so_far(day, _moment(series, day, first))
    for index in range(first, last):
        at_ms = _moment(series, day, index + 1)
        span = series.day_so_far(day, at_ms)
        direction = "+" if span.close > before.close else "-" if span.close < before.close else "*"
        yield Trade(index, at_ms, ticks.price(span.close), span.volume - before.volume, direction)
        before = span


def _moment(series: LiveDays, day: TradingDay, seconds: int) -> int:
    """Return the moment at which so many seconds of trading have passed."""
    if not series.real_hours or seconds == 0:
        return day.open_ms + seconds * 1000
    minute = (seconds - 1) // 60
    return day.minute_start_ms(minute) + (seconds - minute * 60) * 1000
