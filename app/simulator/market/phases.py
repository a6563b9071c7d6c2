"""What a market is doing at a moment: trading, at lunch, before or after hours, closed."""

from datetime import date, datetime, time, timedelta
from enum import Enum

from app.simulator.market.calendars import Calendar, TradingDay

_PRE_MARKET_OPENS = time(4, 0)
_POST_MARKET_HOURS = 4


class Phase(Enum):
    """Name the states of a market: Tiger's ``status`` is the name, ``marketStatus`` the value."""

    NOT_YET_OPEN = "Not Yet Opened"
    PRE_HOUR_TRADING = "Pre-market Trading"
    TRADING = "Trading"
    MIDDLE_CLOSE = "Lunch Break"
    POST_HOUR_TRADING = "Post-market Trading"
    EARLY_CLOSED = "Early Closed"
    MARKET_CLOSED = "Closed"


def phase_of(calendar: Calendar, at_ms: int) -> Phase:
    """Return the phase of a market that keeps its real hours."""
    local = calendar.local(at_ms)
    day = calendar.current(at_ms)
    if local.date() == day.date:
        return _since_open(calendar, day, at_ms)
    if not _trades_on(calendar, local.date()):
        return Phase.MARKET_CLOSED
    if calendar.market == "US" and local.time() >= _PRE_MARKET_OPENS:
        return Phase.PRE_HOUR_TRADING
    return Phase.NOT_YET_OPEN


def _since_open(calendar: Calendar, day: TradingDay, at_ms: int) -> Phase:
    if at_ms < day.close_ms:
        morning_ends = day.open_ms + day.lunch_minute * 60_000
        return Phase.MIDDLE_CLOSE if day.lunch_minute and morning_ends <= at_ms < day.afternoon_ms else Phase.TRADING
    if calendar.market == "US" and at_ms < post_market_end_ms(day):
        return Phase.POST_HOUR_TRADING
    return Phase.EARLY_CLOSED if day.is_half_day else Phase.MARKET_CLOSED


def post_market_end_ms(day: TradingDay) -> int:
    """Return when after-hours trading of a United States trading day ends."""
    return day.close_ms + _POST_MARKET_HOURS * 3_600_000


def next_open(calendar: Calendar, at_ms: int) -> datetime:
    """Return the next opening after a moment, on the exchange's clock."""
    return calendar.local(calendar.current(at_ms).next_open_ms)


def next_close_ms(calendar: Calendar, at_ms: int) -> int:
    """Return the end of the session that is open, or else of the next one."""
    day = calendar.current(at_ms)
    return day.close_ms if at_ms < day.close_ms else calendar.day(day.index + 1).close_ms


def next_midnight_ms(calendar: Calendar, at_ms: int, at_least_ms: int) -> int:
    """Return the first midnight at the exchange that is at least so far away."""
    tomorrow = calendar.local_date(at_ms + at_least_ms - 1) + timedelta(days=1)
    return calendar.midnight_ms(tomorrow)


def _trades_on(calendar: Calendar, on: date) -> bool:
    return calendar.dates[calendar.index_from(on)] == on
