"""How volatile a listing is taken to be on a day, and how volatile it was: what option prices rest on."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, log, sqrt

from app.simulator.market.noise import seed_of, smooth
from app.simulator.market.prices import PriceSeries
from app.simulator.market.valuation import get_smile

_TRADING_DAYS = 252
_WINDOW = 30
_SLOW, _FAST = (17, 0.22), (4, 0.07)
"""Spacing in trading days and reach of the two waves that the level rides on."""


@dataclass(frozen=True, slots=True)
class VolatilityDay:
    """Hold a trading day's volatilities, annual, 0.25 for 25 %: implied at the money, and that of the last 30 days."""

    day: int
    implied: float
    historical: float


@lru_cache(maxsize=8192)
def get_level(series: PriceSeries, seed: int, day: int) -> float:
    """Return the volatility that options of a listing are priced with on a trading day, before the smile."""
    waves = sum(
        reach * smooth(seed_of(seed, series.instrument.symbol, "volatility", spacing), day / spacing)
        for spacing, reach in (_SLOW, _FAST)
    )
    return series.instrument.volatility * exp(waves)


def get_volatility_days(series: PriceSeries, seed: int, last: int, count: int) -> list[VolatilityDay]:
    """Return the volatilities of the last ``count`` trading days up to ``last``, oldest first."""
    first = max(last - count + 1, series.first_day)
    closes = [series.close_units(day) for day in range(first - _WINDOW, last + 1)]
    returns = [log(later / earlier) for earlier, later in pairwise(closes)]
    return [
        VolatilityDay(
            day,
            get_smile(get_level(series, seed, day), 1.0, 1.0, 0.0),
            _deviation(returns[day - first : day - first + _WINDOW]) * sqrt(_TRADING_DAYS),
        )
        for day in range(first, last + 1)
    ]


def _deviation(returns: list[float]) -> float:
    """Return the standard deviation; that of the standard library is exact and ten times slower."""
    mean = sum(returns) / len(returns)
    return sqrt(sum((value - mean) ** 2 for value in returns) / (len(returns) - 1))


def get_percentile(ordered: Sequence[float], value: float) -> float:
    """Return which part of the values, given in rising order, lies below one of them, 0 to 1."""
    return bisect_left(ordered, value) / len(ordered)


def get_rank(ordered: Sequence[float], value: float) -> float:
    """Return where a value stands between the least and the greatest of all, 0 to 1."""
    low, high = ordered[0], ordered[-1]
    return (value - low) / (high - low) if high > low else 0.0
