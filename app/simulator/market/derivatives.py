"""Which warrants and bull/bear contracts there are in Hong Kong, and which futures: contracts without quotes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import calendar_of
from app.simulator.market.exchange import Exchange
from app.simulator.market.expirations import divmod_month, last_trading_day
from app.simulator.market.future_contracts import FutureContract, get_contract
from app.simulator.market.instruments import Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of
from app.simulator.market.ticks import HK_TICKS, TickTable

__all__ = ["Derivatives", "FutureContract", "Warrant"]

_UNDERLYINGS = ("00005", "00388", "00700", "02318", "03690", "09988")
_CODES = {"WAR": (13_000, 2_800), "IOPT": (50_000, 3_300)}
"""The first code of each type, and how many each underlying has."""
_MONTHS = 12
_ISSUERS = (("UB", "瑞银"), ("JP", "摩通"), ("SG", "法兴"), ("HS", "汇丰"))


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
        return get_contract(code, calendar_of("FUT").current(at_ms).date)


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
    first, room = _CODES[sec_type]
    months = (expiry.year * 12 + expiry.month) * 2 + (right == "CALL")
    code = first + _UNDERLYINGS.index(underlying.symbol) * room + months % room
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
