"""Which dates options expire on, and at which strikes they are listed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from app.simulator.market.calendars import Calendar, calendar_of
from app.simulator.market.instruments import Instrument

_WEEKS = 8
_MONTHS = 12
_LATER_MONTHS = ((1, 1), (6, 1), (1, 2), (6, 2), (1, 3))
_HK_MONTHS = 6
_HK_QUARTERS = 5
_QUARTERLY = frozenset({"DIA", "IWM", "QQQ", "SPY"})
_NOT_OPTIONABLE = frozenset({"TLRY"})
_STEPS = ((20, "0.5"), (50, "1"), (150, "2.5"), (400, "5"), (1000, "10"))
_LARGEST_STEP = "20"

HK_CLASSES = {
    "00005": "HKB.HK", "00388": "HEX.HK", "00700": "TCH.HK", "00939": "CCB.HK", "00941": "CHT.HK", "01299": "AIA.HK",
    "01810": "MIU.HK", "02318": "PAI.HK", "03690": "MET.HK", "09618": "JDC.HK", "09988": "ALB.HK",
}  # fmt: skip
"""The option classes of Hong Kong by underlying, as Tiger writes them."""

HK_UNDERLYINGS = {option: stock for stock, option in HK_CLASSES.items()}


@dataclass(frozen=True, slots=True)
class Expiration:
    """Hold a date on which options expire; ``tag`` is Tiger's m, w or q, ``at_ms`` midnight at the exchange."""

    on: date
    tag: str
    at_ms: int

    @property
    def code(self) -> str:
        """Return the date as YYYYMMDD."""
        return f"{self.on:%Y%m%d}"


def is_optionable(instrument: Instrument) -> bool:
    """Say whether a listing has options."""
    if instrument.market == "HK":
        return instrument.symbol in HK_CLASSES
    return instrument.fractional and instrument.symbol not in _NOT_OPTIONABLE


@lru_cache(maxsize=256)
def expirations_of(instrument: Instrument, today: date) -> tuple[Expiration, ...]:
    """Return the expirations listed on a date at the exchange, that date included, soonest first."""
    if not is_optionable(instrument):
        return ()
    calendar = calendar_of(instrument.market)
    tags = _hk_dates(calendar, today) if instrument.market == "HK" else _us_dates(calendar, instrument, today)
    return tuple(
        Expiration(on, tags[on], calendar.midnight_ms(on)) for on in sorted(tags) if today <= on <= calendar.dates[-2]
    )


def _us_dates(calendar: Calendar, instrument: Instrument, today: date) -> dict[date, str]:
    tags: dict[date, str] = {}
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    for week in range(_WEEKS):
        tags[trading_day_by(calendar, friday + timedelta(weeks=week))] = "w"
    if instrument.symbol in _QUARTERLY:
        for year, month in _months_from(today, 15):
            if month % 3 == 0:
                tags[trading_day_by(calendar, _month_end(year, month))] = "q"
    months = _months_from(today, _MONTHS) + [(today.year + years, month) for month, years in _LATER_MONTHS]
    for year, month in months:
        tags[trading_day_by(calendar, third_friday(year, month))] = "m"
    return tags


def _hk_dates(calendar: Calendar, today: date) -> dict[date, str]:
    months = _months_from(today, _HK_MONTHS)
    quarters = [month for month in _months_from(today, 3 * _HK_QUARTERS) if month[1] % 3 == 0]
    return {_last_but_one(calendar, year, month): "m" for year, month in months + quarters}


def _months_from(today: date, number: int) -> list[tuple[int, int]]:
    first = today.year * 12 + today.month - 1
    return [divmod_month(first + offset) for offset in range(number)]


def divmod_month(months: int) -> tuple[int, int]:
    """Return year and month of a month counted from year 0."""
    year, month = divmod(months, 12)
    return year, month + 1


def _month_end(year: int, month: int) -> date:
    following = divmod_month(year * 12 + month)
    return date(*following, 1) - timedelta(days=1)


@cache
def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def trading_day_by(calendar: Calendar, on: date) -> date:
    """Return a date if it is a trading day, else the trading day before."""
    index = min(calendar.index_from(on), len(calendar.dates) - 1)
    return calendar.dates[index] if calendar.dates[index] == on else calendar.dates[max(index - 1, 0)]


def last_trading_day(calendar: Calendar, year: int, month: int) -> date:
    """Return the last trading day of a month."""
    return trading_day_by(calendar, _month_end(year, month))


def _last_but_one(calendar: Calendar, year: int, month: int) -> date:
    """Return the trading day before a month's last: the expiry of Hong Kong stock options."""
    return trading_day_by(calendar, last_trading_day(calendar, year, month) - timedelta(days=1))


def strike_step(instrument: Instrument) -> Decimal:
    """Return the distance of neighbouring strikes, which follows the listing's price level."""
    for level, step in _STEPS:
        if instrument.reference_price < level:
            return Decimal(step)
    return Decimal(_LARGEST_STEP)


def is_strike(instrument: Instrument, strike: Decimal) -> bool:
    """Say whether options of a listing can have a strike."""
    low, high = instrument.reference_price * 0.1, instrument.reference_price * 5
    return strike.is_finite() and low <= strike <= high and strike % strike_step(instrument) == 0


def strikes_about(instrument: Instrument, centre: float, years: float) -> list[Decimal]:
    """Return the listed strikes about a price: five standard deviations, but 20 % at least and 60 % at most."""
    reach = min(max(5 * instrument.volatility * years**0.5, 0.2), 0.6)
    step = strike_step(instrument)
    first = max(int(Decimal(centre * (1 - reach)) / step), 1)
    last = int(Decimal(centre * (1 + reach)) / step) + 1
    strikes = (step * number for number in range(first, last + 1))
    return [strike for strike in strikes if is_strike(instrument, strike)]
