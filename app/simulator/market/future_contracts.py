"""Futures: products, their contracts, and which of them is the main one on a day.

A continuous contract (ESmain) stands for whichever contract is the main one.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import FIRST_DAY, calendar_of
from app.simulator.market.expirations import divmod_month, last_trading_day, third_friday, trading_day_by
from app.simulator.market.noise import seed_of, uniform

_CODE = re.compile(r"([A-Z0-9]{2,4}?)(\d{4}|main)")
_MONTHS_AHEAD = 18
_ROLLS_BEFORE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Product:
    """Describe what a family of contracts is about.

    ``path`` names the price path, ``reference_price`` the level that it wanders about; ``margins`` are the initial and
    the maintenance margin as parts of a contract's value; ``exchange_code`` is the venue as older systems call it.
    """

    code: str
    name: str
    chinese_name: str
    exchange: str
    exchange_code: str
    multiplier: Decimal
    tick: Decimal
    months: tuple[int, ...]
    path: str
    reference_price: float
    volatility: float
    daily_volume: int
    margins: tuple[Decimal, Decimal]
    worth: str
    delivery: str
    kind: str


@dataclass(frozen=True, slots=True)
class FutureContract:
    """Name a future; ``month`` (YYYYMM) and ``last_trading_day`` (YYYYMMDD) are empty for a continuous one."""

    code: str
    product: str
    name: str
    exchange: str
    multiplier: Decimal
    tick: Decimal
    month: str
    last_trading_day: str
    is_continuous: bool

    @property
    def listed_on(self) -> date:
        """Return since when it is listed: a continuous one for as long as there are prices."""
        if self.is_continuous:
            return FIRST_DAY
        months = int(self.month[:4]) * 12 + int(self.month[4:]) - 1 - _MONTHS_AHEAD
        return max(date(*divmod_month(months), 1), FIRST_DAY)


_QUARTERS = (3, 6, 9, 12)
_EVERY_MONTH = tuple(range(1, 13))
_EVEN_MONTHS = (2, 4, 6, 8, 10, 12)
PRODUCTS = {
    product.code: product
    for product in (
        Product("ES", "E-mini S&P 500", "标普500指数", "CME", "GLOBEX", Decimal(50), Decimal("0.25"), _QUARTERS,
                ".SPX", 6430, 0.15, 1_400_000, (Decimal("0.055"), Decimal("0.05")),
                "US$50 USD per index point", "Cash", "Equity Index"),
        Product("MES", "Micro E-mini S&P 500", "微型标普500", "CME", "GLOBEX", Decimal(5), Decimal("0.25"), _QUARTERS,
                ".SPX", 6430, 0.15, 1_100_000, (Decimal("0.055"), Decimal("0.05")),
                "US$5 USD per index point", "Cash", "Equity Index"),
        Product("NQ", "E-mini NASDAQ-100", "纳斯达克100指数", "CME", "GLOBEX", Decimal(20), Decimal("0.25"), _QUARTERS,
                "QQQ", 23_500, 0.20, 600_000, (Decimal("0.07"), Decimal("0.064")),
                "US$20 USD per index point", "Cash", "Equity Index"),
        Product("CL", "WTI Crude Oil", "WTI原油", "NYMEX", "NYMEX", Decimal(1000), Decimal("0.01"), _EVERY_MONTH,
                "CL", 68, 0.33, 300_000, (Decimal("0.10"), Decimal("0.09")),
                "US$1,000 x futures price", "Physical", "Energy"),
        Product("GC", "Gold", "黄金", "COMEX", "NYMEX", Decimal(100), Decimal("0.1"), _EVEN_MONTHS,
                "GLD", 3_360, 0.16, 190_000, (Decimal("0.06"), Decimal("0.055")),
                "US$100 x futures price", "Physical", "Metals"),
    )
}  # fmt: skip
EXCHANGES = {"CME": "America/Chicago", "NYMEX": "America/New_York", "COMEX": "America/New_York"}
"""The exchanges that list them, with their zones."""


def get_contract(code: str, today: date) -> FutureContract | None:
    """Return a future that is listed on a day, by product and month (ES2612), or by product and "main"."""
    match = _CODE.fullmatch(code)
    product = PRODUCTS.get(match[1]) if match else None
    if match is None or product is None:
        return None
    if match[2] == "main":
        return _describe(product, None)
    year, month = 2000 + int(match[2][:2]), int(match[2][2:])
    ahead = year * 12 + month - today.year * 12 - today.month
    if month not in product.months or not -1 <= ahead <= _MONTHS_AHEAD:
        return None
    return _describe(product, (year, month)) if _last_day(product.code, year, month) >= today else None


def list_contracts(product: Product, today: date) -> list[FutureContract]:
    """Return the contracts of a product that are listed on a day, soonest first, without the continuous one."""
    first = today.year * 12 + today.month - 1
    months = (divmod_month(first + ahead) for ahead in range(_MONTHS_AHEAD + 1))
    return [
        _describe(product, (year, month))
        for year, month in months
        if month in product.months and _last_day(product.code, year, month) >= today
    ]


@lru_cache(maxsize=4096)
def get_main(product: Product, on: date) -> FutureContract:
    """Return the contract that is the main one on a day: the soonest that is not about to end."""
    calendar = calendar_of("FUT")
    index = min(calendar.index_from(on) + _ROLLS_BEFORE_DAYS, len(calendar.dates) - 1)
    return list_contracts(product, calendar.dates[index])[0]


def get_open_interest(contract: FutureContract, day: int) -> int:
    """Return how many contracts are open after a trading day."""
    seed = seed_of(contract.code, "open interest")
    whole = PRODUCTS[contract.product].daily_volume * (0.6 + uniform(seed, 0))
    return int(whole * (1 + 0.02 * uniform(seed, day)))


def _describe(product: Product, month: tuple[int, int] | None) -> FutureContract:
    ending, name = ("main", "main") if month is None else (f"{month[0] % 100:02d}{month[1]:02d}", "")
    return FutureContract(
        code=product.code + ending,
        product=product.code,
        name=f"{product.name} - {name or f'{date(*(month or (1, 1)), 1):%b %Y}'}",
        exchange=product.exchange,
        multiplier=product.multiplier,
        tick=product.tick,
        month="" if month is None else f"{month[0]}{month[1]:02d}",
        last_trading_day="" if month is None else f"{_last_day(product.code, *month):%Y%m%d}",
        is_continuous=month is None,
    )


@lru_cache(maxsize=1024)
def _last_day(product: str, year: int, month: int) -> date:
    """Return about when a contract stops trading: index futures on the third Friday, the others near a month's end."""
    calendar = calendar_of("FUT")
    if product in {"ES", "MES", "NQ"}:
        return trading_day_by(calendar, third_friday(year, month))
    if product == "CL":
        previous = divmod_month(year * 12 + month - 2)
        return calendar.dates[calendar.index_from(date(*previous, 25)) - 3]
    return calendar.dates[calendar.index_from(last_trading_day(calendar, year, month)) - 2]
