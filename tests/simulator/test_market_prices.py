"""Prices agree with each other at every moment, at every level."""

from datetime import UTC, datetime
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.clock import Clock
from app.simulator.market import Exchange
from app.simulator.market.bars import MINUTE_PERIODS
from app.simulator.market.listings import LISTINGS
from app.simulator.market.paths import Span

NOW_MS = int(datetime(2026, 3, 11, 18, 0, tzinfo=UTC).timestamp() * 1000)
YEARS_MS = 6 * 365 * 86_400_000

symbols = st.sampled_from(sorted(LISTINGS))
moments = st.integers(NOW_MS - YEARS_MS, NOW_MS + YEARS_MS)
OPEN_ALWAYS = Exchange(11, Clock(NOW_MS))
REAL_HOURS = Exchange(11, Clock(NOW_MS), real_hours=True)
exchanges = st.sampled_from([OPEN_ALWAYS, REAL_HOURS])


def _multiple(price: float, tick: float) -> bool:
    return abs(price / tick - round(price / tick)) < 1e-6


@given(exchanges, symbols, moments)
def test_a_quote_lies_within_its_day(exchange: Exchange, symbol: str, at_ms: int) -> None:
    quote = exchange.quote(symbol, at_ms)

    assert 0 < quote.low <= min(quote.open, quote.latest)
    assert max(quote.open, quote.latest) <= quote.high
    assert quote.bid <= quote.latest <= quote.ask
    assert quote.bid < quote.ask
    assert isinstance(quote.volume, int)
    assert quote.volume >= 0
    assert quote.latest_ms <= at_ms


@given(exchanges, symbols, moments)
def test_every_price_is_on_the_tick_grid(exchange: Exchange, symbol: str, at_ms: int) -> None:
    ticks = LISTINGS[symbol].ticks
    quote = exchange.quote(symbol, at_ms)

    for price in (quote.open, quote.high, quote.low, quote.latest, quote.bid, quote.ask, quote.pre_close):
        assert _multiple(price, ticks.tick_units(ticks.units(price)) / ticks.scale)


@given(exchanges, symbols, moments)
def test_the_previous_close_is_the_close_of_the_day_before(exchange: Exchange, symbol: str, at_ms: int) -> None:
    series = exchange.series(symbol)
    today = series.calendar.current(at_ms)
    before = series.calendar.day(today.index - 1)
    last_ms = before.close_ms if exchange.real_hours else today.open_ms - 1

    closing = series.day_so_far(before, last_ms + 1000)

    assert exchange.quote(symbol, at_ms).pre_close == series.instrument.ticks.price(closing.close)


@given(exchanges, symbols, moments, st.sampled_from(sorted(MINUTE_PERIODS.values())))
@settings(deadline=None)
def test_the_bars_of_every_period_add_up_to_the_day(exchange: Exchange, symbol: str, at_ms: int, period: int) -> None:
    series = exchange.series(symbol)
    day = series.calendar.current(at_ms)

    bars = [span for _, span in series.minute_bars(day, period, at_ms)]

    assert reduce(Span.followed_by, bars) == series.day_so_far(day, at_ms)
    assert all(one.close == next_one.open for one, next_one in pairwise(bars))
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)


@given(symbols, moments, st.sampled_from([3, 5, 10, 15, 30, 45, 60, 120, 180, 240, 360]))
@settings(deadline=None)
def test_longer_bars_aggregate_the_minutes_within_them(symbol: str, at_ms: int, period: int) -> None:
    series = OPEN_ALWAYS.series(symbol)
    day = series.calendar.current(at_ms)
    minutes = list(series.minute_bars(day, 1, at_ms))
    longer = list(series.minute_bars(day, period, at_ms))
    ends = [start for start, _ in longer[1:]] + [at_ms + 1]

    for (start, span), end in zip(longer, ends, strict=True):
        assert span == reduce(Span.followed_by, [bar for begun, bar in minutes if start <= begun < end])


@given(exchanges, symbols, moments, st.integers(0, 90_000_000))
def test_a_day_only_grows(exchange: Exchange, symbol: str, at_ms: int, later: int) -> None:
    series = exchange.series(symbol)
    day = series.calendar.current(at_ms)
    earlier = series.day_so_far(day, at_ms)

    grown = series.day_so_far(day, at_ms + later)

    assert grown.high >= earlier.high
    assert grown.low <= earlier.low
    assert grown.volume >= earlier.volume
    assert grown.open == earlier.open


@given(exchanges, symbols, moments)
def test_a_day_continues_where_the_one_before_closed(exchange: Exchange, symbol: str, at_ms: int) -> None:
    series = exchange.series(symbol)
    index = series.calendar.current(at_ms).index

    assert series.whole_day(index).open == series.whole_day(index - 1).close


def test_the_same_seed_gives_the_same_prices_whatever_was_asked_before() -> None:
    one, other = Exchange(5, Clock(NOW_MS)), Exchange(5, Clock(NOW_MS))
    asked = [other.quote("AAPL", NOW_MS + step * 977) for step in range(-500, 1)]

    assert one.quote("AAPL", NOW_MS) == asked[-1]
    assert Exchange(6, Clock(NOW_MS)).quote("AAPL", NOW_MS) != asked[-1]


@pytest.mark.parametrize("hour", [0, 3, 9, 14, 20])
@pytest.mark.parametrize("day", [11, 14, 15])
def test_prices_move_at_any_hour_of_a_market_that_never_closes(day: int, hour: int) -> None:
    start_ms = int(datetime(2026, 3, day, hour, 30, tzinfo=UTC).timestamp() * 1000)

    seen = {OPEN_ALWAYS.quote("AAPL", start_ms + minute * 60_000).latest for minute in range(20)}

    assert len(seen) > 3


def test_prices_rest_between_the_sessions_of_real_hours() -> None:
    saturday_ms = int(datetime(2026, 3, 14, 15, 0, tzinfo=UTC).timestamp() * 1000)

    seen = {REAL_HOURS.quote("AAPL", saturday_ms + hour * 3_600_000).latest for hour in range(20)}

    assert len(seen) == 1
    assert REAL_HOURS.quote("AAPL", saturday_ms).latest_ms < saturday_ms


def test_a_held_price_is_quoted_and_belongs_to_the_day_until_it_is_let_go() -> None:
    exchange = Exchange(11, Clock(NOW_MS))
    free = exchange.quote("AAPL")
    exchange.set_price("AAPL", free.high + 10)
    held = exchange.quote("AAPL")
    exchange.set_price("AAPL", None)

    assert held.latest == held.high == round(free.high + 10, 2)
    assert held.low == free.low
    assert held.bid <= held.latest <= held.ask
    assert exchange.quote("AAPL") == free


def test_a_held_price_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="above zero"):
        OPEN_ALWAYS.set_price("AAPL", 0)


def test_realised_volatility_is_about_what_the_listing_says() -> None:
    series = OPEN_ALWAYS.series("AAPL")
    last = series.calendar.current(NOW_MS).index
    closes = [series.close_units(index) for index in range(last - 1000, last)]
    changes = [after / before - 1 for before, after in pairwise(closes)]
    yearly = (sum(change * change for change in changes) / len(changes) * 252) ** 0.5

    assert 0.6 * series.instrument.volatility < yearly < 1.5 * series.instrument.volatility
