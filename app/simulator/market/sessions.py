"""Trading outside the regular session of United States stocks: before it, after it, and overnight.

While the market never closes, prices are those of the regular path, which moves at any hour. With real hours they leave
the close in the afternoon, wander, and come back to it by the next opening, where the path goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from app.simulator.market.calendars import MINUTE_MS, TradingDay
from app.simulator.market.instruments import STOCK, Instrument
from app.simulator.market.noise import seed_of, smooth, uniform
from app.simulator.market.paths import Span
from app.simulator.market.phases import post_market_end_ms
from app.simulator.market.prices import PriceSeries

_HOUR_MS = 60 * MINUTE_MS
_REACH = 0.01
"""How far prices wander, in annual volatilities."""
_FADE_MS = 30 * MINUTE_MS
_SHARES_TRADED = {"PreMarket": 0.00006, "AfterHours": 0.00008, "OverNight": 0.00001}


class Session(Enum):
    """Name the sessions as Tiger's ``trade_session`` does."""

    PRE_MARKET = "PreMarket"
    AFTER_HOURS = "AfterHours"
    OVERNIGHT = "OverNight"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hold one session of a trading day: overnight and pre-market lead to its opening, after hours follow its close.

    ``anchor`` is the day whose close the prices come from.
    """

    session: Session
    day: TradingDay
    anchor: TradingDay
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ExtendedQuote:
    """Hold the quote of a session: its price, the close that it follows, and the moment of its last minute."""

    session: Session
    price: float
    reference: float
    volume: int
    at_ms: int


def has_sessions(instrument: Instrument) -> bool:
    """Say whether something trades outside the regular session."""
    return instrument.market == "US" and instrument.sec_type == STOCK


def get_stretch(series: PriceSeries, session: Session, day: TradingDay) -> Stretch:
    """Return a session of a trading day."""
    if session is Session.AFTER_HOURS:
        return Stretch(session, day, day, day.close_ms, post_market_end_ms(day))
    anchor = series.calendar.day(max(day.index - 1, 0))
    four = day.midnight_ms + 4 * _HOUR_MS
    begin_ms, end_ms = (four, day.open_ms) if session is Session.PRE_MARKET else (day.midnight_ms - 4 * _HOUR_MS, four)
    return Stretch(session, day, anchor, begin_ms, end_ms)


def find_stretch(series: PriceSeries, session: Session, at_ms: int) -> Stretch:
    """Return the newest stretch of a session that has begun by a moment."""
    current = series.calendar.current(at_ms)
    following = get_stretch(series, session, series.calendar.day(current.index + 1))
    if following.begin_ms <= at_ms:
        return following
    found = get_stretch(series, session, current)
    return found if found.begin_ms <= at_ms else get_stretch(series, session, series.calendar.day(current.index - 1))


def get_price(series: PriceSeries, stretch: Stretch, at_ms: int) -> float:
    """Return the price on the grid at a moment of a stretch."""
    return _get_prices(series, stretch, [at_ms])[0]


def _get_prices(series: PriceSeries, stretch: Stretch, moments: Sequence[int]) -> list[float]:
    price = series.instrument.ticks.price
    if not series.real_hours:
        return [price(units) for units in series.closes_at(stretch.anchor, moments)]
    close = series.whole_day(stretch.anchor.index).close
    seed = seed_of(series.instrument.symbol, "extended hours")
    reach = series.instrument.volatility * _REACH

    def get_drift(at_ms: int) -> float:
        nearest_ms = min(at_ms - stretch.anchor.close_ms, stretch.anchor.next_open_ms - at_ms)
        weight = max(0.0, min(1.0, nearest_ms / _FADE_MS))
        return reach * smooth(seed, at_ms / (15 * MINUTE_MS)) * weight

    return [price(round(close * (1 + get_drift(at_ms)))) for at_ms in moments]


def get_reference(series: PriceSeries, stretch: Stretch) -> float:
    """Return the close of the regular session that a stretch follows."""
    span = series.day_so_far(stretch.anchor, stretch.anchor.close_ms)
    return series.instrument.ticks.price(span.close)


def get_volume(series: PriceSeries, stretch: Stretch, at_ms: int) -> int:
    """Return how much a stretch has traded by a moment."""
    return _get_volumes(series, stretch, [at_ms])[0]


def _get_volumes(series: PriceSeries, stretch: Stretch, moments: Sequence[int]) -> list[int]:
    minutes = (stretch.end_ms - stretch.begin_ms) // MINUTE_MS
    whole = series.instrument.shares * _SHARES_TRADED[stretch.session.value]
    whole *= 1 + series.sample(stretch.day.index, 7)
    seed = seed_of(series.instrument.symbol, stretch.session, stretch.day.index)

    def get_part(minute: int) -> float:
        return min(1.0, (minute + (uniform(seed, minute) if 0 < minute < minutes else 0.0)) / minutes)

    volumes = []
    for at_ms in moments:
        passed, rest_ms = divmod(max(min(at_ms, stretch.end_ms) - stretch.begin_ms, 0), MINUTE_MS)
        part = get_part(passed)
        if rest_ms:
            part += (get_part(passed + 1) - part) * rest_ms / MINUTE_MS
        volumes.append(int(whole * part))
    return volumes


def get_minutes(series: PriceSeries, stretch: Stretch, now_ms: int) -> Sequence[tuple[int, Span]]:
    """Return start and span of each minute of a stretch that has begun; their volumes add up to its own."""
    if now_ms >= stretch.end_ms and not series.is_pinned:
        return _get_finished(series, stretch)
    return _get_minutes(series, stretch, now_ms)


@lru_cache(maxsize=256)
def _get_finished(series: PriceSeries, stretch: Stretch) -> Sequence[tuple[int, Span]]:
    return _get_minutes(series, stretch, stretch.end_ms)


def _get_minutes(series: PriceSeries, stretch: Stretch, now_ms: int) -> Sequence[tuple[int, Span]]:
    starts = range(stretch.begin_ms, min(stretch.end_ms, now_ms + 1), MINUTE_MS)
    moments = [stretch.begin_ms, *(min(start_ms + MINUTE_MS, now_ms) for start_ms in starts)]
    prices = [series.instrument.ticks.units(price) for price in _get_prices(series, stretch, moments)]
    volumes = _get_volumes(series, stretch, moments)
    minutes = []
    for number, start_ms in enumerate(starts):
        first, last = prices[number], prices[number + 1]
        traded = volumes[number + 1] - volumes[number]
        minutes.append((start_ms, Span(first, max(first, last), min(first, last), last, traded)))
    return minutes


def get_extended_quote(series: PriceSeries, now_ms: int) -> ExtendedQuote:
    """Return the quote of the pre-market or of the hours after the close, the newer of the two.

    A finished pre-market ends a minute before the opening, as in Tiger's answers.
    """
    stretches = (find_stretch(series, session, now_ms) for session in (Session.PRE_MARKET, Session.AFTER_HOURS))
    stretch = max(stretches, key=lambda found: found.begin_ms)
    price_ms = min(now_ms, stretch.end_ms)
    ended_early = stretch.end_ms <= now_ms and stretch.session is Session.PRE_MARKET
    return ExtendedQuote(
        stretch.session,
        get_price(series, stretch, price_ms),
        get_reference(series, stretch),
        get_volume(series, stretch, now_ms),
        stretch.end_ms - MINUTE_MS if ended_early else price_ms,
    )
