"""The Black-Scholes value of European options without dividends, and its sensitivities."""

from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt

RATE = 0.01
"""The risk-free interest of a year. Small, so that early exercise, which is not modelled, is worth little."""

YEAR_MS = 365 * 86_400_000
_SHORTEST_YEARS = 1e-7


@dataclass(frozen=True, slots=True)
class Value:
    """Hold an option's value per share and its greeks: theta per day, vega and rho per percentage point."""

    price: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


def get_values(spot: float, strike: float, years: float, volatility: float) -> tuple[Value, Value]:
    """Return the values of call and put; they share one volatility, so that put-call parity holds exactly."""
    years = max(years, _SHORTEST_YEARS)
    deviation = volatility * sqrt(years)
    first = log(spot / strike) / deviation + (RATE / volatility) * sqrt(years) + deviation / 2
    second = first - deviation
    discounted = strike * exp(-RATE * years)
    density = exp(-first * first / 2) / sqrt(2 * pi)
    in_first, in_second = _normal(first), _normal(second)
    gamma = density / (spot * deviation)
    vega = spot * density * sqrt(years) / 100
    decay = -spot * density * volatility / (2 * sqrt(years))
    call = Value(
        price=max(spot * in_first - discounted * in_second, 0.0),
        delta=in_first,
        gamma=gamma,
        theta=(decay - RATE * discounted * in_second) / 365,
        vega=vega,
        rho=discounted * years * in_second / 100,
    )
    put = Value(
        price=max(discounted * (1 - in_second) - spot * (1 - in_first), 0.0),
        delta=in_first - 1,
        gamma=gamma,
        theta=(decay + RATE * discounted * (1 - in_second)) / 365,
        vega=vega,
        rho=-discounted * years * (1 - in_second) / 100,
    )
    return call, put


def get_smile(volatility: float, spot: float, strike: float, years: float) -> float:
    """Return the implied volatility at a strike: a little above the listing's own, higher away from the money."""
    distance = log(strike / spot) / (volatility * sqrt(years + 0.05))
    distance = max(-6.0, min(6.0, distance))
    return volatility * (1.08 - 0.03 * distance + 0.012 * distance * distance)


def _normal(value: float) -> float:
    return 0.5 * (1 + erf(value / sqrt(2)))
