"""Corporate events that are matters of record: splits, listings, delistings, changes of symbol, dividend habits.

Dates of splits, listings and changes are the historical ones; dividends are plausible amounts per payment.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Split:
    """Turn ``from_factor`` shares into ``to_factor`` shares before the open of a trading day."""

    executes_on: date
    from_factor: float
    to_factor: float


@dataclass(frozen=True, slots=True)
class DividendHabit:
    """Describe what a listing pays: amount per payment around 2025, and the months of its ex-dates."""

    amount: float
    months: tuple[int, ...]
    growth: float = 1.05


@dataclass(frozen=True, slots=True)
class Delisting:
    """Record a listing that ended."""

    symbol: str
    exchange: str
    executes_on: date
    announced_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class SymbolChange:
    """Record a listing that took another symbol."""

    old_symbol: str
    new_symbol: str
    exchange: str
    executes_on: date


@dataclass(frozen=True, slots=True)
class Offering:
    """Record how a listing began; ``price`` is the offer or reference price in its currency."""

    symbol: str
    name: str
    exchange: str
    listed_on: date
    price: float


SPLITS: dict[str, tuple[Split, ...]] = {
    "AAPL": (Split(date(2020, 8, 31), 1, 4),),
    "AMZN": (Split(date(2022, 6, 6), 1, 20),),
    "AVGO": (Split(date(2024, 7, 15), 1, 10),),
    "GE": (Split(date(2021, 8, 2), 8, 1),),
    "GOOG": (Split(date(2022, 7, 18), 1, 20),),
    "GOOGL": (Split(date(2022, 7, 18), 1, 20),),
    "NVDA": (Split(date(2021, 7, 20), 1, 4), Split(date(2024, 6, 10), 1, 10)),
    "TSLA": (Split(date(2020, 8, 31), 1, 5), Split(date(2022, 8, 25), 1, 3)),
    "WMT": (Split(date(2024, 2, 26), 1, 3),),
}

DELISTINGS = (
    Delisting("TWTR", "NYSE", date(2022, 11, 8), date(2022, 10, 28), "merger"),
    Delisting("ATVI", "NASDAQ", date(2023, 10, 16), date(2023, 10, 13), "merger"),
    Delisting("VMW", "NYSE", date(2023, 11, 22), date(2023, 11, 21), "merger"),
)

SYMBOL_CHANGES = (
    SymbolChange("FB", "META", "NASDAQ", date(2022, 6, 9)),
    SymbolChange("SQ", "XYZ", "NYSE", date(2025, 1, 21)),
)

OFFERINGS = (
    Offering("PLTR", "Palantir Technologies", "NYSE", date(2020, 9, 30), 7.25),
    Offering("ABNB", "Airbnb", "NASDAQ", date(2020, 12, 10), 68.0),
    Offering("COIN", "Coinbase Global", "NASDAQ", date(2021, 4, 14), 250.0),
    Offering("RIVN", "Rivian Automotive", "NASDAQ", date(2021, 11, 10), 78.0),
)

_JANUARY, _FEBRUARY, _MARCH = (1, 4, 7, 10), (2, 5, 8, 11), (3, 6, 9, 12)

DIVIDENDS: dict[str, DividendHabit] = {
    "AAPL": DividendHabit(0.26, _FEBRUARY, 1.04),
    "ABBV": DividendHabit(1.64, _JANUARY),
    "AVGO": DividendHabit(0.59, _MARCH, 1.1),
    "BAC": DividendHabit(0.28, _MARCH, 1.08),
    "C": DividendHabit(0.60, _FEBRUARY),
    "CAT": DividendHabit(1.51, _JANUARY, 1.07),
    "COST": DividendHabit(1.30, _FEBRUARY, 1.1),
    "CSCO": DividendHabit(0.41, _JANUARY, 1.03),
    "CVX": DividendHabit(1.71, _FEBRUARY),
    "DIA": DividendHabit(0.62, tuple(range(1, 13)), 1.03),
    "DIS": DividendHabit(0.50, (1, 7), 1.1),
    "F": DividendHabit(0.15, _FEBRUARY, 1.0),
    "GE": DividendHabit(0.36, _MARCH),
    "GM": DividendHabit(0.15, _MARCH, 1.02),
    "GOOG": DividendHabit(0.21, _MARCH),
    "GOOGL": DividendHabit(0.21, _MARCH),
    "GS": DividendHabit(4.00, _FEBRUARY, 1.08),
    "HD": DividendHabit(2.30, _MARCH, 1.04),
    "IBM": DividendHabit(1.68, _FEBRUARY, 1.01),
    "IWM": DividendHabit(0.66, _MARCH, 1.04),
    "JNJ": DividendHabit(1.30, _FEBRUARY),
    "JPM": DividendHabit(1.40, _JANUARY, 1.09),
    "KO": DividendHabit(0.51, _MARCH),
    "LLY": DividendHabit(1.50, _FEBRUARY, 1.13),
    "MA": DividendHabit(0.76, _JANUARY, 1.12),
    "MCD": DividendHabit(1.77, _MARCH, 1.07),
    "META": DividendHabit(0.525, _MARCH),
    "MRK": DividendHabit(0.81, _MARCH, 1.05),
    "MSFT": DividendHabit(0.83, _FEBRUARY, 1.1),
    "MU": DividendHabit(0.115, _JANUARY, 1.0),
    "NKE": DividendHabit(0.40, _MARCH, 1.07),
    "NVDA": DividendHabit(0.01, _MARCH, 1.0),
    "ORCL": DividendHabit(0.50, _JANUARY, 1.1),
    "PEP": DividendHabit(1.42, _MARCH),
    "PFE": DividendHabit(0.43, _JANUARY, 1.02),
    "PG": DividendHabit(1.06, _JANUARY),
    "QCOM": DividendHabit(0.89, _MARCH),
    "QQQ": DividendHabit(0.71, _MARCH, 1.06),
    "SPY": DividendHabit(1.76, _MARCH),
    "T": DividendHabit(0.2775, _JANUARY, 1.0),
    "TLT": DividendHabit(0.31, tuple(range(1, 13)), 1.02),
    "TSM": DividendHabit(0.82, _MARCH, 1.1),
    "UNH": DividendHabit(2.21, _MARCH, 1.1),
    "V": DividendHabit(0.59, _FEBRUARY, 1.13),
    "VOO": DividendHabit(1.74, _MARCH),
    "VZ": DividendHabit(0.6775, _JANUARY, 1.02),
    "WMT": DividendHabit(0.235, _MARCH, 1.06),
    "XOM": DividendHabit(0.99, _FEBRUARY, 1.04),
    "00001": DividendHabit(1.1, (5, 9), 1.01),
    "00005": DividendHabit(0.78, (3, 5, 8, 11), 1.04),
    "00388": DividendHabit(4.5, (3, 9), 1.04),
    "00700": DividendHabit(4.5, (5,), 1.2),
    "00939": DividendHabit(0.2, (6, 12), 1.02),
    "00941": DividendHabit(2.6, (5, 9), 1.05),
    "01299": DividendHabit(0.65, (5, 9), 1.07),
    "02318": DividendHabit(1.3, (6, 9), 1.05),
    "02800": DividendHabit(0.45, (5, 11), 1.03),
    "09988": DividendHabit(1.0, (6,), 1.05),
    "000001": DividendHabit(0.36, (6, 10), 1.06),
    "300750": DividendHabit(4.55, (4,), 1.1),
    "600036": DividendHabit(2.0, (7,), 1.05),
    "600519": DividendHabit(27.6, (6, 12), 1.06),
    "601318": DividendHabit(1.2, (6, 10), 1.05),
}
