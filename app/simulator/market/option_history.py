"""What an option did minute by minute and day by day: its underlying's bars, priced as on their day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.simulator.market.bars import MINUTE_PERIODS
from app.simulator.market.calendars import TradingDay
from app.simulator.market.exchange import Exchange
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.options import OptionContract, Options
from app.simulator.market.paths import Span

OPTION_PERIODS = ("day", *MINUTE_PERIODS)
_LISTED_DAYS = {"w": 8 * 7, "m": 365, "q": 365}
_SPLIT_FROM = 4
"""A minute's contracts are traded at once, or in two trades from so many on."""


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
        """Yield the trades of the current trading day, oldest first; they add up to its minutes."""
        day = self._exchange.series(contract.underlying).calendar.current(min(now_ms, contract.expires_ms))
        seed = seed_of(self._exchange.seed, contract.identifier, day.index, "trades")
        for number, bar in enumerate(self.bars_of_day(contract, day, "1min", now_ms)):
            if not bar.volume:
                continue
            last_ms = min(bar.start_ms + 59_999, now_ms)
            at_ms = bar.start_ms + int((last_ms - bar.start_ms) * uniform(seed, number))
            first = 1 + int((bar.volume - 1) * uniform(seed, -number)) if bar.volume >= _SPLIT_FROM else 0
            if first:
                yield OptionTrade((bar.start_ms + at_ms) // 2, bar.open, first)
            yield OptionTrade(at_ms, bar.close, bar.volume - first)

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
