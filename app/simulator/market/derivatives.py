"""Hong Kong warrants and bull/bear contracts, and a few futures: contracts only, without quotes."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import calendar_of
from app.simulator.market.exchange import Exchange
from app.simulator.market.expirations import divmod_month, last_trading_day, third_friday
from app.simulator.market.instruments import Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of
from app.simulator.market.ticks import HK_TICKS, TickTable

_UNDERLYINGS = ("00005", "00388", "00700", "02318", "03690", "09988")
_MONTHS = 12
_ISSUERS = (("UB", "瑞银"), ("JP", "摩通"), ("SG", "法兴"), ("HS", "汇丰"))
_FUTURE_CODE = re.compile(r"([A-Z0-9]{2,4}?)(\d{4}|main)")
_FUTURE_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Warrant:
    """Name a warrant (WAR) or bull/bear contract (IOPT); ``right`` CALL is the bull."""

    symbol: str
    name: str
    chinese_name: str
    sec_type: str
    underlying: str
    expiry: str
    strike: Decimal
    right: str
    shares_per_lot: int

    @property
    def ticks(self) -> TickTable:
        """Return the tick table of its price."""
        return HK_TICKS

    def name_in(self, language: str) -> str:
        """Return the name in Tiger's language code."""
        return self.chinese_name if language.startswith("zh") else self.name


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


@dataclass(frozen=True, slots=True)
class _Product:
    name: str
    exchange: str
    multiplier: Decimal
    tick: Decimal
    months: tuple[int, ...]


_QUARTERS = (3, 6, 9, 12)
_PRODUCTS = {
    "ES": _Product("E-mini S&P 500", "CME", Decimal(50), Decimal("0.25"), _QUARTERS),
    "MES": _Product("Micro E-mini S&P 500", "CME", Decimal(5), Decimal("0.25"), _QUARTERS),
    "NQ": _Product("E-mini NASDAQ-100", "CME", Decimal(20), Decimal("0.25"), _QUARTERS),
    "CL": _Product("WTI Crude Oil", "NYMEX", Decimal(1000), Decimal("0.01"), tuple(range(1, 13))),
    "GC": _Product("Gold", "COMEX", Decimal(100), Decimal("0.1"), (2, 4, 6, 8, 10, 12)),
}


class Derivatives:
    """List warrants, bull/bear contracts and futures that have not expired."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def warrants(self, underlying: str, at_ms: int) -> tuple[Warrant, ...]:
        """Return the warrants and bull/bear contracts on a Hong Kong stock."""
        if underlying not in _UNDERLYINGS:
            return ()
        return _warrants_of(LISTINGS[underlying], calendar_of("HK").local_date(at_ms))

    def warrant(self, symbol: str, at_ms: int) -> Warrant | None:
        """Return the warrant or bull/bear contract with a five-digit code."""
        for underlying in _UNDERLYINGS:
            for warrant in self.warrants(underlying, at_ms):
                if warrant.symbol == symbol:
                    return warrant
        return None

    def future(self, code: str, at_ms: int) -> FutureContract | None:
        """Return a future by its code: product and month (ES2612), or product and "main"."""
        match = _FUTURE_CODE.fullmatch(code)
        product = _PRODUCTS.get(match[1]) if match else None
        if match is None or product is None:
            return None
        if match[2] == "main":
            name = f"{product.name} - main"
            return FutureContract(
                code,
                match[1],
                name,
                product.exchange,
                product.multiplier,
                product.tick,
                "",
                "",
                is_continuous=True,
            )
        year, month = 2000 + int(match[2][:2]), int(match[2][2:])
        today = calendar_of("US").local_date(at_ms)
        ahead = year * 12 + month - today.year * 12 - today.month
        if month not in product.months or not 0 <= ahead <= _FUTURE_MONTHS:
            return None
        last = _last_future_day(match[1], year, month)
        if last < today:
            return None
        name = f"{product.name} - {date(year, month, 1):%b %Y}"
        return FutureContract(
            code,
            match[1],
            name,
            product.exchange,
            product.multiplier,
            product.tick,
            f"{year}{month:02d}",
            f"{last:%Y%m%d}",
            is_continuous=False,
        )


@lru_cache(maxsize=64)
def _warrants_of(underlying: Instrument, today: date) -> tuple[Warrant, ...]:
    calendar = calendar_of("HK")
    months = (divmod_month(today.year * 12 + today.month - 1 + offset) for offset in range(_MONTHS))
    expiries = (last_trading_day(calendar, year, month) for year, month in months)
    return tuple(
        _warrant(underlying, expiry, sec_type, right)
        for expiry in expiries
        if expiry >= today
        for sec_type in ("WAR", "IOPT")
        for right in ("CALL", "PUT")
    )


def _warrant(underlying: Instrument, expiry: date, sec_type: str, right: str) -> Warrant:
    number = seed_of("warrant", underlying.symbol, expiry, sec_type, right)
    # Codes 13000 to 29999 are derivative warrants, 50000 to 69999 bull/bear contracts (HKEX code allocation).
    code = 13_000 + number % 17_000 if sec_type == "WAR" else 50_000 + number % 20_000
    away = 1.08 if (right == "CALL") == (sec_type == "WAR") else 0.92
    strike = underlying.ticks.rounded(underlying.ticks.units(underlying.reference_price * away))
    issuer, chinese_issuer = _ISSUERS[number >> 40 & 3]
    word = underlying.name.split(maxsplit=1)[0].upper()[:6]
    mark = ("@E" + right[0]) if sec_type == "WAR" else ("#R" + right[0])
    chinese_mark = {"WARCALL": "购", "WARPUT": "沽", "IOPTCALL": "牛", "IOPTPUT": "熊"}[sec_type + right]
    return Warrant(
        symbol=f"{code:05d}",
        name=f"{issuer}{word}{mark}{expiry:%y%m}A",
        chinese_name=f"{underlying.chinese_name[:2]}{chinese_issuer}{expiry:%y%m}{chinese_mark}A",
        sec_type=sec_type,
        underlying=underlying.symbol,
        expiry=f"{expiry:%Y%m%d}",
        strike=Decimal(strike) / underlying.ticks.scale,
        right=right,
        shares_per_lot=underlying.lot_size * 10,
    )


def _last_future_day(product: str, year: int, month: int) -> date:
    """Return about when a contract stops trading: index futures on the third Friday, the others near a month's end."""
    calendar = calendar_of("US")
    if product in {"ES", "MES", "NQ"}:
        return third_friday(year, month)
    if product == "CL":
        previous = divmod_month(year * 12 + month - 2)
        index = calendar.index_from(date(*previous, 25))
        return calendar.dates[index - 3]
    return last_trading_day(calendar, year, month) - timedelta(days=2)
