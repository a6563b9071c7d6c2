"""The price of one listing at every moment: a function of seed, symbol and time, with nothing stored.

Daily closes are smooth noise about the reference price; a day's inside is a tree of spans (``paths``).

The rule for markets that never close: each trading day has its regular minutes, and the last minute before
the night, a weekend, a holiday or a lunch break simply lasts until the next session opens. So prices move
at any hour, history has trading days and regular minutes only, the bar that is still open is always the last
one, and all levels agree. With real hours the price rests between sessions instead.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import exp, log, sqrt

from app.simulator.market.calendars import Calendar, TradingDay, calendar_of
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import mixed, seed_of, smooth, uniform
from app.simulator.market.paths import Branch, Span, bar_plan, bars_of, day_plan, split, up_to_minute

_OCTAVES = ((1, 1.0), (3, 1.7), (11, 3.0), (41, 5.2), (157, 9.0), (601, 15.0))
"""Spacing in trading days, and amplitude in daily standard deviations: together like a bounded random walk."""

_TURNOVER = 0.004
_INDEX_VOLUME = 400_000_000
_CHECKPOINT_SECONDS = 64


class PriceSeries:
    """Compute bars and running quotes of one listing; not thread-safe (it keeps a cursor)."""

    def __init__(self, instrument: Instrument, seed: int, real_hours: bool) -> None:
        self.instrument = instrument
        self.calendar: Calendar = calendar_of(instrument.calendar_name)
        self.first_day = self.calendar.index_from(instrument.listed_on)
        self.real_hours = real_hours
        self._seed = seed_of(seed, instrument.path or instrument.symbol)
        self._octave_seeds = [mixed(self._seed, number) for number in range(len(_OCTAVES))]
        self._daily = instrument.volatility / sqrt(252)
        self._level = log(instrument.reference_price)
        self._pinned: int | None = None
        self._cursor: _Cursor | None = None
        self.close_units = lru_cache(maxsize=4096)(self._close_units)
        self.whole_day = lru_cache(maxsize=4096)(self._whole_day)
        # Quotes that are pushed bear the bar of the minute: every second the same day is looked at.
        self._whole_bars = lru_cache(maxsize=2)(self._divide)

    def pin(self, price: float | None) -> None:
        """Hold the price from now on, so that a test can make a limit trigger; None lets it go."""
        self._pinned = None if price is None else self.instrument.ticks.rounded(self.instrument.ticks.units(price))

    @property
    def is_pinned(self) -> bool:
        """Say whether the price is held."""
        return self._pinned is not None

    def _close_units(self, index: int) -> int:
        """Return the close of a trading day in fine units."""
        height = self._daily * sum(
            amplitude * smooth(seed, index / spacing)
            for seed, (spacing, amplitude) in zip(self._octave_seeds, _OCTAVES, strict=True)
        )
        return max(round(exp(self._level + height) * self.instrument.ticks.scale), 2)

    def _whole_day(self, index: int) -> Span:
        """Return the finished bar of a trading day."""
        first, last = self.close_units(index - 1), self.close_units(index)
        bits = mixed(self._seed, 1_000_000 + index)
        reach = self._daily * last * 0.9
        above, below = (bits & 0xFFFF) / 65536, (bits >> 16 & 0xFFFF) / 65536
        moved = abs(last - first) / (self._daily * first)
        base = self.instrument.shares * _TURNOVER if self.instrument.shares else _INDEX_VOLUME
        volume = int(base * (0.6 + (bits >> 32 & 0xFFFF) / 65536 + 0.35 * moved))
        high = max(first, last) + int(reach * above * above)
        low = max(min(first, last) - int(reach * below * below), 1)
        return Span(first, high, low, last, volume)

    def is_over(self, day: TradingDay, at_ms: int) -> bool:
        """Say whether a day's bar is finished at a moment."""
        return at_ms >= (day.close_ms if self.real_hours else day.next_open_ms)

    def day_so_far(self, day: TradingDay, at_ms: int) -> Span:
        """Return a day's bar as it stands at a moment within it."""
        if self.is_over(day, at_ms):
            return self._held(self.whole_day(day.index))
        cursor = self._cursor_at(day, day.minute_at(at_ms))
        span = self._minute_so_far(cursor, at_ms)
        return self._held(span if cursor.passed is None else cursor.passed.followed_by(span))

    def minute_bars(self, day: TradingDay, period: int, at_ms: int) -> Iterator[tuple[int, Span]]:
        """Yield start and span of each bar of ``period`` minutes that has begun by a moment, oldest first."""
        starts, spans = self._whole_bars(day, period)
        if self.is_over(day, at_ms):
            is_held = self._pinned is not None and self.calendar.current(at_ms) is day
            last = self._held(spans[-1]) if is_held else spans[-1]
            yield from zip(map(day.minute_start_ms, starts), (*spans[:-1], last), strict=True)
            return
        minute = day.minute_at(at_ms)
        begun = bisect_right(starts, minute)
        yield from zip(map(day.minute_start_ms, starts[: begun - 1]), spans, strict=False)
        first = starts[begun - 1]
        passed, _ = up_to_minute(self._plan(day), self.whole_day(day.index), self._day_seed(day.index), minute, first)
        running = self._minute_so_far(self._cursor_at(day, minute), at_ms)
        yield day.minute_start_ms(first), self._held(running if passed is None else passed.followed_by(running))

    def _divide(self, day: TradingDay, period: int) -> tuple[tuple[int, ...], tuple[Span, ...]]:
        """Return the first minute and the finished span of each bar of a day."""
        cut, starts = bar_plan(self._plan(day), day.lunch_minute, period)
        return starts, tuple(bars_of(cut, self.whole_day(day.index), self._day_seed(day.index), starts))

    def closes_at(self, day: TradingDay, moments: Sequence[int]) -> list[int]:
        """Return the prices at moments in rising order, all after a day's last minute has begun.

        One walk serves them all: asked for one by one, a night's minutes took twenty times as long.
        """
        if self._pinned is not None or self.real_hours:
            return [self.day_so_far(day, at_ms).close for at_ms in moments]
        last = day.minutes - 1
        start_ms = day.minute_start_ms(last)
        return self._cursor_at(day, last).closes_after([(at_ms - start_ms) // 1000 for at_ms in moments])

    def _held(self, span: Span) -> Span:
        """Carry a span's end to the pinned price, if there is one."""
        pinned = self._pinned
        if pinned is None:
            return span
        return Span(span.open, max(span.high, pinned), min(span.low, pinned), pinned, span.volume)

    def _plan(self, day: TradingDay) -> Branch:
        return day_plan(day.minutes, day.lunch_minute, not self.real_hours)

    def _day_seed(self, index: int) -> int:
        return mixed(self._seed, 2_000_000 + index)

    def _cursor_at(self, day: TradingDay, minute: int) -> "_Cursor":
        cursor = self._cursor
        if cursor is None or cursor.day is not day or cursor.minute != minute:
            day_seed = self._day_seed(day.index)
            passed, span = up_to_minute(self._plan(day), self.whole_day(day.index), day_seed, minute)
            seconds = 60 if self.real_hours else self._minute_seconds(day, minute)
            cursor = _Cursor(day, minute, passed, span, seconds, mixed(day_seed, 1_000_000 + minute))
            self._cursor = cursor
        return cursor

    @staticmethod
    def _minute_seconds(day: TradingDay, minute: int) -> int:
        following = day.minute_start_ms(minute + 1) if minute + 1 < day.minutes else day.next_open_ms
        return (following - day.minute_start_ms(minute)) // 1000

    @staticmethod
    def _minute_so_far(cursor: "_Cursor", at_ms: int) -> Span:
        return cursor.so_far((at_ms - cursor.day.minute_start_ms(cursor.minute)) // 1000)

    def sample(self, second: int, purpose: int) -> float:
        """Return a number in [0, 1) that belongs to one second of this listing, for sizes and spreads."""
        return uniform(self._seed ^ purpose, second)


class _Cursor:
    """Walk the seconds of one minute, remembering where the last question was answered."""

    __slots__ = ("_bits_seed", "_checkpoint", "_seconds", "_span", "day", "minute", "passed")

    def __init__(
        self, day: TradingDay, minute: int, passed: Span | None, span: Span, seconds: int, bits_seed: int
    ) -> None:
        self.day = day
        self.minute = minute
        self.passed = passed
        self._span = span
        self._seconds = seconds
        self._bits_seed = bits_seed
        start = Span(span.open, span.open, span.open, span.open, 0)
        self._checkpoint = (1, 0, seconds, span, start)

    def so_far(self, elapsed: int) -> Span:
        """Return the minute's span after so many seconds of it."""
        elapsed = min(elapsed, self._seconds)
        number, start, end, span, passed = self._checkpoint
        if not start < elapsed <= end:
            number, start, end, span = 1, 0, self._seconds, self._span
            passed = Span(span.open, span.open, span.open, span.open, 0)
        while start < elapsed:
            if elapsed == end:
                return passed.followed_by(span)
            middle = (start + end) // 2
            before, after = split(span, mixed(self._bits_seed, number), (middle - start) / (end - start), 0.5)
            if elapsed <= middle:
                number, end, span = 2 * number, middle, before
            else:
                passed = passed.followed_by(before)
                number, start, span = 2 * number + 1, middle, after
            if end - start >= _CHECKPOINT_SECONDS // 2 and end - start <= _CHECKPOINT_SECONDS:
                self._checkpoint = (number, start, end, span, passed)
        return passed

    def closes_after(self, seconds: Sequence[int]) -> list[int]:
        """Return the price after each of so many seconds, which are in rising order."""
        closes = [self._span.open] * len(seconds)
        self._walk(1, (0, self._seconds), self._span, seconds, (bisect_right(seconds, 0), len(seconds)), closes)
        return closes

    def _walk(
        self,
        number: int,
        stretch: tuple[int, int],
        span: Span,
        seconds: Sequence[int],
        asked: tuple[int, int],
        closes: list[int],
    ) -> None:
        """Fill in the closes of the seconds asked for, which all lie within a stretch."""
        (start, end), (first, last) = stretch, asked
        while first < last and seconds[last - 1] >= end:
            last -= 1
            closes[last] = span.close
        if first == last:
            return
        middle = (start + end) // 2
        before, after = split(span, mixed(self._bits_seed, number), (middle - start) / (end - start), 0.5)
        border = bisect_right(seconds, middle, first, last)
        self._walk(2 * number, (start, middle), before, seconds, (first, border), closes)
        self._walk(2 * number + 1, (middle, end), after, seconds, (border, last), closes)
