"""How one option is priced throughout a trading day: as a rising or falling function of its underlying's price.

The time to the expiry and the level of volatility are those of the day's opening, so that an option's high and low, its
minutes and its day follow from the underlying's and add up as those do.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import exp, log

from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.ticks import OPTION_TICKS, TickTable
from app.simulator.market.valuation import Value, get_smile, get_values

_MOST_INTEREST = 9_000
_TURNOVER = 0.6
_SHORTEST_YEARS = 1 / 365


@dataclass(frozen=True, slots=True)
class OptionContract:
    """Name one option.

    ``symbol`` is the option class (AAPL, TCH.HK) and ``underlying`` the listing (AAPL, 00700). ``expires_ms``
    is the close of trading on the expiry, ``expiry_ms`` midnight before it: Tiger's number for the date.
    """

    symbol: str
    underlying: str
    market: str
    currency: str
    expiry: str
    expiry_ms: int
    expires_ms: int
    strike: Decimal
    right: str
    multiplier: int

    @property
    def identifier(self) -> str:
        """Return the 21 characters of the Options Symbology Initiative: class, date, right, strike × 1000."""
        return f"{self.symbol:<6}{self.expiry[2:]}{self.right[0]}{int(self.strike * 1000):08d}"

    @property
    def ticks(self) -> TickTable:
        """Return the tick table of its price."""
        return OPTION_TICKS


@dataclass(frozen=True, slots=True)
class OptionDay:
    """Price an option on the trading day numbered ``day``, ``years`` before its expiry, at a ``level`` of volatility.

    ``open_interest`` and ``day_volume`` are in contracts; the volume is that of the whole day.
    """

    contract: OptionContract
    day: int
    years: float
    level: float
    open_interest: int
    day_volume: int

    def value(self, spot: float) -> tuple[Value, float]:
        """Return value and implied volatility at a price of the underlying."""
        strike = float(self.contract.strike)
        volatility = get_smile(self.level, spot, strike, self.years)
        call, put = get_values(spot, strike, self.years, volatility)
        return (call if self.contract.right == "CALL" else put), volatility

    def price(self, spot: float) -> float:
        """Return the price on the grid at a price of the underlying."""
        ticks = self.contract.ticks
        return ticks.price(ticks.units(self.value(spot)[0].price))

    def extremes(self, high: float, low: float) -> tuple[float, float]:
        """Return the option's high and low that go with its underlying's."""
        if self.contract.right == "PUT":
            high, low = low, high
        return self.price(high), self.price(low)

    def traded(self, whole_day: int, so_far: int) -> int:
        """Return the volume by the time that so many of a whole day's shares of the underlying were traded."""
        return self.day_volume * so_far // whole_day if whole_day else 0


@lru_cache(maxsize=8192)
def get_option_day(
    contract: OptionContract, day: int, years: float, level: float, close_before: float, seed: int
) -> OptionDay:
    """Return the pricing of an option for a day; interest is less, the further the strike was from the last close."""
    strike = float(contract.strike)
    years_left = max(years, _SHORTEST_YEARS)
    distance = log(strike / close_before) / (get_smile(level, close_before, strike, years_left) * years_left**0.5)
    nearness = exp(-distance * distance / 5)
    interest = int(_MOST_INTEREST * uniform(seed_of(contract.identifier), 1) * nearness)
    volume = int(interest * _TURNOVER * uniform(seed_of(seed, contract.identifier, day), 2))
    return OptionDay(contract, day, years, level, interest, volume)
