"""What an option did minute by minute and day by day: its underlying's bars, priced as on their day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from app.simulator.market.bars import MINUTE_PERIODS
from app.simulator.market.calendars import MINUTE_MS, TradingDay
from app.simulator.market.exchange import Exchange
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.options import OptionContract, Options
from app.simulator.market.paths import Span

OPTION_PERIODS = ("day", *MINUTE_PERIODS)
_LISTED_DAYS = {"w": 8 * 7, "m": 365, "q": 365}
_MOST_STEPS = 100
"""Into so many steps a minute is divided that lasts longer than one, since the market does not close after it."""


@dataclass(frozen=True, slots=True)
class OptionBar:
    """Hold a bar; prices per share of the underlying, volume in contracts, ``open_interest`` that of the day."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    open_interest: int


@dataclass(frozen=True, slots=True)
class OptionTrade:
    """Hold one trade; volume in contracts."""

    at_ms: int
    price: float
    volume: int


class OptionHistory:
    """Tell the bars and trades of options that are listed."""

    def __init__(self, exchange: Exchange, options: Options) -> None:
        self._exchange = exchange
        self._options = options

    def newest_bars(
        self, contract: OptionContract, period: str, limit: int, begin_ms: int | None, end_ms: int, now_ms: int
    ) -> list[OptionBar]:
        """Return the newest ``limit`` bars that start from ``begin_ms`` on and before ``end_ms``, oldest first."""
        calendar = self._exchange.series(contract.underlying).calendar
        today = calendar.current(min(now_ms, contract.expires_ms)).index
        chosen: list[OptionBar] = []
        for index in range(today, self._first_day(contract) - 1, -1):
            day = calendar.day(index)
            if day.midnight_ms >= end_ms:
                continue
            for bar in reversed(self.bars_of_day(contract, day, period, now_ms)):
                if len(chosen) == limit or (begin_ms is not None and bar.start_ms < begin_ms):
                    return chosen[::-1]
                if bar.start_ms < end_ms:
                    chosen.append(bar)
        return chosen[::-1]

    def bars_of_day(self, contract: OptionContract, day: TradingDay, period: str, now_ms: int) -> list[OptionBar]:
        """Return the bars of one trading day that have begun, oldest first; their volumes add up to the day's."""
        series = self._exchange.series(contract.underlying)
        pricing = self._options.pricing_on(contract, day.index)
        price = series.instrument.ticks.price
        whole = series.whole_day(day.index).volume
        bars, before = [], 0
        for start_ms, span in self._spans(contract, day, period, now_ms):
            before, earlier = before + span.volume, before
            high, low = pricing.extremes(price(span.high), price(span.low))
            bars.append(
                OptionBar(
                    start_ms,
                    pricing.price(price(span.open)),
                    high,
                    low,
                    pricing.price(price(span.close)),
                    pricing.traded(whole, before) - pricing.traded(whole, earlier),
                    pricing.open_interest,
                )
            )
        return bars

    def trades(self, contract: OptionContract, now_ms: int) -> Iterator[OptionTrade]:
        """Yield the trades of the current trading day, oldest first: what has been told once is told so again.

        Those of the minutes that have passed add up to these.
        """
        series = self._exchange.series(contract.underlying)
        day = series.calendar.current(min(now_ms, contract.expires_ms))
        pricing = self._options.pricing_on(contract, day.index)
        whole = series.whole_day(day.index).volume
        before = 0
        for at_ms in self._trading_moments(contract, day, now_ms):
            span = series.day_so_far(day, at_ms)
            traded = pricing.traded(whole, span.volume)
            if traded > before:
                yield OptionTrade(at_ms, pricing.price(series.instrument.ticks.price(span.close)), traded - before)
                before = traded

    def _trading_moments(self, contract: OptionContract, day: TradingDay, now_ms: int) -> Iterator[int]:
        """Yield the moments of a day by now at which an option is traded: two in each minute, the second at its end.

        Where the market never closes, a minute before a break lasts until its end, and has some more.
        """
        rests = self._exchange.series(contract.underlying).real_hours
        seed = seed_of(self._exchange.seed, contract.identifier, day.index, "trades")
        starts = [day.minute_start_ms(minute) for minute in range(day.minutes)]
        for start_ms, next_ms in pairwise([*starts, day.next_open_ms]):
            end_ms = start_ms + MINUTE_MS if rests else next_ms
            step = max(MINUTE_MS, (end_ms - start_ms) // _MOST_STEPS // 1000 * 1000)
            for step_ms in range(start_ms, end_ms, step):
                if step_ms > now_ms:
                    return
                within = int(step * (0.1 + 0.8 * uniform(seed, step_ms))) // 1000 * 1000
                yield from (at_ms for at_ms in (step_ms + within, min(step_ms + step, end_ms)) if at_ms <= now_ms)

    def _spans(self, contract: OptionContract, day: TradingDay, period: str, now_ms: int) -> Iterator[tuple[int, Span]]:
        series = self._exchange.series(contract.underlying)
        if period == "day":
            today = series.calendar.current(now_ms)
            span = series.day_so_far(day, now_ms) if day is today else series.whole_day(day.index)
            yield day.midnight_ms, span
        else:
            yield from series.minute_bars(day, MINUTE_PERIODS[period], now_ms)

    def _first_day(self, contract: OptionContract) -> int:
        """Return the trading day from which on an option has been listed: weeklies for weeks, others for a year."""
        calendar = self._exchange.series(contract.underlying).calendar
        listed = self._options.expirations(contract.symbol, min(self._exchange.now_ms(), contract.expires_ms - 1))
        tag = next((expiration.tag for expiration in listed if expiration.code == contract.expiry), "m")
        on = calendar.local_date(contract.expiry_ms) - timedelta(days=_LISTED_DAYS[tag])
        today = calendar.current(self._exchange.now_ms()).index
        return min(max(calendar.index_from(on), 1), today)
