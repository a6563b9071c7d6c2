"""When the exchanges trade: trading days, holidays, half days and the minutes of a session.

FUT stands for the futures exchanges of the United States, whose session begins on the evening before its date, CC for
digital assets, which trade around the clock. United States holidays follow the rules of the New York Stock Exchange.
Hong Kong and mainland China keep their fixed holidays, Easter where observed, and the two lunar festivals that close
both for days or are known far ahead; shorter lunar holidays are trading days here.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

FIRST_DAY = date(2015, 1, 2)
LAST_YEAR = 2045
MINUTE_MS = 60_000
DAY_MS = 86_400_000
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
_FIRST_JUNETEENTH = 2022

_LUNAR_NEW_YEAR = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """Describe a market's clock: its zone and its continuous sessions, local start and length in minutes.

    ``days_ahead`` is how many days before its date a trading day opens.
    """

    zone: ZoneInfo
    sessions: tuple[tuple[time, int], ...]
    days_ahead: int = 0

    @property
    def minutes(self) -> int:
        """Return how many minutes an ordinary day trades."""
        return sum(length for _, length in self.sessions)


MARKET_HOURS = {
    "US": Hours(ZoneInfo("America/New_York"), ((time(9, 30), 390),)),
    "HK": Hours(ZoneInfo("Asia/Hong_Kong"), ((time(9, 30), 150), (time(13, 0), 180))),
    "CN": Hours(ZoneInfo("Asia/Shanghai"), ((time(9, 30), 120), (time(13, 0), 120))),
    "FUT": Hours(ZoneInfo("America/New_York"), ((time(18, 0), 1380),), days_ahead=1),
    "CC": Hours(ZoneInfo("UTC"), ((time(0, 0), 1440),)),
}
_HALF_DAY_MINUTES = {"US": 210, "HK": 150, "CN": 240}


@dataclass(frozen=True, slots=True)
class TradingDay:
    """Hold one trading day of a market, all moments in epoch milliseconds.

    ``minutes`` counts the regular minutes, numbered from 0 across the lunch break; ``lunch_minute`` is the
    first minute of the afternoon (0 when there is no break); ``next_open_ms`` is the next day's open.
    """

    market: str
    index: int
    date: date
    midnight_ms: int
    open_ms: int
    close_ms: int
    next_open_ms: int
    minutes: int
    lunch_minute: int
    afternoon_ms: int

    @property
    def start_ms(self) -> int:
        """Return when the day's bar begins: with its date, or with a session that opens on the evening before."""
        return min(self.midnight_ms, self.open_ms)

    def minute_start_ms(self, minute: int) -> int:
        """Return when a regular minute begins."""
        if self.lunch_minute and minute >= self.lunch_minute:
            return self.afternoon_ms + (minute - self.lunch_minute) * MINUTE_MS
        return self.open_ms + minute * MINUTE_MS

    def minute_at(self, at_ms: int) -> int:
        """Return the regular minute that holds a moment; a break or the night belongs to the minute before."""
        if self.lunch_minute and at_ms >= self.afternoon_ms:
            return min(self.lunch_minute + (at_ms - self.afternoon_ms) // MINUTE_MS, self.minutes - 1)
        morning = self.lunch_minute or self.minutes
        return min((at_ms - self.open_ms) // MINUTE_MS, morning - 1)

    @property
    def is_half_day(self) -> bool:
        """Say whether the market closes early on this day."""
        return self.minutes < MARKET_HOURS[self.market].minutes


class Calendar:
    """Number the trading days of one market and find them by moment or date."""

    def __init__(self, market: str) -> None:
        self.market = market
        self.hours = MARKET_HOURS[market]
        self.dates = _trading_dates(market)
        self._last: TradingDay | None = None
        self.day = lru_cache(maxsize=8192)(self._day)

    def _day(self, index: int) -> TradingDay:
        """Return the trading day with a number; numbers outside the calendar raise IndexError."""
        if index < 0:
            raise IndexError(index)
        on = self.dates[index]
        half = is_half_day(self.market, on)
        sessions = self.hours.sessions
        minutes = _HALF_DAY_MINUTES[self.market] if half else self.hours.minutes
        has_break = len(sessions) > 1 and minutes > sessions[0][1]
        opens = self._opens_ms(index)
        afternoon = self._local_ms(on, sessions[1][0]) if has_break else 0
        lunch = sessions[0][1] if has_break else 0
        closes = (afternoon or opens) + (minutes - lunch) * MINUTE_MS
        return TradingDay(
            market=self.market,
            index=index,
            date=on,
            midnight_ms=self._local_ms(on, time()),
            open_ms=opens,
            close_ms=closes,
            next_open_ms=self._opens_ms(index + 1),
            minutes=minutes,
            lunch_minute=lunch,
            afternoon_ms=afternoon,
        )

    def current(self, at_ms: int) -> TradingDay:
        """Return the latest trading day whose session has opened by a moment."""
        last = self._last
        if last is not None and last.open_ms <= at_ms < last.next_open_ms:
            return last
        on = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.hours.zone).date()
        index = bisect_right(self.dates, on) - 1
        day = self.day(max(index, 0))
        if at_ms < day.open_ms and index > 0:
            day = self.day(index - 1)
        elif at_ms >= day.next_open_ms:
            day = self.day(day.index + 1)
        self._last = day
        return day

    def index_from(self, on: date) -> int:
        """Return the number of the first trading day on or after a date."""
        return bisect_left(self.dates, on)

    def local_date(self, at_ms: int) -> date:
        """Return the calendar date at the exchange."""
        return self.local(at_ms).date()

    def local(self, at_ms: int) -> datetime:
        """Return the exchange's wall clock."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.hours.zone)

    def midnight_ms(self, on: date) -> int:
        """Return the epoch milliseconds at which a date begins at the exchange."""
        return self._local_ms(on, time())

    def _opens_ms(self, index: int) -> int:
        on = self.dates[index] - timedelta(days=self.hours.days_ahead)
        return self._local_ms(on, self.hours.sessions[0][0])

    def _local_ms(self, on: date, at: time) -> int:
        return int(datetime.combine(on, at, self.hours.zone).timestamp() * 1000)


@cache
def calendar_of(market: str) -> Calendar:
    """Return the calendar of US, HK, CN, FUT or CC."""
    return Calendar(market)


def _trading_dates(market: str) -> list[date]:
    dates: list[date] = []
    for year in range(FIRST_DAY.year, LAST_YEAR + 1):
        closed = holidays(market, year)
        day = date(year, 1, 1)
        while day.year == year:
            is_open = market == "CC" or (day.weekday() < SATURDAY and day not in closed)
            if is_open and day >= FIRST_DAY:
                dates.append(day)
            day += timedelta(days=1)
    return dates


@cache
def holidays(market: str, year: int) -> frozenset[date]:
    """Return the weekdays of a year on which a market stays closed."""
    if market == "CC":
        return frozenset()
    return frozenset(_us_holidays(year) if market in {"US", "FUT"} else _asian_holidays(market, year))


@cache
def is_half_day(market: str, on: date) -> bool:
    """Say whether a trading day closes early."""
    if market == "US":
        thanksgiving = _nth_weekday(on.year, 11, 3, 4)
        eve_of_july_4 = (on.month, on.day) == (7, 3) and on.weekday() < FRIDAY
        return on == thanksgiving + timedelta(days=1) or (on.month, on.day) == (12, 24) or eve_of_july_4
    if market == "HK":
        return (on.month, on.day) in {(12, 24), (12, 31)}
    return False


def _us_holidays(year: int) -> set[date]:
    closed = {
        _nth_weekday(year, 1, 0, 3),
        _nth_weekday(year, 2, 0, 3),
        easter(year) - timedelta(days=2),
        _nth_weekday(year, 6, 0, 1) - timedelta(days=7),
        _nth_weekday(year, 9, 0, 1),
        _nth_weekday(year, 11, 3, 4),
        _observed(date(year, 7, 4)),
        _observed(date(year, 12, 25)),
    }
    if year >= _FIRST_JUNETEENTH:
        closed.add(_observed(date(year, 6, 19)))
    new_year = date(year, 1, 1)
    # The exchange does not give the Friday when New Year's Day falls on a Saturday (NYSE Rule 7.2).
    if new_year.weekday() != SATURDAY:
        closed.add(_observed(new_year))
    return closed


def _asian_holidays(market: str, year: int) -> set[date]:
    closed = {date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)}
    festival = _LUNAR_NEW_YEAR.get(year)
    if market == "HK":
        sunday = easter(year)
        closed |= {sunday - timedelta(days=2), sunday + timedelta(days=1)}
        closed |= {date(year, 7, 1), date(year, 12, 25), date(year, 12, 26)}
    else:
        closed |= {date(year, 10, day) for day in range(2, 8)}
        closed |= {date(year, 5, day) for day in (2, 3)}
    if festival:
        first = date(year, *festival)
        days = range(3) if market == "HK" else range(-1, 7)
        closed |= {first + timedelta(days=offset) for offset in days}
    return closed


def _observed(on: date) -> date:
    if on.weekday() == SATURDAY:
        return on - timedelta(days=1)
    return on + timedelta(days=1) if on.weekday() == SUNDAY else on


def _nth_weekday(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def easter(year: int) -> date:
    """Return the Gregorian Easter Sunday (Gauss's method as corrected by Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
