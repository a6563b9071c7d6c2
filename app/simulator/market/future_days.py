"""The prices of a future, day by day: its product's path, and what its month costs more until it ends.

Within a day that premium is one factor, so that ticks, minutes and the day agree as they do on the path itself. A
continuous contract has on each day the prices of the contract that was the main one.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import TradingDay
from app.simulator.market.exchange import Exchange
from app.simulator.market.future_contracts import PRODUCTS, FutureContract, Product, get_main
from app.simulator.market.instruments import FUTURE, Instrument
from app.simulator.market.paths import Span
from app.simulator.market.ticks import TickTable

CARRY = 0.035
"""What a contract costs more for each year to its last trading day."""
_FINE = 100
_TURNOVER = 250
"""A day's volume is about 0.4 % of what the path takes for shares."""


class FutureDays:
    """Tell a future's days as ``bars.Days``; ``pinned`` holds prices by code that are held from now on."""

    def __init__(self, exchange: Exchange, contract: FutureContract, pinned: Mapping[str, Decimal]) -> None:
        product = PRODUCTS[contract.product]
        self._contract = contract
        self._pinned = pinned
        self._series = exchange.series_of(_instrument_of(product))
        self.instrument = self._series.instrument
        self.calendar = self._series.calendar
        self.real_hours = exchange.real_hours
        self.first_day = self.calendar.index_from(contract.listed_on)

    def sample(self, second: int, purpose: int) -> float:
        """Return a number in [0, 1) that belongs to one second, for sizes and spreads."""
        return self._series.sample(second, purpose)

    def is_over(self, day: TradingDay, at_ms: int) -> bool:
        """Say whether a day's bar is finished at a moment."""
        return self._series.is_over(day, at_ms)

    def whole_day(self, index: int, /) -> Span:
        """Return the finished bar of a trading day."""
        return self._moved(self._series.whole_day(index), self.calendar.dates[index])

    def day_so_far(self, day: TradingDay, at_ms: int) -> Span:
        """Return a day's bar as it stands at a moment within it."""
        return self._held(self._moved(self._series.day_so_far(day, at_ms), day.date))

    def minute_bars(self, day: TradingDay, period: int, at_ms: int) -> Iterator[tuple[int, Span]]:
        """Yield start and span of each bar of so many minutes that has begun by a moment, oldest first."""
        bars = [(start, self._moved(span, day.date)) for start, span in self._series.minute_bars(day, period, at_ms)]
        if bars and self.calendar.current(at_ms) is day:
            bars[-1] = (bars[-1][0], self._held(bars[-1][1]))
        yield from bars

    def _moved(self, span: Span, on: date) -> Span:
        """Return a span of the path at the level of the contract on a day."""
        factor = _get_factor(self._contract, on)
        first, high, low, last = (round(units * factor) for units in span[:4])
        return Span(first, high, low, last, span.volume)

    def _held(self, span: Span) -> Span:
        pinned = self._pinned.get(self._contract.code)
        if pinned is None:
            return span
        units = self.instrument.ticks.units(pinned)
        return Span(span.open, max(span.high, units), min(span.low, units), units, span.volume)


@lru_cache(maxsize=4096)
def _get_factor(contract: FutureContract, on: date) -> float:
    """Return how far above its product's path a contract is on a day."""
    month = get_main(PRODUCTS[contract.product], on) if contract.is_continuous else contract
    ends_on = datetime.strptime(month.last_trading_day, "%Y%m%d").date()  # noqa: DTZ007 - a date without a time.
    return 1 + CARRY * max(0, (ends_on - on).days) / 365


@lru_cache(maxsize=64)
def _instrument_of(product: Product) -> Instrument:
    return Instrument(
        symbol=product.code,
        name=product.name,
        chinese_name=product.chinese_name,
        market="US",
        exchange=product.exchange,
        reference_price=product.reference_price,
        volatility=product.volatility,
        shares=product.daily_volume * _TURNOVER,
        sec_type=FUTURE,
        path=product.path,
        clock="FUT",
        own_ticks=TickTable(_FINE, (), (int(product.tick * _FINE),)),
    )
